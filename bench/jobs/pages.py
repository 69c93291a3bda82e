"""Screens people open all day, over short and long tables: slowest of twenty, queries, bytes."""

from __future__ import annotations

import time
from datetime import UTC, timedelta
from typing import Any

from django.db import connection
from django.test import Client

from autopay_console.kernel.ids import new_id
from bench import seeding
from bench.measure import Measured, Meter, measured
from bench.place import Place
from companies.choices import Role
from companies.models import BankPartner, Company, Person
from integration.models import Exchange
from payments.choices import (
    BankEntryKind,
    BatchKind,
    BatchState,
    FileState,
    IncomingState,
    LineStatus,
    ParkReason,
    RoundState,
)
from payments.models import BankEntry, BankFile, Batch, IncomingPayment, Payment, PaymentTotal
from tests import build

TITLE = "Pages: time at the 95th percentile, queries and bytes of HTML"
UNIT = "rows a table"
TARGET = None
SIZES = (10_000, 1_000_000)
TIMES = 20
LINES = 10_000  # of payment 1, whose page is one of the screens
WAITING_OF = 200  # every so many-th payment waits for approval, every tenth incoming payment is parked
PAGES = {
    "overview": "/overview/",
    "search": "/overview/?q=state%3Acompleted+amount%3E%3D3000",
    "search, a word": "/overview/?q=nordlys",
    "payment": "/overview/1/",
    "approval": "/approval/",
    "incoming": "/incoming/",
    "incoming, all": "/incoming/all/",
    "journal": "/journal/",
    "exchanges": "/exchanges/",
}
_MOMENT = build.NOW.astimezone(UTC)


def prepare(place: Place, items: int) -> None:
    """So many payments, incoming payments, batches and exchanges; payment 1 has ten thousand lines."""
    company, partner = seeding.a_company()
    build.a_person(*Role.values, company=company)
    seeding.a_sent_payment(company, partner, min(items, LINES))
    by = Person.objects.order_by("pk")[0]
    seeding.put(Payment, (_payment(company, partner, by, number) for number in range(2, items + 2)))
    keys = Payment.objects.filter(number__gt=1).values_list("pk", flat=True)
    seeding.put(PaymentTotal, (_total(key) for key in keys.iterator(1_000)))
    file = BankFile.objects.create(
        company=company, digest="1" * 64, path="none.xml", size=1, name="bench.xml", state=FileState.IMPORTED
    )
    entries = [new_id() for _ in range(items)]
    seeding.put(BankEntry, (_entry(company, partner, file, key, place) for place, key in enumerate(entries)))
    seeding.put(IncomingPayment, (_incoming(company, file, key, place) for place, key in enumerate(entries)))
    seeding.put(Batch, (_batch(company, number) for number in range(1, items + 1)))
    seeding.put(Exchange, (_exchange(company, number) for number in range(items)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a server does by itself


def product(place: Place, items: int) -> Measured:
    """Every page twenty times, after one that fills the caches of templates."""
    person = Person.objects.filter(memberships__role=Role.APPROVER).order_by("pk")[0]
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    pages: dict[str, Any] = {}

    def work(meter: Meter) -> None:
        for name, address in PAGES.items():
            pages[name] = _page(client, address, meter)

    found = measured(items, work)
    found.details = pages
    return found


def floor(place: Place, items: int) -> None:
    """Pages are compared with themselves over shorter tables."""


def _page(client: Client, address: str, meter: Meter) -> dict[str, Any]:
    times: list[float] = []
    cpu: list[float] = []
    queries = size = 0
    for _ in range(TIMES + 1):
        before, begun, begun_cpu = meter.queries, time.perf_counter(), time.process_time()
        answer = client.get(address)
        times.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - begun_cpu)
        queries, size = meter.queries - before, len(answer.content)
        if answer.status_code != 200:
            return {"failed": f"{address} answered {answer.status_code}"}
    return {"p95_ms": _p95(times[1:]), "p95_cpu_ms": _p95(cpu[1:]), "queries": queries, "bytes": size}


def _p95(seconds: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return sorted(seconds)[TIMES * 95 // 100 - 1] * 1000


def _payment(company: Company, partner: BankPartner, by: Person, number: int) -> Payment:
    waits = number % WAITING_OF == 0
    return Payment(
        company=company, number=number, bank_partner=partner, agreement_id=_agreement(partner),
        transfer_date=build.TODAY - timedelta(days=number % 300), created_by=by, uploaded_by=by, uploaded_at=_MOMENT,
        status=LineStatus.AT_EFT if waits else LineStatus.SETTLED, word="waiting" if waits else "completed",
        round=1, round_state=RoundState.WAITING if waits else RoundState.RELEASED, digest="2" * 64, needed=2,
        given=0 if waits else 2, line_count=1, item_count=1,
    )  # fmt: skip


def _agreement(partner: BankPartner) -> int:
    if not hasattr(partner, "bench_agreement"):
        partner.bench_agreement = partner.agreements.values_list("pk", flat=True)[0]  # type: ignore[attr-defined]
    return partner.bench_agreement  # type: ignore[attr-defined,no-any-return]


def _total(key: int) -> PaymentTotal:
    return PaymentTotal(payment_id=key, currency_id="NOK", amount=seeding.amount_of(key), lines=1)


def _entry(company: Company, partner: BankPartner, file: BankFile, key: object, place: int) -> BankEntry:
    return BankEntry(
        id=key, company=company, file=file, bank_partner=partner, index=place, message_type="camt.054",
        account=partner.account, key=f"{place:064d}", amount=seeding.amount_of(place), currency_code="NOK",
        status="BOOK", booking_date=build.TODAY, value_date=build.TODAY, kind=BankEntryKind.CUSTOMER,
    )  # fmt: skip


def _incoming(company: Company, file: BankFile, entry: object, place: int) -> IncomingPayment:
    parked = place % 10 == 0
    return IncomingPayment(
        company=company, file=file, entry_id=entry, number=place, key=f"{place:064d}", account=seeding.ACCOUNT,
        amount=seeding.amount_of(place), currency_code="NOK", booking_date=build.TODAY,
        value_date=build.TODAY - timedelta(days=place % 300), payer_name=f"Kunde {place} AS",
        state=IncomingState.PARKED if parked else IncomingState.POSTED,
        reason=ParkReason.NO_REFERENCE if parked else "",
        rest=seeding.amount_of(place) if parked else 0,
    )  # fmt: skip


def _batch(company: Company, number: int) -> Batch:
    amount = seeding.amount_of(number)
    return Batch(
        company=company, number=number, kind=BatchKind.INCOMING, source_key=f"bench:{number}", series="in",
        state=BatchState.WAITING if number % WAITING_OF == 0 else BatchState.POSTED, text="Bench", posted_at=_MOMENT,
        value_date=build.TODAY - timedelta(days=number % 300), voucher_count=1, debit_total=amount, credit_total=amount,
    )  # fmt: skip


def _exchange(company: Company, number: int) -> Exchange:
    return Exchange(
        company=company, at=_MOMENT - timedelta(minutes=number), direction="out", kind="upload", outcome="ok",
        address="https://gateway.example/files", status_code=200, milliseconds=40, size=1000, reference=f"M{number}",
    )  # fmt: skip
