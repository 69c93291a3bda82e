"""Both sides made acquainted: the banks' agreements and rules at the sandbox, the link and the keys on ours."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from companies.accounts import iban_from_norwegian
from companies.models import BankAgreement, Company, SystemInformation

if TYPE_CHECKING:
    from demo.town import Town

OPENING = "2500000.00"
RATES = {"EUR": "11.6455", "SEK": "1.0215", "DKK": "1.5604", "USD": "10.0850"}
RULES: list[dict[str, Any]] = [
    {
        "stage": "item", "name": "account closed", "when": {"name": "Stengt Konto*"},
        "then": {"outcome": "reject", "code": "AC04", "text": "The payee's account is closed."},
    },
    {
        "stage": "item", "name": "came back", "when": {"name": "Retur Gods*"},
        "then": {"outcome": "return", "code": "AC04", "days": 2},
    },
    {
        "stage": "item", "name": "fee on dollars", "when": {"currency": "USD"},
        "then": {"outcome": "settle", "fee": "75.00", "feeBooking": "inside"},
    },
    {
        "stage": "item", "name": "fee on euro", "when": {"currency": "EUR", "company": "NO-*"},
        "then": {"outcome": "settle", "fee": "12.00", "feeBooking": "apart"},
    },
    {
        "stage": "delivery", "name": "told twice", "when": {"messageType": "OutgoingPaymentStatus"},
        "then": {"deliver": "twice"}, "times": 3,
    },
    {
        "stage": "delivery", "name": "late", "when": {"fileKind": "vip"},
        "then": {"deliver": "late", "minutes": 30}, "times": 1,
    },
]  # fmt: skip


def keyid(company: Company) -> str:
    """How the protocol names a company: country and organisation number."""
    return f"{company.country_id}-{company.organisation_no}"


def introduce(town: Town, moment: datetime) -> None:
    """Tell the sandbox about accounts, rates, rules and the date."""
    agreements = [
        {
            "company": keyid(agreement.company),
            "account": agreement.bank_partner.account,
            "iban": _iban(agreement.bank_partner.account),
            "currency": agreement.currency_id,
            "bic": agreement.bank_partner.bic,
            "owner": agreement.debtor_name,
            "opening": OPENING,
        }
        for agreement in BankAgreement.objects.select_related("company", "bank_partner").order_by("id")
    ]
    town.sandbox("/clock", {"to": moment.strftime("%Y-%m-%dT%H:%M")})
    town.sandbox("/agreements", {"agreements": agreements})
    town.sandbox("/rates", RATES)
    town.sandbox("/rules", RULES, "PUT")


def _iban(account: str) -> str:
    return account if account[:2].isalpha() else iban_from_norwegian(account)


def link(town: Town) -> None:
    """Gateway user on our side, and every company that is not linked yet exported."""
    from companies.choices import LinkState
    from companies.models import Person
    from integration import company_sync

    system = SystemInformation.objects.get(pk=1)
    system.gateway_user, system.gateway_password = "gateway", "sandbox"
    system.save(update_fields=["gateway_user", "gateway_password"])
    waiting = list(Company.objects.exclude(link_state=LinkState.LINKED).order_by("number"))
    if waiting:
        with town.tell.step("companies exported to Visma.net, signing keys received"):
            company_sync.export(waiting, by=Person.objects.get(username="dag"))
