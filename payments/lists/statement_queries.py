"""What the statement screens read beside `lists.statements`: our accounts, and what stands around a statement."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from companies.accounts import account_key
from companies.models import BankPartner, Company
from payments.lists import statements
from payments.lists.statements import AccountState, Whole
from payments.models import BankEntry, Statement


@dataclass(frozen=True, slots=True)
class Place:
    """A statement with the one before and the one after it on the same account."""

    whole: Whole
    before: Whole | None = None
    after: Whole | None = None


def accounts(company: Company) -> list[tuple[BankPartner, AccountState | None]]:
    """Every account of ours, with what its statements say when there are any."""
    told = {one.account: one for one in statements.accounts(company)}
    partners = BankPartner.objects.filter(company=company).order_by("number")
    return [(partner, told.get(account_key(partner.account))) for partner in partners]


def unanswered(company: Company, *, done: bool) -> QuerySet[BankEntry]:
    """Lines nothing in the books answers, of all accounts; or those a person decided about."""
    if not done:
        return statements.waiting_lines(company)
    rows = BankEntry.objects.filter(company=company, message_type="camt.053", decided_at__isnull=False)
    return rows.select_related("file", "statement", "decided_by", "voucher")


def line(company: Company, line_id: UUID) -> BankEntry | None:
    """One line of a statement."""
    rows = BankEntry.objects.filter(company=company, message_type="camt.053").select_related("file", "company")
    return rows.filter(pk=line_id).first()


def line_by_word(word: str) -> Q:
    """A plain word is an account, a bank reference, or how the text begins."""
    return Q(account=account_key(word)) | Q(bank_reference=word) | Q(text__istartswith=word)


def page_of(company: Company, statement_id: UUID) -> Statement | None:
    """One page of a statement, or the account block of a notification."""
    rows = Statement.objects.filter(company=company).select_related("file", "bank_partner")
    return rows.filter(pk=statement_id).first()


def place_of(company: Company, page: Statement) -> Place:
    """The whole statement this page belongs to. A notification, or a copy of a page, stands for itself."""
    known = statements.of_account(company, page.account, counted=False)
    for number, whole in enumerate(known):
        if any(one.pk == page.pk for one in whole.pages):
            before = known[number - 1] if number else None
            after = known[number + 1] if number + 1 < len(known) else None
            return Place(whole, before, after)
    return Place(Whole(page.account, page.currency_code, page.statement_id, [page]))
