"""Open entries of an import: checked and planned as if registered by hand; what is paid or on its way stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from payments.choices import EntryKind, PaidStatus, RowOutcome
from payments.table_import import customer_entries, supplier_entries
from payments.table_import.checking import Values, check_amounts, missing_for_new, read_row
from payments.table_import.context import Context, Planned, Problems, Raw, numbers_in

# what a row may change; rest, status, reservation and history are the books' own
COMPARED = (
    *("voucher_no", "entry_date", "due_date", "currency_id", "amount", "amount_booked", "discount_amount"),
    *("discount_date", "kid", "voucher_type_id", "extra_text", "account", "fee_code", "declaration_code", "held"),
)
FOLLOWS = ("rest", "planned_date", "planned_why", "customer_id", "kind")  # made anew when something else changed


def plan(context: Context, rows: Sequence[tuple[int, Raw]]) -> list[Planned]:
    """What would become of these rows; parties and entries are looked up for all of them at once."""
    side = supplier_entries if context.table.name == "supplier_entry" else customer_entries
    read = [(row_no, *read_row(context, raw)) for row_no, raw in rows]
    parties = side.parties(context, numbers_in(((row_no, values) for row_no, values, _p in read), side.PARTY))
    for _row_no, values, problems in read:
        problems += _settle_kind(values)
    known = _known(context, side, parties, (values for _row_no, values, _p in read))
    found = []
    for row_no, values, problems in read:
        party = parties.get(values.get(side.PARTY, 0))
        planned = Planned(row_no, label=_label(values, side.PARTY, party), problems=problems)
        if party is None and side.PARTY in values:
            planned.problems.append((side.PARTY, side.unknown(values[side.PARTY])))
        if "kind" in values and "invoice_no" in values and party is not None:
            planned.key = side.key_text(values, party)
            _decide(context, side, planned, values, party, known.get(side.key(values, party)))
        found.append(planned)
    if context.table.name == "supplier_entry":
        supplier_entries.mark_new_accounts(found, {party.pk: party for party in parties.values()})
    return found


def _decide(context: Context, side: Any, planned: Planned, values: Values, party: Any, before: Any) -> None:
    if before is None:
        planned.problems += missing_for_new(context.table, values, planned.problems)
    full = _with_what_stands(context, values, before)
    planned.problems += check_amounts(context, full, full.get("currency", context.company.currency_id))
    if planned.problems:
        return
    made, problems = side.make(context, party, full)
    planned.problems += problems
    if planned.problems:
        return
    planned.row = made
    if before is None:
        planned.outcome = RowOutcome.CREATED
        return
    planned.object_id = before.pk
    if getattr(before, "customer_id", party.pk) != party.pk:
        planned.problems.append((side.PARTY, _("The invoice belongs to another customer already.")))
        return
    planned.changes = _differences(before, made)
    if not planned.changes:
        planned.outcome = RowOutcome.UNCHANGED
    elif why := closed(before):
        planned.problems, planned.changes = [("invoice_no", why)], {}
    else:
        planned.outcome = RowOutcome.CHANGED


def closed(entry: Any) -> str:
    """Why an entry may not be changed any more; empty when nothing has happened to it."""
    if entry.status in (PaidStatus.LATE, PaidStatus.ON_TIME):
        return _("The entry is paid; its history is not changed.")
    if entry.rest != entry.amount:
        return _("The entry is partly paid; its history is not changed.")
    if getattr(entry, "remitted", False) or getattr(entry, "in_payment", ZERO):
        return _("The entry is in a payment. Take it out there first, then import again.")
    return ""


def untouched(table: str) -> Q:
    """The same question to the database, asked again when the import is applied."""
    still = Q(status=PaidStatus.OPEN)
    return still & Q(in_payment=ZERO, remitted=False) if table == "supplier_entry" else still


def _settle_kind(values: Values) -> Problems:
    """Invoice or credit note: as written, else by the sign. Afterwards a credit note's amount is negative."""
    amount, kind = values.get("amount"), values.get("kind")
    if amount is None:
        return []
    if not amount:
        return [("amount", _("An entry of nothing is no entry."))]
    if kind is None:
        values["kind"] = EntryKind.INVOICE if amount > 0 else EntryKind.CREDIT_NOTE
    elif kind == EntryKind.INVOICE and amount < 0:
        return [("amount", _("An invoice's amount is above zero. Write the kind “credit note” or leave it out."))]
    elif kind == EntryKind.CREDIT_NOTE and amount > 0:
        values["amount"] = -amount
        if values.get("amount_booked", ZERO) > 0:
            values["amount_booked"] = -values["amount_booked"]
    return []


def _with_what_stands(context: Context, values: Values, before: Any) -> Values:
    """The row's values over those of the entry that is known already: an empty cell leaves things as they are."""
    if before is None:
        return values
    full: Values = {}
    for column in context.table.columns:
        if column.name in ("supplier_no", "customer_no", "invoice_no", "kind"):
            continue
        standing = getattr(before, column.attribute, None)
        if column.name == "voucher_type":
            kind = context.voucher_type_ids.get(standing) if standing else None
            standing = kind.number if kind else None
        if standing not in (None, ""):
            full[column.name] = standing
    if {"amount", "currency"} & {name for name in values if values[name] != full.get(name)}:
        full.pop("amount_booked", None)  # made anew from the rate
    return full | values


def _differences(before: Any, made: Any) -> dict[str, tuple[str, str]]:
    found = {}
    for name in COMPARED:
        if not hasattr(before, name):
            continue
        old, new = getattr(before, name), getattr(made, name)
        if old != new:
            found[name] = ("" if old is None else str(old), "" if new is None else str(new))
    if found:
        for name in FOLLOWS:
            if hasattr(before, name) and getattr(before, name) != getattr(made, name):
                found[name] = (str(getattr(before, name)), str(getattr(made, name)))
    return found


def _known(context: Context, side: Any, parties: dict[int, Any], rows: Iterable[Values]) -> dict[Any, Any]:
    """Entries that these rows may mean."""
    numbers = sorted({values["invoice_no"] for values in rows if "invoice_no" in values})
    found: dict[Any, Any] = {}
    for part in chunks(numbers, 900):
        entries: Any = context.table.model._default_manager.filter(company=context.company, invoice_no__in=part)
        found.update({side.key_of(entry): entry for entry in entries})
    return found


def _label(values: Values, name: str, party: Any) -> str:
    who = f"{party.number} {party.name}" if party is not None else str(values.get(name, ""))
    return f"{values.get('invoice_no', '')} · {who}"[:160]
