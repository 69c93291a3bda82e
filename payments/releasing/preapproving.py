"""Pre-approval: an approver says yes to invoices before they are in a payment, for this amount and this account.

A payment whose invoices a person approved in advance, all of them, has that person's approval from the moment it is
uploaded; with enough of them it goes straight to the bank. Everything else stays as it is: the uploader never counts,
the number of approvers, the second factor, the hold and Undo, the events. Only where the company allows it, and it can
be withdrawn until the payment is uploaded. Source: decisions §4, domain facts 3.5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.accounts import account_key
from companies.choices import Role
from companies.models import Company, Person
from payments.lists import queries
from payments.models import Payment, PreApproval, SupplierEntry
from payments.preparing import payees, refusals
from payments.preparing.mandates import has_role
from payments.preparing.order_lines import live_lines
from payments.releasing import approval


@dataclass(frozen=True, slots=True)
class Given:
    """How many invoices were approved, and those that were not with the reason."""

    count: int
    refused: tuple[tuple[SupplierEntry, str], ...] = ()


def candidates(company: Company, *, payroll: bool) -> QuerySet[SupplierEntry]:
    """Invoices that are to be paid and stand in no payment yet; salaries only for payroll."""
    rows = queries.open_entries(company, payroll=payroll).select_related("supplier", "voucher_type", "company")
    return rows.filter(status__in=(1, 2), amount__gt=ZERO, remitted=False, held=False, rest__gt=F("in_payment"))


def in_force(company: Company) -> QuerySet[PreApproval]:
    """Pre-approvals nobody withdrew."""
    return PreApproval.objects.filter(company=company, withdrawn_at=None)


def account_of(entry: SupplierEntry) -> str:
    """Where the invoice will be paid to: the account on the voucher, or the supplier's."""
    return payees.account_of(entry.supplier, entry.company.country_id, own=entry.account)


def seen_of(entries: Iterable[SupplierEntry]) -> str:
    """A digest of what stands before an approver: these invoices, what is open on them, where they are paid to."""
    said = sorted(
        f"{one.pk}|{one.rest - one.in_payment:.4f}|{one.currency_id}|{account_key(account_of(one))}" for one in entries
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def give(company: Company, by: Person, entries: Iterable[SupplierEntry], *, second_factor: bool) -> Given:
    """Approve these invoices in advance, for what is open on them now and the account they will be paid to.

    Raises NotAnApprover when the person has no such role, NotAllowed where the company does not allow it.
    """
    _check(company, by)
    done, refused = 0, []
    for entry in entries:
        if not (account := account_of(entry)):
            refused.append((entry, _("the supplier has no account")))
        elif not _keep(entry, by, account, second_factor):
            refused.append((entry, _("you approved it already")))
        else:
            done += 1
    return Given(done, tuple(refused))


def withdraw(company: Company, by: Person, entry_ids: Sequence[int]) -> int:
    """Take one's own pre-approvals back; how many. Payments that are uploaded keep the approvals they have."""
    mine = in_force(company).filter(person=by, entry_id__in=list(entry_ids)[:1000])
    return mine.update(withdrawn_at=timezone.now())


def _check(company: Company, by: Person) -> None:
    if not company.allow_preapproval:
        raise refusals.NotAllowed(_("The company does not allow pre-approval; an administrator can switch it on."))
    if not has_role(company, by, Role.APPROVER):
        text = _("You may not approve payments of %(company)s: the role Approver is missing.")
        raise refusals.NotAnApprover(text % {"company": company.name})


def _keep(entry: SupplierEntry, by: Person, account: str, second_factor: bool) -> bool:
    row = PreApproval(
        company_id=entry.company_id,
        entry=entry,
        person=by,
        amount=entry.rest - entry.in_payment,
        account=account,
        second_factor=second_factor,
        at=timezone.now(),
    )
    row.seal = seal_of(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def seal_of(row: PreApproval) -> str:
    """SHA-256 over everything the row says: one that was changed afterwards does not count."""
    at = row.at.astimezone(tz=timezone.get_fixed_timezone(0)).isoformat(timespec="milliseconds")
    said = (row.entry_id, row.person_id, f"{row.amount:.4f}", row.account, int(row.second_factor), at)
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()


def voices(payment: Payment) -> list[tuple[Person, bool]]:
    """People who approved every invoice of the payment in advance, and whether each time with a second factor.

    A line counts when its amount is not above what was approved and the account is the same. Credit notes only lower
    what is paid and need no approval of their own.
    """
    lines = list(live_lines(payment).filter(amount__gt=ZERO).values_list("entry_id", "amount", "account"))
    found: dict[int, tuple[Person, int, bool]] = {}
    wanted = {entry: (amount, account_key(account)) for entry, amount, account in lines}
    if len(wanted) != len(lines):
        return []
    for some in chunks(wanted):
        rows = in_force(payment.company).filter(entry_id__in=some).select_related("person")
        for row in rows:
            amount, account = wanted[row.entry_id]
            if amount > row.amount or account != account_key(row.account) or row.seal != seal_of(row):
                continue
            person, many, sure = found.get(row.person_id, (row.person, 0, True))
            found[row.person_id] = (person, many + 1, sure and row.second_factor)
    everything = [(person, sure) for person, many, sure in found.values() if many == len(wanted)]
    return sorted(everything, key=lambda one: one[0].pk)


def use(payment: Payment) -> int:
    """Count the pre-approvals of a payment that was just uploaded; how many counted."""
    if not payment.company.allow_preapproval:
        return 0
    used = 0
    for person, second_factor in voices(payment):
        used += approval.approve_beforehand(payment, person, second_factor)
    return used


def marked(entries: QuerySet[SupplierEntry], company: Company, person: Person, view: str) -> QuerySet[SupplierEntry]:
    """Entries of one tab: `mine` approved by this person, `some` by anybody, else not yet by this person."""
    given = in_force(company).filter(entry=OuterRef("pk"))
    if view == "mine":
        return entries.filter(Exists(given.filter(person=person)))
    if view == "some":
        return entries.filter(Exists(given))
    return entries.filter(~Q(Exists(given.filter(person=person))))
