"""Looks up what the rules need, for a thousand payments at a time: one query per key and chunk, never per payment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.models import Company, Customer
from payments.choices import STILL_OPEN, EntryKind
from payments.iso20022.keys import account_key
from payments.matching import payer_accounts, phrase
from payments.matching.facts import Entry, Phrase, Told
from payments.matching.ledger_view import LedgerView, Payer
from payments.matching.lookup_keys import split_invoice_forms, split_of
from payments.matching.reading import forms_of, invoice_forms, may_be_reference
from payments.matching.sums import MOST_ENTRIES
from payments.models import CustomerEntry, Match, PhraseRule, Voucher

FEW = 3  # entries of one amount that may still be proposed to a person
_COLUMNS = (
    "id", "customer_id", "customer__number", "customer__name", "kind", "invoice_no", "kid", "currency_id", "rest",
    "due_date", "discount_amount", "discount_date", "settled_on",
)  # fmt: skip


def look_up_references(view: LedgerView, company: Company, payments: Iterable[Told]) -> None:
    """Entries by reference and by invoice number, for everything these payments tell."""
    kids: set[str] = set()
    invoices: set[str] = set()
    for told in payments:
        kids.update(told.forms)
        if told.split is not None and told.split.invoice:
            invoices.update(split_invoice_forms(told))
        tokens = [named.token for named in told.paid.documents] + list(told.numbers)
        if told.paid.reference and not told.paid.reference_valid:
            tokens.append(told.paid.reference)
        for token in tokens:
            invoices.update(invoice_forms(token))
            if may_be_reference(token):
                kids.update(forms_of(token))
        for number in told.numbers:
            if (cut := split_of(told, number)) is not None and cut[1]:
                invoices.add(cut[1])
    base = CustomerEntry.objects.filter(company=company)
    found = [row for part in chunks(sorted(kids - {""})) for row in _rows(base.filter(kid__in=part))]
    for kind in (EntryKind.INVOICE, EntryKind.CREDIT_NOTE):
        for part in chunks(sorted(invoices)):
            found += _rows(base.filter(kind=kind, invoice_no__in=[number[:35] for number in part]))
    view.add(_without_pending(found))


def look_up_customers(view: LedgerView, company: Company, numbers: Iterable[int]) -> None:
    """Customers by number, and the first open entries of each."""
    wanted = sorted(number for number in set(numbers) if number not in view.customer_ids)
    for part in chunks(wanted):
        rows = Customer.objects.filter(company=company, number__in=part).values_list("number", "id")
        view.customer_ids.update(dict(rows))


def look_up_open_entries(view: LedgerView, customer_ids: Iterable[int]) -> None:
    """The oldest open entries of each customer, one more than a sum may be looked for in."""
    wanted = sorted(id_ for id_ in set(customer_ids) if not view.knows_open_of(id_))
    for part in chunks(wanted):
        numbered = CustomerEntry.objects.filter(customer_id__in=part, status__in=STILL_OPEN).annotate(
            place=Window(RowNumber(), partition_by=[F("customer_id")], order_by=[F("due_date").asc(), F("id").asc()])
        )
        of: dict[int, list[Entry]] = defaultdict(list)
        rows = list(numbered.filter(place__lte=MOST_ENTRIES + 1).order_by("due_date", "id").values_list(*_COLUMNS))
        for entry in _without_pending(rows):
            of[entry.customer_id].append(entry)
        for id_ in part:
            view.add_open_of(id_, of[id_])


def look_up_payers(view: LedgerView, company: Company, payments: Iterable[Told]) -> None:
    """Customers behind payer accounts (learned, or on the customer's card) and behind the very name."""
    accounts = {account_key(told.paid.payer_account) for told in payments} - {""}
    names = {told.paid.payer_name for told in payments} - {""}
    found: dict[str, dict[int, Payer]] = defaultdict(dict)
    for part in chunks(sorted(accounts)):
        for row in payer_accounts.of_few(company, part):
            found[row.account][row.customer_id] = _payer(row.customer, row.seen, "account")
        for customer in Customer.objects.filter(Q(account__in=part) | Q(iban__in=part), company=company):
            for account in {account_key(customer.account), account_key(customer.iban)} & set(part):
                found[account].setdefault(customer.pk, _payer(customer, 0, "card"))
    for part in chunks(sorted(names)):
        for customer in Customer.objects.filter(company=company, name__in=part):
            found[customer.name].setdefault(customer.pk, _payer(customer, 0, "name"))
    for key, customers in found.items():
        view.payers[key] = tuple(sorted(customers.values(), key=lambda payer: (-payer.seen, payer.customer_no)))


def phrases_of(company: Company) -> tuple[Phrase, ...]:
    """The company's phrases that are on, the longest first: it says more."""
    rows = PhraseRule.objects.filter(company=company, active=True).select_related("customer")
    found = [
        Phrase(
            phrase.folded(row.phrase),
            row.phrase,
            row.gl_account,
            row.customer.pk if row.customer else 0,
            row.customer.number if row.customer else 0,
            row.customer.name if row.customer else "",
            row.posts,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.words), one.words)))


def look_up_amounts(view: LedgerView, company: Company, payments: Iterable[Told]) -> None:
    """Open entries of exactly the paid amount, where no more than a few have it."""
    wanted: dict[str, set[Decimal]] = defaultdict(set)
    for told in payments:
        wanted[told.paid.currency].add(told.paid.amount)
    for currency, amounts in wanted.items():
        for part in chunks(sorted(amounts)):
            base = CustomerEntry.objects.filter(company=company, status__in=STILL_OPEN, currency_id=currency)
            counted = base.filter(rest__in=part).values("rest").annotate(n=Count("id")).order_by()
            seldom = [row["rest"] for row in counted if row["n"] <= FEW]
            of: dict[Decimal, list[Entry]] = defaultdict(list)
            if seldom:
                for entry in _without_pending(_rows(base.filter(rest__in=seldom))):
                    of[entry.open].append(entry)
            for amount in part:
                view.add_amount(currency, amount, of[amount])


Row = tuple[Any, ...]


def _rows(query: QuerySet[CustomerEntry]) -> list[Row]:
    return list(query.order_by("due_date", "id").values_list(*_COLUMNS))


def _without_pending(rows: list[Row]) -> list[Entry]:
    """Entries with what other payments were matched to, and did not book yet, taken off."""
    pending = pending_of(row[0] for row in rows)
    return [_entry(row, pending.get(row[0], ZERO)) for row in rows]


def pending_of(entry_ids: Iterable[int]) -> dict[int, Decimal]:
    """Per entry: matched, but the voucher is not posted yet, so the entry's rest does not know of it."""
    found: dict[int, Decimal] = {}
    posted = Voucher.objects.filter(
        company_id=OuterRef("incoming__company_id"), source_key=OuterRef("source_key"), number__isnull=False
    )
    for part in chunks(dict.fromkeys(entry_ids)):
        rows = Match.objects.filter(~Exists(posted), entry_id__in=part).values("entry_id").annotate(sum=Sum("closes"))
        found.update({row["entry_id"]: row["sum"] for row in rows.order_by()})
    return found


def _entry(row: Row, pending: Decimal) -> Entry:
    (id_, customer_id, number, name, kind, invoice, kid, currency, rest, due, discount, until, settled) = row
    return Entry(
        id_, customer_id, number, name, kind, invoice, kid, currency, rest - pending, due, discount, until, settled
    )


def _payer(customer: Customer, seen: int, how: str) -> Payer:
    return Payer(customer.pk, customer.number, customer.name, seen, how)
