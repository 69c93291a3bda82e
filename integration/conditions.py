"""How files reach the bank side, as a condition of paying; registered with companies.readiness. Asks nobody outside.

Link and signing key are checked where a payment is checked before its upload (payments.validation).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from companies.choices import AgreementState, Channel
from companies.models import BankAgreement, Company, SystemInformation
from companies.problems import Problem, gettext_noop, stop
from companies.readiness import Condition, installation
from integration.gateway import address


def gateway_address(row: SystemInformation) -> Iterator[tuple[str, Problem]]:
    """The form of the gateway's address, on the field of System information."""
    if row.opg_address:
        yield from (("opg_address", problem) for problem in address.check(row.opg_address))


def host_key(row: BankAgreement) -> Iterator[tuple[str, Problem]]:
    """The public key of the bank's SFTP server can be read."""
    if row.channel == Channel.SFTP and row.channel_host_key.strip():
        from integration.channels.dropping import ChannelDown
        from integration.channels.sftp import pinned  # paramiko is slow to load, and few banks take files so

        try:
            pinned(row.channel_host_key)
        except ChannelDown:
            message = gettext_noop("This is no public key of a server; the bank publishes it (ssh-ed25519 AAAA…).")
            yield "channel_host_key", stop("channel_host_key", message)


def bank_side(company: Company) -> Iterator[Condition]:
    """The gateway, and the folder or server of agreements that go another way."""
    agreements = [one for one in company.agreements.all() if one.state == AgreementState.ACTIVE and one.active_outgoing]
    if any(agreement.channel == Channel.GATEWAY for agreement in agreements) or not agreements:
        yield from _gateway()
    for agreement in agreements:
        if agreement.channel != Channel.GATEWAY:
            yield _other_way(agreement)


def _gateway() -> Iterator[Condition]:
    row = installation()
    where, page = _("Enter it under Enable Visma.net."), ("enable",)
    stops = [one for one in address.check(row.opg_address) if one.stops] if row and row.opg_address else []
    if row is None or not row.opg_address:
        yield Condition("gateway_address", False, _("No gateway address is entered."), where, page)
    elif stops:
        yield Condition("gateway_address", False, _(stops[0].message) % stops[0].params, where, page)
    else:
        yield Condition("gateway_address", True, _("The gateway address is entered."))
    known = bool(row and row.gateway_user and row.gateway_password)
    text = _("Gateway user and password are entered.") if known else _("Gateway user or password is missing.")
    yield Condition("gateway_user", known, text, "" if known else where, page)


def _other_way(agreement: BankAgreement) -> Condition:
    code, partner = f"channel_{agreement.pk}", str(agreement.bank_partner)
    where = _("Bank agreement of %(partner)s") % {"partner": partner}
    page = ("setup_row", "agreement", str(agreement.pk))
    if not agreement.channel_address:
        return Condition(code, False, _("%(partner)s: no folder or SFTP address.") % {"partner": partner}, where, page)
    if agreement.channel == Channel.SFTP:
        from integration.channels.dropping import ChannelDown
        from integration.channels.sftp import pinned  # paramiko is slow to load, and few banks take files so

        try:
            pinned(agreement.channel_host_key)
        except ChannelDown as error:
            return Condition(code, False, f"{partner}: {error}", where, page)
    return Condition(code, True, _("%(partner)s: files go to a known place.") % {"partner": partner})
