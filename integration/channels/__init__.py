"""Ways to the bank side: gateway (OPG), folder, SFTP. A transfer keeps the channel it was sealed for."""

from __future__ import annotations

from companies.choices import Channel as Kind
from companies.models import BankAgreement
from integration.channels.base import Channel
from integration.channels.dropping import Inlet
from integration.channels.folder import folder_channel, folder_inlet
from integration.channels.gateway import GatewayChannel
from payments.models import Transfer


def channel_of(transfer: Transfer) -> Channel:
    """The channel a transfer goes by."""
    agreement = transfer.payment.agreement
    if transfer.channel == Kind.FOLDER:
        return folder_channel(agreement)
    if transfer.channel == Kind.SFTP:
        from integration.channels.sftp import sftp_channel  # paramiko is slow to load, and few banks take files so

        return sftp_channel(agreement)
    return GatewayChannel()


def inlet_of(agreement: BankAgreement) -> Inlet:
    """Where the bank side puts files for us, at an agreement that goes by folders."""
    if agreement.channel == Kind.FOLDER:
        return folder_inlet(agreement)
    from integration.channels.sftp import sftp_inlet

    return sftp_inlet(agreement)
