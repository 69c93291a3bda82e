"""What the bank says of each account: statements in order with the holes between them, and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from companies.models import BankPartner, Company
from payments.iso20022.keys import account_key
from payments.models import BankEntry, Statement

STATEMENT = "camt.053"


@dataclass(frozen=True, slots=True)
class AccountAtBank:
    """One of our accounts and the last statement the bank sent for it."""

    partner: BankPartner
    last: Statement | None
    holes: int


@dataclass(frozen=True, slots=True)
class InOrder:
    """A statement and what does not fit: `gap` to the one before, `off` when its own lines do not add up."""

    statement: Statement
    gap: Decimal | None = None
    off: Decimal | None = None


def statements(company: Company) -> QuerySet[Statement]:
    """Account statements with balances (camt.053); notifications have none."""
    rows = Statement.objects.filter(company=company, file__type=STATEMENT)
    return rows.select_related("file", "bank_partner")


def statement(company: Company, statement_id: UUID) -> Statement | None:
    """One statement, or the account block of a notification."""
    rows = Statement.objects.filter(company=company).select_related("file", "bank_partner")
    return rows.filter(pk=statement_id).first()


def of_account(company: Company, account: str, most: int = 100) -> list[InOrder]:
    """The newest statements of an account, newest first, each compared with the one before it."""
    rows = statements(company).filter(account=account_key(account))
    return in_order(list(rows.order_by("-to_date", "-page", "-id")[: most + 1]))[:most]


def in_order(newest_first: Sequence[Statement]) -> list[InOrder]:
    """Each with its gap: opening balance less the closing balance before it. Balances left out leave no gap."""
    found = []
    older = [*newest_first[1:], None]
    for one, before in zip(newest_first, older, strict=True):
        gap = None
        if before is not None and one.opening is not None and before.closing is not None:
            gap = one.opening - before.closing or None
        found.append(InOrder(one, gap, _off(one)))
    return found


def _off(one: Statement) -> Decimal | None:
    if one.opening is None or one.closing is None or one.booked_sum is None:
        return None
    return one.closing - one.opening - one.booked_sum or None


def accounts(company: Company) -> list[AccountAtBank]:
    """Every account of ours with its newest statement and how many holes there are in the last hundred."""
    found = []
    for partner in BankPartner.objects.filter(company=company).order_by("number"):
        rows = of_account(company, partner.account)
        last = rows[0].statement if rows else None
        found.append(AccountAtBank(partner, last, sum(1 for one in rows if one.gap or one.off)))
    return found


def entries(statement: Statement) -> QuerySet[BankEntry]:
    """The lines of a statement in the bank's order."""
    return BankEntry.objects.filter(statement=statement).select_related("voucher", "linked_to__file", "file")


def neighbours(statement: Statement) -> tuple[Statement | None, Statement | None]:
    """The statements before and after this one on the same account."""
    if statement.to_date is None:
        return None, None
    own = Statement.objects.filter(company_id=statement.company_id, account=statement.account, file__type=STATEMENT)
    before = own.filter(to_date__lt=statement.to_date).order_by("-to_date", "-page").first()
    after = own.filter(to_date__gt=statement.to_date).order_by("to_date", "page").first()
    return before, after
