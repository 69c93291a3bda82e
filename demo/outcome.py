"""What the main job came to, told in numbers from the database, and the proof that it is what the rules demand."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, Sum

from autopay_console.kernel.money import ZERO
from companies.models import BankPartner, Company
from demo import incoming
from demo.say import Teller, amount
from payments.choices import BatchState, IncomingState, LineStatus, PaidStatus, ParkReason, Rule
from payments.models import (
    Batch,
    CustomerEntry,
    IncomingPayment,
    Payment,
    Posting,
    SupplierEntry,
    TransferItem,
    Voucher,
)
from payments.month_end import checking

if TYPE_CHECKING:
    from demo.town import Town

CLOSED = (PaidStatus.LATE, PaidStatus.ON_TIME)
FINAL = {"settled": LineStatus.POSTED, "rejected": LineStatus.REJECTED, "returned": LineStatus.REJECTED}


def report(town: Town, tell: Teller) -> bool:
    """Print every figure; True when all proofs hold."""
    for company in Company.objects.order_by("number"):
        tell.head(company.name)
        _told_out(company, tell)
        _told_in(company, tell)
        _told_books(company, tell)
    tell.head("Proof")
    ledger = town.sandbox("/ledger")
    wrong = [
        *_wrong_lines(ledger["items"]),
        *_wrong_incoming(),
        *_wrong_accounts(ledger["accounts"]),
        *(f"{company}: {one}" for company in Company.objects.all() for one in checking.check_books(company)),
    ]
    for text in wrong:
        tell.line(f"  ✗ {text}")
    if not wrong:
        tell.line(
            "  ✓ every line stands where the sandbox's rules demand, every incoming payment as expected.json says,"
        )
        tell.line("    and every bank account agrees with its bank to the øre.")
    return not wrong


def _told_out(company: Company, tell: Teller) -> None:
    for payment in Payment.objects.filter(company=company).order_by("number"):
        counts = Counter(payment.lines.values_list("status", flat=True))
        told = ", ".join(f"{counts[status]} × {status} {LineStatus(status).label}" for status in sorted(counts))
        tell.line(f"  payment {payment.number} ({payment.get_word_display()}): {told}")
        sums = payment.lines.values("currency_id").annotate(total=Sum("amount")).order_by("currency_id")
        tell.line("    sums " + ", ".join(f"{amount(row['total'])} {row['currency_id']}" for row in sums))
        reasons = payment.lines.exclude(reason_code="").values_list("supplier__name", "reason_code", "reason_text")
        for name, code, text in reasons.order_by("line_no"):
            tell.line(f"    {name}: {code} {text}")
    closed = SupplierEntry.objects.filter(company=company, status__in=CLOSED).count()
    tell.line(f"  supplier entries closed: {closed} of {SupplierEntry.objects.filter(company=company).count()}")


def _told_in(company: Company, tell: Teller) -> None:
    rows = IncomingPayment.objects.filter(company=company)
    sums = rows.values("currency_code").annotate(count=Count("id"), total=Sum("amount")).order_by("currency_code")
    for row in sums:
        tell.line(f"  incoming payments: {row['count']}, {amount(row['total'])} {row['currency_code']}")
    by_rule = Counter(rows.exclude(rule="").exclude(state=IncomingState.PARKED).values_list("rule", flat=True))
    for rule, count in by_rule.most_common():
        tell.line(f"    matched by {str(Rule(rule).label).lower()}: {count}")
    for reason, count in Counter(
        rows.filter(state=IncomingState.PARKED).values_list("reason", flat=True)
    ).most_common():
        tell.line(f"    parked, {str(ParkReason(reason).label).lower()}: {count}")
    closed = CustomerEntry.objects.filter(company=company, status__in=CLOSED).count()
    tell.line(f"  customer entries closed: {closed} of {CustomerEntry.objects.filter(company=company).count()}")


def _told_books(company: Company, tell: Teller) -> None:
    posted = Batch.objects.filter(company=company, state=BatchState.POSTED)
    waiting = Batch.objects.filter(company=company, state=BatchState.WAITING).count()
    vouchers = Voucher.objects.filter(batch__in=posted).count()
    sums = Posting.objects.filter(voucher__batch__in=posted).aggregate(debit=Sum("debit"), credit=Sum("credit"))
    debit, credit = sums["debit"] or ZERO, sums["credit"] or ZERO
    sign = "=" if debit == credit else "≠"
    tell.line(f"  {posted.count()} batches, {vouchers} vouchers posted, {waiting} waiting")
    tell.line(f"  debits {amount(debit)} {sign} credits {amount(credit)} {company.currency_id}")


def _wrong_lines(items: list[dict[str, Any]]) -> list[str]:
    """The bank's outcome of every transaction, beside the status of our lines and what they say was paid."""
    ours = {item.end_to_end_id: item for item in TransferItem.objects.prefetch_related("lines")}
    wrong = []
    for item in items:
        mine = ours.pop(item["endToEndId"], None)
        if mine is None:
            wrong.append(f"the bank has {item['endToEndId']}, the console does not")
            continue
        wanted = FINAL.get(item["outcome"])
        statuses = {line.status for line in mine.lines.all()}
        if wanted is None or statuses != {wanted}:
            wrong.append(
                f"{mine.end_to_end_id}: the bank says {item['outcome']}, our lines stand at {sorted(statuses)}"
            )
    return wrong + [f"the console has {key}, the bank does not" for key in ours]


def _wrong_incoming() -> list[str]:
    expected, found = incoming.expected(), {}
    for plan in incoming.labels():
        for row in IncomingPayment.objects.filter(company=plan.company, payer_account__in=plan.labels):
            state = f"parked {row.reason}" if row.state == IncomingState.PARKED else f"matched {row.rule}"
            found[plan.labels[row.payer_account]] = state
    wrong = [
        f"{key}: {found.get(key, 'not there')} instead of {want}"
        for key, want in expected.items()
        if found.get(key) != want
    ]
    more = IncomingPayment.objects.exclude(state=IncomingState.DUPLICATE).count() - len(expected)
    return wrong + ([f"{more} incoming payments more than the customers made"] if more else [])


def _wrong_accounts(accounts: dict[str, Any]) -> list[str]:
    """Movements at the bank in minor units = ledger account + what is parked and not booked yet."""
    wrong = []
    for partner in BankPartner.objects.select_related("company"):
        at_bank = sum(row["amount"] for row in accounts[partner.account]["movements"])
        booked = Posting.objects.filter(
            company=partner.company, account=partner.gl_bank, voucher__batch__state=BatchState.POSTED
        ).aggregate(total=Sum(F("currency_amount"), filter=Q(currency_code=partner.currency_id)))["total"]
        parked = IncomingPayment.objects.filter(
            company=partner.company, account=partner.account, state=IncomingState.PARKED
        )
        open_amount = parked.aggregate(total=Sum("rest"))["total"] or ZERO
        ours = int(((booked or ZERO) + open_amount) * Decimal(100))
        if ours != at_bank:
            wrong.append(f"{partner}: the bank moved {at_bank} øre, ledger and parked payments say {ours}")
    return wrong
