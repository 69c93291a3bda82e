"""Ways to the bank side: gateway (OPG), folder, SFTP. A transfer keeps the channel it was sealed for."""

from __future__ import annotations

from companies.choices import Channel as Kind
from integration.channels.base import Channel
from integration.channels.folder import folder_channel
from integration.channels.gateway import GatewayChannel
from integration.channels.sftp import sftp_channel
from payments.models import Transfer


def channel_of(transfer: Transfer) -> Channel:
    """The channel a transfer goes by."""
    agreement = transfer.payment.agreement
    if transfer.channel == Kind.FOLDER:
        return folder_channel(agreement)
    if transfer.channel == Kind.SFTP:
        return sftp_channel(agreement)
    return GatewayChannel()
