"""To-dos of money that came in and of the books: place, post, explain, decide as the second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Min, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from autopay_console.home.clock import Clock
from autopay_console.home.todo import TODAY, Amounts, Todo, address, largest_first
from autopay_console.kernel import listing
from autopay_console.kernel.once import once
from companies.access import Rights
from companies.choices import PendingState
from companies.models import Company, PendingChange, Person
from payments.choices import BatchState, IncomingState, ParkReason
from payments.models import AnswerException, Batch, IncomingPayment, OpenDebit


@dataclass(frozen=True, slots=True)
class Parked:
    """Incoming payments that were not matched, for one reason."""

    reason: str
    count: int
    amounts: Amounts
    oldest: date

    @property
    def label(self) -> str:
        return str(ParkReason(self.reason).label) if self.reason in ParkReason.values else _("Other")

    @property
    def url(self) -> str:
        base = address("incoming")
        return f"{base}?reason={self.reason}" if base else ""


@dataclass(frozen=True, slots=True)
class HowMany:
    """Counts a page begins with. `parked` goes one beyond 10 000: from there on the sums are left out."""

    parked: int
    oldest: date | None
    odd_answers: int

    @property
    def too_many(self) -> bool:
        return self.parked > listing.SUM_LIMIT


def how_many(company: Company) -> HowMany:
    """Parked payments, the day of the oldest, and answers that do not fit: one query, asked once a page."""
    waiting, odd = _parked(company), AnswerException.objects.filter(company=company, done_at__isnull=True)
    asked = (
        listing.HowMany(waiting.order_by()[: listing.SUM_LIMIT + 1]),
        Subquery(waiting.order_by("value_date", "id").values("value_date")[:1]),
        listing.HowMany(odd.order_by()),
    )
    row = Company.objects.filter(pk=company.pk).values_list(*asked)
    return HowMany(*once(("home counts", company.pk), row.get))


def _parked(company: Company) -> QuerySet[IncomingPayment]:
    return IncomingPayment.objects.filter(company=company, state=IncomingState.PARKED)


def parked_by_reason(company: Company) -> list[Parked]:
    """What is left to place, by the reason that parked it; most of them first. One query, for up to 10 000 of them."""
    rows = (
        _parked(company)
        .order_by()
        .values_list("reason", "currency_code")
        .annotate(total=Sum("rest"), many=Count("pk"), oldest=Min("value_date"))
    )
    found: dict[str, list[tuple[str, Decimal, int, date]]] = {}
    for reason, currency, total, many, oldest in rows:
        found.setdefault(reason, []).append((currency, total, many, oldest))
    parked = [
        Parked(
            reason,
            sum(row[2] for row in part),
            largest_first((row[0], row[1]) for row in part),
            min(row[3] for row in part),
        )
        for reason, part in found.items()
    ]
    return sorted(parked, key=lambda one: -one.count)


def to_place(parked: list[Parked], how: HowMany, rights: Rights, clock: Clock) -> list[Todo]:
    """Incoming payments a person must place; of very many the count alone."""
    if how.oldest is None or not rights.accountant:
        return []
    days = (clock.today - how.oldest).days
    oldest = ngettext("oldest %(n)s day", "oldest %(n)s days", days) % {"n": days}
    title = ngettext("Place %(n)s incoming payment", "Place %(n)s incoming payments", how.parked) % {"n": how.parked}
    if how.too_many:
        title = _("Place more than 10 000 incoming payments")
    sums = largest_first(pair for one in parked for pair in one.amounts)
    return [Todo(TODAY, "arrow-down-left", title, oldest, address("incoming"), _("Resolve"), "", sums)]


def to_post(company: Company, rights: Rights) -> list[Todo]:
    """Batches that wait for a person."""
    if not rights.accountant:
        return []
    rows = Batch.objects.filter(company=company, state=BatchState.WAITING).order_by("pk")[:4]
    found = []
    for batch in rows:
        name = batch.number or batch.text
        vouchers = ngettext("%(n)s voucher", "%(n)s vouchers", batch.voucher_count) % {"n": batch.voucher_count}
        sub = " · ".join(filter(None, (vouchers, batch.waits_for or _("debit equals credit"))))
        title = _("Post batch %(name)s") % {"name": name}
        url = address("batch", batch.number) if batch.number else address("journal")
        tone = "warn" if batch.waits_for else ""
        sums = ((company.currency_id, batch.debit_total),)
        value = _("value %(day)s") % {"day": batch.value_date.isoformat()}
        found.append(Todo(TODAY, "book-open", title, sub, url, _("Post"), tone, sums, value))
    return found


def to_explain(company: Company, rights: Rights) -> list[Todo]:
    """Debits nobody here made, and answers that contradict what is known."""
    if not rights.accountant:
        return []
    found = []
    rows = OpenDebit.objects.filter(company=company, done_at__isnull=True).order_by()
    sums = list(rows.values_list("currency_code").annotate(total=Sum("amount"), many=Count("pk")))
    if many := sum(row[2] for row in sums):
        title = ngettext("Explain %(n)s debit nobody here made", "Explain %(n)s debits nobody here made", many)
        total = largest_first((row[0], row[1]) for row in sums)
        found.append(
            Todo(
                TODAY,
                "arrow-up-right",
                title % {"n": many},
                _("assign, post to an account, or mark as known"),
                address("open_debits"),
                _("Explain"),
                "bad",
                total,
            )
        )
    if many := how_many(company).odd_answers:
        title = ngettext("Look at %(n)s answer that does not fit", "Look at %(n)s answers that do not fit", many)
        sub = _("nothing was changed by them")
        found.append(Todo(TODAY, "circle-alert", title % {"n": many}, sub, address("exceptions"), _("Look"), "warn"))
    return found


def second_person(company: Company, person: Person, rights: Rights) -> list[Todo]:
    """Changes of where money goes that somebody else made."""
    if not (rights.accountant or rights.administrator):
        return []
    waiting = PendingChange.objects.filter(company=company, state=PendingState.WAITING).exclude(asked_by=person)
    many = waiting.count()
    if not many:
        return []
    title = ngettext("Accept or refuse %(n)s changed account", "Accept or refuse %(n)s changed accounts", many)
    sub = _("until then payments use the old one")
    return [Todo(TODAY, "user-check", title % {"n": many}, sub, address("pending"), _("Look"), "warn")]
