"""Pass 1 of an import: may this file be booked here at all? Decided before a single row is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from autopay_console.kernel.once import once
from companies.accounts import account_key
from companies.choices import AgreementState, BankSystem, BookingSource
from companies.models import BankAgreement, BankPartner, Company, FactoringCompany
from payments.choices import FileState, ImportPhase
from payments.iso20022 import keys
from payments.iso20022.messages import Account, Survey
from payments.models import BankFile


class ImportRefused(Exception):
    """The file may not be imported; the text names what is wrong and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Own:
    """One of the company's accounts: who it is at the bank, how its references are read, which message books it."""

    key: str
    partner: BankPartner | None
    factoring: FactoringCompany | None
    source: BookingSource
    currency: str

    @property
    def gl_bank(self) -> str:
        """Where the account is booked: the Factoring row, else the bank partner, else Company data."""
        if self.factoring is not None:
            return self.factoring.gl_bank
        return self.partner.gl_bank if self.partner else ""

    @property
    def gl_fee(self) -> str:
        for row in (self.factoring, self.partner):
            if row is not None and row.gl_fee:
                return row.gl_fee
        return ""

    def books(self, message_type: str) -> bool:
        """Whether this message books the account; 052 never does, the other one only proves."""
        if self.source == BookingSource.STATEMENT:
            return message_type == "camt.053"
        return message_type in ("camt.054", "vip")


def own_accounts(company: Company) -> dict[str, Own]:
    """All accounts of the company by their key, however the bank writes them; two queries."""
    return once(("own accounts", company.pk), lambda: _own_accounts(company))


def _own_accounts(company: Company) -> dict[str, Own]:
    found: dict[str, Own] = {}
    active = BankAgreement.objects.filter(bank_partner=OuterRef("pk"), state=AgreementState.ACTIVE).order_by("-pk")
    rows = BankPartner.objects.filter(company=company).select_related("country").order_by("number")
    partners = {row.pk: row for row in rows.annotate(books_by=Subquery(active.values("booking_source")[:1]))}
    factoring = {account_key(row.bank_account): row for row in FactoringCompany.objects.filter(company=company)}
    for known in factoring.values():
        if known.bank_partner_id in partners:
            known.bank_partner = partners[known.bank_partner_id]
    for partner in sorted(partners.values(), key=lambda row: (not row.active, row.bank_system != BankSystem.AUTOPAY)):
        source = BookingSource(partner.books_by) if partner.books_by is not None else BookingSource.NOTIFICATION
        for key in {account_key(partner.account)}:
            row = factoring.get(key)
            found.setdefault(key, Own(key, partner, row, source, partner.currency_id))
    for key, row in factoring.items():
        found.setdefault(key, Own(key, row.bank_partner, row, BookingSource.NOTIFICATION, _currency_of(row, company)))
    if company.bank_account_fallback and (key := account_key(company.bank_account_fallback)):
        found.setdefault(key, Own(key, None, None, BookingSource.NOTIFICATION, company.currency_id))
    return found


def _currency_of(row: FactoringCompany, company: Company) -> str:
    return row.bank_partner.currency_id if row.bank_partner else company.currency_id


def owners(company: Company, accounts: Iterable[Account]) -> dict[int, Own]:
    """For each account of the file the company's own one; refuses a file that speaks of any other."""
    known = own_accounts(company)
    found: dict[int, Own] = {}
    for account in accounts:
        own = next((known[key] for key in _keys(account) if key in known), None)
        if own is None:
            raise _stranger(company, account)
        _check_agreement(own, account)
        found[account.index] = own
    return found


def _keys(account: Account) -> list[str]:
    return [account_key(number) for number in (account.id, account.iban, account.bban) if number]


def _stranger(company: Company, account: Account) -> ImportRefused:
    words = {"account": account.id, "line": account.line, "company": company}
    wanted = set(_keys(account))
    for partner in BankPartner.objects.exclude(company=company).select_related("company"):
        if account_key(partner.account) in wanted:
            text = _("Line %(line)s: account %(account)s belongs to company %(owner)s, not to %(company)s.")
            return ImportRefused("foreign_account", text % {**words, "owner": partner.company})
    text = _(
        "Line %(line)s: account %(account)s is not an account of company %(company)s. Enter it as a bank partner or "
        "factoring company, exactly as the file writes it, and load the file again."
    )
    return ImportRefused("unknown_account", text % words)


def _check_agreement(own: Own, account: Account) -> None:
    """Only an active agreement imports. Accounts known by a Factoring row or Company data alone have no bank partner
    to agree anything with."""
    if own.partner is None:
        return
    agreements = list(own.partner.agreements.all())
    if not agreements:
        text = _(
            "Account %(account)s has no agreement. Make one under Agreements, have it activated with “Active for "
            "download”, and load the file again."
        )
        raise ImportRefused("no_agreement", text % {"account": account.id})
    if not any(row.active_download for row in agreements if row.state == AgreementState.ACTIVE):
        text = _("No active agreement lets account %(account)s be downloaded. Activate it under Agreements.")
        raise ImportRefused("no_agreement", text % {"account": account.id})


def check_content(survey: Survey) -> None:
    """A file of another kind, a test file, or one that holds nothing the books could use."""
    if survey.type == "pain.001":
        raise ImportRefused(
            "payment_order", _("This is a payment order, not something a bank sent. It is not imported.")
        )
    marked = next((warning for warning in survey.warnings if warning.code == "test_file"), None)
    if marked is not None:
        raise ImportRefused(
            "test_file", _("The bank marks this file as a test (line %(line)s).") % {"line": marked.line}
        )


def message_key(survey: Survey) -> str:
    """What the message is recognised by; the bank is named by the account's BIC or number."""
    if not survey.head.message_id:
        return ""
    sender = next((account.bic[:4] or account_key(account.id) for account in survey.accounts), "")
    key = keys.message_key(survey.head, sender)
    return key if len(key) <= 120 else hashlib.sha256(key.encode()).hexdigest()


def figures(survey: Survey) -> dict[str, Any]:
    """Counts and sums of a file, to see whether two deliveries of one message say the same."""
    return {
        "entries": survey.entries,
        "details": survey.details,
        "sums": [
            [survey.accounts[row.account].id, row.currency, str(row.credit_sum), str(row.debit_sum)]
            for row in survey.sums
        ],
    }


def earlier_delivery(file: BankFile, key: str) -> BankFile | None:
    """A file of the same message that is in the books already."""
    if not key:
        return None
    live = BankFile.objects.filter(company_id=file.company_id, message_key=key, phase__gt=ImportPhase.STAGING)
    return live.exclude(pk=file.pk).exclude(state=FileState.ERROR).order_by("received_at").first()
