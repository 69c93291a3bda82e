"""The tables of an evidence pack: columns and rows, read in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from integration.models import Exchange
from payments.models import Approval, LineChange, Payment, PaymentEvent, PaymentLine, Transfer, Voucher

SLICE = 1000
Table = tuple[str, tuple[str, ...], Iterable[tuple[Any, ...]]]


def of_payment(payment: Payment) -> Iterator[Table]:
    """Name, columns and rows of each table of one payment."""
    yield "lines.csv", LINES, _lines(payment)
    yield "files.csv", FILES, _files(payment)
    yield "approvals.csv", APPROVALS, _approvals(payment)
    yield "changes.csv", CHANGES, _changes(payment)
    yield "events.csv", EVENTS, _events(payment)
    yield "traffic.csv", TRAFFIC, traffic(Exchange.objects.filter(payment=payment))
    own = Voucher.objects.filter(batch__payment=payment)
    yield "vouchers.csv", VOUCHERS, vouchers(own)
    yield "postings.csv", POSTINGS, postings(own)


LINES = (
    *("line_no", "line_id", "supplier_no", "supplier", "invoice", "amount", "currency", "account", "kid", "pay_date"),
    *("end_to_end_id", "status", "reason_code", "reason_text", "paid_amount", "paid_on", "bank_reference"),
)


def _lines(payment: Payment) -> Iterator[tuple[Any, ...]]:
    found = PaymentLine.objects.filter(payment=payment).order_by("line_no")
    names = (
        *("line_no", "pk", "supplier__number", "supplier__name", "entry__invoice_no", "amount", "currency_id"),
        *("account", "kid", "pay_date", "item__end_to_end_id", "status", "reason_code", "reason_text"),
        *("paid_amount", "paid_on", "bank_reference"),
    )
    yield from found.values_list(*names).iterator(chunk_size=SLICE)


FILES = (
    "round",
    "sequence",
    "message_id",
    "sha256",
    "size",
    "transactions",
    "control_sum",
    "state",
    "sent",
    "accepted",
)


def _files(payment: Payment) -> Iterator[tuple[Any, ...]]:
    for one in Transfer.objects.filter(payment=payment).order_by("round", "sequence"):
        facts = (one.round, one.sequence, one.msg_id, one.digest, one.size, one.item_count, one.control_sum)
        yield (*facts, one.state, moment(one.sent_at), moment(one.accepted_at))


APPROVALS = ("round", "person_id", "person", "on_behalf_of", "decision", "digest", "second_factor", "at", "seal")


def _approvals(payment: Payment) -> Iterator[tuple[Any, ...]]:
    found = Approval.objects.filter(payment=payment).select_related("person", "on_behalf_of").order_by("pk")
    for one in found:
        behalf = one.on_behalf_of.shown if one.on_behalf_of else ""
        signed = (one.round, one.person_id, one.person.shown, behalf, one.decision, one.digest)
        yield (*signed, one.second_factor, moment(one.at), one.seal)


CHANGES = (
    *("line_no", "line_id", "change_id", "before", "after", "at", "made_by_id", "made_by", "source", "reason_code"),
    *("reason_text", "seal"),
)


def _changes(payment: Payment) -> Iterator[tuple[Any, ...]]:
    found = LineChange.objects.filter(payment=payment).select_related("line", "made_by").order_by("line_id", "pk")
    for one in found.iterator(chunk_size=SLICE):
        who = one.made_by.shown if one.made_by else ""
        what = (one.line.line_no, one.line_id, one.pk, int(one.before), int(one.after), moment(one.at))
        yield (*what, one.made_by_id, who, one.source, one.reason_code, one.reason_text, one.seal)


EVENTS = ("at", "person", "kind", "text")


def _events(payment: Payment) -> Iterator[tuple[Any, ...]]:
    for one in PaymentEvent.objects.filter(payment=payment).select_related("person").order_by("pk"):
        yield moment(one.at), one.person.shown if one.person else "", one.kind, one.text


TRAFFIC = ("at", "direction", "kind", "outcome", "person", "address", "status", "size", "sha256", "reference", "text")


def traffic(found: QuerySet[Exchange]) -> Iterator[tuple[Any, ...]]:
    """Calls and files of the traffic log."""
    for one in found.select_related("file", "person").order_by("at").iterator(chunk_size=SLICE):
        who, digest = one.person.shown if one.person else "", one.file.digest if one.file else ""
        said = (moment(one.at), one.direction, one.kind, one.outcome, who, one.address, one.status_code, one.size)
        yield (*said, digest, one.reference, one.text)


VOUCHERS = (
    *("series", "number", "voucher_id", "batch", "batch_state", "value_date", "text", "extra_text", "bank_reference"),
    *("autopay_reference", "debit", "credit", "source_key", "reverses", "seal"),
)


def vouchers(found: QuerySet[Voucher]) -> Iterator[tuple[Any, ...]]:
    """Heads of vouchers."""
    names = (
        *("series", "number", "pk", "batch__number", "batch__state", "value_date", "text", "extra_text"),
        *("bank_reference", "autopay_reference", "debit_total", "credit_total", "source_key", "reverses", "seal"),
    )
    yield from found.order_by("series", "number", "pk").values_list(*names).iterator(chunk_size=SLICE)


POSTINGS = (
    *("series", "number", "voucher_id", "position", "account", "supplier_no", "customer_no", "debit", "credit"),
    *("currency", "currency_amount", "rate", "cross_reference", "text"),
)


def postings(found: QuerySet[Voucher]) -> Iterator[tuple[Any, ...]]:
    """Their postings."""
    names = (
        *("series", "number", "pk", "postings__position", "postings__account", "postings__supplier__number"),
        *("postings__customer__number", "postings__debit", "postings__credit", "postings__currency_code"),
        *("postings__currency_amount", "postings__rate", "postings__cross_reference", "postings__text"),
    )
    ordered = found.filter(postings__isnull=False).order_by("series", "number", "pk", "postings__position")
    yield from ordered.values_list(*names).iterator(chunk_size=SLICE)


def moment(at: datetime | None) -> str:
    """As it stands in the seals: UTC to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else ""
