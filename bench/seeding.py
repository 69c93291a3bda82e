"""Rows the measured jobs start from: one company, its bank, and as many entries, lines or payments as wanted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db import transaction
from django.db.models import F, Model

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.rows import store, update_rows
from autopay_console.kernel.sets import chunks
from bench.bank_files import ACCOUNT
from companies.models import BankPartner, Company, Customer, Supplier
from payments import lifecycle
from payments.choices import EntryKind, LineStatus, RoundState, TransferState
from payments.models import (
    CustomerEntry,
    LineChange,
    Payment,
    PaymentLine,
    PaymentTotal,
    SupplierEntry,
    Transfer,
    TransferItem,
)
from payments.preparing.duplicates import payee_key
from payments.preparing.mandates import Mandate
from payments.releasing import signatures
from tests import build

INVOICES_A_SUPPLIER = 10
APPROVERS = 2
LINES = 1_000  # rows read at once
A_TRANSACTION = 20_000
MOST_OPEN = 1_000_000  # open entries among which the measured ones are found: ten for each of them, at most so many


def put(model: type[Model], rows: Iterator[Model]) -> None:
    """Insert rows, as many as fit a transaction in a second."""
    for part in chunks(rows, A_TRANSACTION):
        with transaction.atomic():
            store(model, part)


def a_company() -> tuple[Company, BankPartner]:
    """A company with one bank that books by itself, both ways."""
    company = build.a_company()
    partner = build.a_bank_partner(
        company, account=ACCOUNT, auto_update_incoming=True, auto_update_outgoing=True, generate_batch=True
    )
    build.an_agreement(partner)
    build.a_factoring_company(company, partner)
    return company, partner


def amount_of(number: int) -> Decimal:
    """Many different amounts."""
    return Decimal(1000_00 + number * 37 % 900_000) / 100


def among(count: int) -> int:
    """How many open entries there are in all when so many are wanted."""
    return max(count, min(count * 10, MOST_OPEN))


def supplier_entries(company: Company, count: int, due: int | None = None) -> None:
    """Open invoices, ten of each supplier; all of them are due, or so many and the others next month."""
    suppliers = [build.a_supplier(company) for _ in range(min(50, max(1, count // INVOICES_A_SUPPLIER)))]
    wanted = max(1, count // INVOICES_A_SUPPLIER)
    number = 900_000
    put(Supplier, (_like(suppliers[0], number + place) for place in range(wanted - len(suppliers))))
    keys = list(Supplier.objects.filter(company=company).order_by("pk").values_list("pk", flat=True))
    due = count if due is None else due
    put(SupplierEntry, (_invoice(company, keys[place % len(keys)], place, place < due) for place in range(count)))


def _like(supplier: Supplier, number: int) -> Supplier:
    names = ("company_id", "country_id", "street", "building", "postcode", "town")
    facts = {name: getattr(supplier, name) for name in names}
    return Supplier(number=number, name=f"Leverandør {number} AS", account=build.a_norwegian_account(number), **facts)


def _invoice(company: Company, supplier_id: int, place: int, due: bool) -> SupplierEntry:
    amount = amount_of(place)
    day = build.TODAY if due else build.TODAY + timedelta(days=30)
    return SupplierEntry(
        company=company, supplier_id=supplier_id, kind=EntryKind.INVOICE, invoice_no=f"F{place}", currency_id="NOK",
        entry_date=build.TODAY, due_date=day, planned_date=day, amount=amount, amount_booked=amount,
        rest=amount, kid=build.a_kid(f"1000{place:08d}"),
    )  # fmt: skip


def customer_entries(company: Company, count: int, paid: int) -> list[tuple[str, Decimal]]:
    """Open customer invoices, ten of each customer; answers KIDs and amounts of the first `paid`."""
    wanted = max(1, count // INVOICES_A_SUPPLIER)
    customers = (
        Customer(company=company, number=10_000 + place, name=f"Kunde {place} AS", country_id="NO")
        for place in range(wanted)
    )
    put(Customer, customers)
    owners = list(Customer.objects.filter(company=company).order_by("number").values_list("pk", "number"))
    rows = (_customer_invoice(company, owners[place % wanted], place) for place in range(count))
    put(CustomerEntry, rows)
    return list(CustomerEntry.objects.filter(company=company).order_by("pk").values_list("kid", "amount")[:paid])


def _customer_invoice(company: Company, owner: tuple[int, int], place: int) -> CustomerEntry:
    amount, invoice = amount_of(place), str(100_000 + place)
    return CustomerEntry(
        company=company, customer_id=owner[0], kind=EntryKind.INVOICE, invoice_no=invoice, currency_id="NOK",
        entry_date=build.TODAY, due_date=build.TODAY, amount=amount, amount_booked=amount, rest=amount,
        kid=build.a_kid(f"{invoice:0>9}{owner[1]:010d}"),
    )  # fmt: skip


def a_draft(company: Company, partner: BankPartner, count: int) -> Payment:
    """A payment at 1 with a line for each of so many invoices."""
    supplier_entries(company, count)
    payment = Payment.objects.create(
        company=company, number=1, bank_partner=partner, agreement=partner.agreements.get(),
        transfer_date=build.TODAY, created_by=build.an_accountant(company), line_count=count,
    )  # fmt: skip
    entries = SupplierEntry.objects.filter(company=company).select_related("supplier").order_by("pk")
    put(PaymentLine, (_line(payment, entry, place) for place, entry in enumerate(entries.iterator(LINES), 1)))
    entries.update(in_payment=F("rest"), remitted=True)
    total = sum((amount_of(place) for place in range(count)), Decimal(0))
    PaymentTotal.objects.create(payment=payment, currency_id="NOK", amount=total, lines=count)
    return payment


def _line(payment: Payment, entry: SupplierEntry, place: int) -> PaymentLine:
    account = entry.supplier.account
    return PaymentLine(
        payment=payment, line_no=place, company_id=payment.company_id, supplier_id=entry.supplier_id, entry=entry,
        currency_id="NOK", amount=entry.rest, original_amount=entry.rest, pay_date=build.TODAY, account=account,
        kid=entry.kid, payee_key=payee_key(account, entry.rest, "NOK", entry.kid),
    )  # fmt: skip


def a_sent_payment(company: Company, partner: BankPartner, count: int) -> Payment:
    """A payment two people approved and whose file the bank has: lines at 2 with their history, an item for each."""
    payment = a_draft(company, partner, count)
    payment.round, payment.digest = 1, "0" * 64
    for _ in range(APPROVERS):
        mandate = Mandate(build.an_approver(company))
        signatures.keep(payment, mandate, signatures.Signature(payment.digest, second_factor=False))
    moment = build.NOW.astimezone(UTC)
    transfer = Transfer.objects.create(
        company=company, payment=payment, round=1, sequence=1, msg_id=f"AP{company.number}-20261125-000001",
        created_at=moment, version="001.001.09", digest=payment.digest, path="none.xml", size=1, item_count=count,
        control_sum=payment.totals.get().amount, channel=payment.agreement.channel, state=TransferState.ACCEPTED,
        sent_at=moment, accepted_at=moment,
    )  # fmt: skip
    Payment.objects.filter(pk=payment.pk).update(
        round=1,
        digest=payment.digest,
        round_state=RoundState.RELEASED,
        needed=APPROVERS,
        given=APPROVERS,
        status=LineStatus.TRANSFERRED,
        item_count=count,
    )
    lines = payment.lines.select_related("supplier").order_by("line_no")
    for part in chunks(lines.iterator(LINES), LINES):
        items = [_item(transfer, line) for line in part]
        store(TransferItem, items)
        done = ((item.pk, LineStatus.TRANSFERRED, line.pk) for item, line in zip(items, part, strict=True))
        update_rows(PaymentLine, ("item_id", "status"), done)
        store(LineChange, [step for line in part for step in _history(line)])
    return payment


def _history(line: PaymentLine) -> Iterator[LineChange]:
    """Uploaded, then taken by the bank side: chained as the status map chains them."""
    seal = lifecycle.START_OF_CHAIN
    for before, after in pairwise((LineStatus.ESTIMATE, LineStatus.AT_EFT, LineStatus.TRANSFERRED)):
        step = LineChange(
            line_id=line.pk, payment_id=line.payment_id, before=before, after=after, at=build.NOW, source="bench"
        )
        step.seal = seal = lifecycle.seal_of(seal, step)
        yield step


def _item(transfer: Transfer, line: PaymentLine) -> TransferItem:
    return TransferItem(
        id=new_id(), transfer=transfer, payment_id=line.payment_id, company_id=line.company_id,
        supplier_id=line.supplier_id, position=line.line_no, end_to_end_id=f"1-1-1-{line.line_no}",
        payment_info_id=f"{transfer.msg_id}-01", amount=line.amount, currency_id="NOK", execution_date=line.pay_date,
        account=line.account, payee_name=line.supplier.name,
    )  # fmt: skip
