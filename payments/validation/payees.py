"""Is the account really the supplier's? First payments, and accounts changed of late, with who entered and accepted.

Most payment fraud is a changed account on an invoice that looks right (decisions §6: until a second person accepted a
change, the old account is used; afterwards the warning names both).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.accounts import account_key
from companies.choices import PendingState
from companies.clock import business_now
from companies.models import PayeeAccount, PendingChange, Person
from payments.models import PaymentLine
from payments.preparing.ordering import Desk
from payments.preparing.selection import ACCOUNT_FIELDS
from payments.validation import refused_before
from payments.validation.finding import Finding, Remedy, stop, warn

NEW_FOR = timedelta(days=30)
_Known = dict[tuple[int, str], PayeeAccount]


def first_of_each(lines: Iterable[PaymentLine], seen: set[tuple[int, str]]) -> list[PaymentLine]:
    """Each supplier and account once, on its first line; `seen` remembers those of earlier lines."""
    fresh = []
    for line in lines:
        key = (line.supplier_id, account_key(line.account))
        if line.account and key not in seen:
            seen.add(key)
            fresh.append(line)
    return fresh


def look(desk: Desk, lines: Sequence[PaymentLine]) -> Iterator[Finding]:
    """The findings of these lines' accounts; the lines need not be kept yet."""
    if not lines:
        return
    suppliers = {line.supplier_id for line in lines}
    known = _known_accounts(desk, suppliers)
    refused: dict[int, PaymentLine] = {}
    waiting, decided = _changes(desk, suppliers)
    recent = business_now(desk.company) - NEW_FOR
    for line in lines:
        key = (line.supplier_id, account_key(line.account))
        remedy = Remedy("supplier", (line.supplier_id,))
        if (change := waiting.get(line.supplier_id)) is not None:
            yield _about_a_waiting_change(line, change, remedy)
        account = known.get(key)
        if (lost := getattr(account, "refused", None)) is not None and lost > (getattr(account, "paid", None) or 0):
            refused[lost] = line
        if account is not None and account.accepted_at is None and account.entered_by is not None:
            text = _("Account %(account)s was entered by %(who)s and waits for a second person.")
            values = {"account": line.account, "who": account.entered_by.shown}
            yield stop("account_not_accepted", text % values, line.pk, remedy)
        elif account is None or account.first_paid_on is None:
            yield _first_payment(line, account, decided.get(key), remedy)
        elif account.entered_at >= recent and not _learned_by_paying(account):
            yield _changed_lately(line, account, decided.get(key), remedy)
    yield from refused_before.look(refused)


def _learned_by_paying(account: PayeeAccount) -> bool:
    """The register got the row from a settled payment, not from somebody who changed the supplier."""
    nobody = account.entered_by_id is None and account.accepted_by_id is None
    return nobody and account.first_paid_on is not None and account.entered_at.date() >= account.first_paid_on


def _known_accounts(desk: Desk, suppliers: set[int]) -> _Known:
    rows = PayeeAccount.objects.filter(supplier_id__in=suppliers).select_related("entered_by", "accepted_by")
    rows = rows.annotate(**refused_before.latest_of(desk.company))
    return {(row.supplier_id, account_key(row.account)): row for row in rows}


def _changes(desk: Desk, suppliers: set[int]) -> tuple[dict[int, PendingChange], dict[tuple[int, str], PendingChange]]:
    rows = PendingChange.objects.filter(
        Q(state=PendingState.WAITING) | Q(state=PendingState.ACCEPTED, decided_at__gte=timezone.now() - 2 * NEW_FOR),
        company=desk.company,
        table="supplier",
        field__in=ACCOUNT_FIELDS,
        object_id__in=suppliers,
    ).select_related("asked_by", "decided_by")
    waiting, decided = {}, {}
    for row in rows.order_by("pk"):
        if row.state == PendingState.WAITING:
            waiting[row.object_id] = row
        else:
            decided[row.object_id, account_key(row.after)] = row
    return waiting, decided


def _about_a_waiting_change(line: PaymentLine, change: PendingChange, remedy: Remedy) -> Finding:
    values = {"who": change.asked_by.shown, "new": change.after, "old": line.account}
    if account_key(change.after) == account_key(line.account):
        text = _("%(who)s changed the account to %(new)s; it cannot be paid before a second person accepts it.")
        return stop("account_change_waits", text % values, line.pk, remedy)
    text = _("%(who)s asked to change the account to %(new)s, nobody has accepted it yet; %(old)s is paid.")
    return warn("account_change_asked", text % values, line.pk, remedy)


def _people(account: PayeeAccount | None, change: PendingChange | None) -> tuple[str, str]:
    """Who entered the account and who accepted it, as far as it is known."""
    entered: Person | None = (account.entered_by if account else None) or (change.asked_by if change else None)
    accepted: Person | None = (account.accepted_by if account else None) or (change.decided_by if change else None)
    nobody = _("nobody")
    return entered.shown if entered else nobody, accepted.shown if accepted else nobody


def _first_payment(
    line: PaymentLine, account: PayeeAccount | None, change: PendingChange | None, remedy: Remedy
) -> Finding:
    entered, accepted = _people(account, change)
    if account is None and change is None:
        text = _("First payment to account %(account)s; it stands in no register of this supplier's accounts.")
    else:
        text = _("First payment to account %(account)s; entered by %(entered)s, accepted by %(accepted)s.")
    values = {"account": line.account, "entered": entered, "accepted": accepted}
    return warn("account_first_payment", text % values, line.pk, remedy)


def _changed_lately(line: PaymentLine, account: PayeeAccount, change: PendingChange | None, remedy: Remedy) -> Finding:
    entered, accepted = _people(account, change)
    text = _("Account %(account)s is new since %(day)s: entered by %(entered)s, accepted by %(accepted)s.")
    values = {
        "account": line.account,
        "day": f"{account.entered_at:%Y-%m-%d}",
        "entered": entered,
        "accepted": accepted,
    }
    return warn("account_changed", text % values, line.pk, remedy)
