"""What the bank side needs before a company can pay; registered with companies.readiness. Asks nobody outside."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from companies.choices import AgreementState, Channel, LinkState
from companies.models import BankAgreement, Company, SystemInformation
from companies.readiness import Condition
from integration.channels.dropping import ChannelDown
from integration.channels.sftp import pinned
from integration.gateway import address
from integration.gateway.keys import live_keys


def bank_side(company: Company) -> Iterator[Condition]:
    """Gateway, link, key, and the folder or server of agreements that go another way."""
    agreements = list(
        BankAgreement.objects.filter(company=company, state=AgreementState.ACTIVE, active_outgoing=True)
        .select_related("bank_partner")
        .order_by("pk")
    )
    if any(agreement.channel == Channel.GATEWAY for agreement in agreements) or not agreements:
        yield from _gateway(company)
    for agreement in agreements:
        if agreement.channel != Channel.GATEWAY:
            yield _other_way(agreement)


def _gateway(company: Company) -> Iterator[Condition]:
    row = SystemInformation.objects.filter(pk=1).first()
    where = _("System information")
    stops = [one for one in address.check(row.opg_address) if one.stops] if row and row.opg_address else []
    if row is None or not row.opg_address:
        yield Condition("gateway_address", False, _("No gateway address is entered."), where)
    elif stops:
        yield Condition("gateway_address", False, _(stops[0].message) % stops[0].params, where)
    else:
        yield Condition("gateway_address", True, _("The gateway address is entered."))
    known = bool(row and row.gateway_user and row.gateway_password)
    text = _("Gateway user and password are entered.") if known else _("Gateway user or password is missing.")
    yield Condition("gateway_user", known, text, "" if known else where)
    linked = company.link_state == LinkState.LINKED and bool(company.visma_company_id)
    text = _("The company is linked with Visma.net.") if linked else _("The company is not linked with Visma.net.")
    yield Condition("linked", linked, text, "" if linked else _("Enable Visma.net: Export/update companies"))
    signs = bool(live_keys(company))
    text = _("The signing key is there.") if signs else _("The signing key is missing.")
    yield Condition("signing_key", signs, text, "" if signs else _("Enable Visma.net: export again, or Enter key"))


def _other_way(agreement: BankAgreement) -> Condition:
    code, partner = f"channel_{agreement.pk}", str(agreement.bank_partner)
    where = _("Bank agreement of %(partner)s") % {"partner": partner}
    if not agreement.channel_address:
        return Condition(code, False, _("%(partner)s: no folder or SFTP address.") % {"partner": partner}, where)
    if agreement.channel == Channel.SFTP:
        try:
            pinned(agreement.channel_host_key)
        except ChannelDown as error:
            return Condition(code, False, f"{partner}: {error}", where)
    return Condition(code, True, _("%(partner)s: files go to a known place.") % {"partner": partner})
