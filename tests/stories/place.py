"""A company that works: linked with the sandbox, with worker, consumer, people, suppliers; and the days that pass."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Sum
from django.utils import timezone

from autopay_console.kernel import broker
from companies.clock import set_business_time
from companies.models import BankPartner, Company, Person
from integration.choices import MessageState
from integration.models import InboxMessage
from integration.queue import registration
from payments.choices import BatchState, FileState, LineStatus, Severity, TransferState
from payments.models import BankFile, Batch, Payment, PaymentLine, Posting, SettlementFact, SupplierEntry, Transfer
from payments.month_end import checking
from payments.preparing.criteria import Criteria
from payments.releasing import approval, uploading
from payments.suggesting import suggestion
from payments.validation import findings
from tests import build
from tests.integration.linking import ACCOUNT, a_linked_company

UNDER_WAY = (TransferState.RELEASED, TransferState.SENDING, TransferState.UNKNOWN)
NOT_DONE = (MessageState.RECEIVED, MessageState.IN_WORK, MessageState.FAILED)
IN_IMPORT = (FileState.NEW, FileState.VALIDATED, FileState.IMPORTING)


@dataclass
class Place:
    """Company, bank and people of a story, and the sandbox they pay through."""

    sandbox: Any
    company: Company
    partner: BankPartner
    clerk: Person
    approvers: list[Person]

    def invoices(self, *amounts: str, **facts: Any) -> list[SupplierEntry]:
        """One open invoice each of a supplier of its own; `names` in the same order."""
        names = facts.pop("names", ())
        suppliers = [
            build.a_supplier(self.company, **({"name": names[at]} if at < len(names) else {}))
            for at in range(len(amounts))
        ]
        return [
            build.a_supplier_entry(supplier, amount, **facts)
            for supplier, amount in zip(suppliers, amounts, strict=True)
        ]

    def suggested(self) -> Payment:
        """One payment of all that is open and due."""
        [payment] = suggestion.create(self.company, Criteria.usual(self.company, self.partner), by=self.clerk).payments
        return Payment.objects.get(pk=payment.pk)

    def uploaded(self, payment: Payment) -> uploading.UploadAnswer:
        """Checked and uploaded by the clerk, who takes the warnings on."""
        warnings = {one.code for one in findings(payment) if one.severity == Severity.WARN}
        return uploading.upload(payment, self.clerk, frozenset(warnings))

    def approved(self, payment: Payment) -> None:
        """Approved by as many as the bank agreement asks for."""
        for person in self.approvers:
            payment.refresh_from_db()
            approval.approve(payment, person, payment.digest)

    def paid(self, *amounts: str, **facts: Any) -> Payment:
        """From open invoices to released files."""
        self.invoices(*amounts, **facts)
        payment = self.suggested()
        self.uploaded(payment)
        self.approved(payment)
        payment.refresh_from_db()
        return payment

    def a_step(self, step: dict[str, Any] | None = None, seconds: float = 25) -> dict[str, Any]:
        """The bank's clock goes on to the next event, everything it caused is handled, our business clock follows."""
        moved: dict[str, Any] = self.sandbox.post("/clock", step or {"until": "next"})
        rest(seconds)
        moment = datetime.fromisoformat(moved["time"])
        set_business_time(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Oslo")))
        return moved

    def days(self, most: int = 12, seconds: float = 25) -> None:
        """Bank events, one after the other, until none is planned."""
        rest(seconds)
        moved: dict[str, Any] = {}
        for _ in range(most):
            moved = self.a_step({"advance": {"hours": 1}} if moved.get("notDelivered") else None, seconds)
            if not moved["next"] and not moved["notDelivered"]:
                return
        raise AssertionError(f"after {most} events the bank still plans more: {moved}")

    def books_are_true(self) -> None:
        """Nothing to find in the books, and the bank moved what our ledger account says, in øre."""
        assert checking.check_books(self.company) == []
        assert self.booked() == self.at_bank()

    def at_bank(self) -> int:
        """What the bank moved on the account, in øre."""
        return sum(row["amount"] for row in self.sandbox.get("/ledger")["accounts"][self.partner.account]["movements"])

    def booked(self) -> int:
        """What stands on our ledger account of the bank, in øre."""
        rows = Posting.objects.filter(
            company=self.company, account=self.partner.gl_bank, voucher__batch__state=BatchState.POSTED
        )
        return int((rows.aggregate(total=Sum("currency_amount"))["total"] or Decimal(0)) * 100)

    def statuses(self, payment: Payment) -> list[int]:
        """Where the lines stand, in their order."""
        return list(payment.lines.order_by("line_no").values_list("status", flat=True))


def a_place(sandbox: Any, **agreement: Any) -> Place:
    """A company on Wednesday 25 November 2026, 10:00, that posts what the bank settles by itself."""
    company = a_linked_company(sandbox)
    sandbox.post("/clock", {"to": "2026-11-25T10:00"})
    partner = build.a_bank_partner(
        company, account=ACCOUNT, generate_batch=True, auto_update_outgoing=True, auto_update_incoming=True
    )
    build.an_agreement(partner, **agreement)
    approvers = [build.an_approver(company) for _ in range(2)]
    return Place(sandbox, company, partner, build.an_accountant(company), approvers)


def at_rest() -> bool:
    """No message, file, transfer or money fact waits for anybody."""
    return (
        not Transfer.objects.filter(state__in=UNDER_WAY).exists()
        and not InboxMessage.objects.filter(state__in=NOT_DONE).exists()
        and not BankFile.objects.filter(state__in=IN_IMPORT).exists()
        and not SettlementFact.objects.filter(batch__isnull=True).exists()
        and not Batch.objects.filter(automatic=True, state__in=(BatchState.BUILDING, BatchState.WAITING)).exists()
        and _queued() == 0
    )


def rest(seconds: float = 25) -> None:
    """Wait until nothing is under way, twice in a row; the assertion says what still waits."""
    end, calm = time.monotonic() + seconds, 0
    while calm < 2:
        calm = calm + 1 if at_rest() else 0
        assert time.monotonic() < end, f"not at rest within {seconds:g} s: {waiting()}"
        time.sleep(0.05)


def waiting() -> dict[str, Any]:
    """What keeps us from resting."""
    return {
        "transfers": list(Transfer.objects.filter(state__in=UNDER_WAY).values_list("msg_id", "state", "last_error")),
        "messages": list(InboxMessage.objects.filter(state__in=NOT_DONE).values_list("message_id", "state", "reason")),
        "files": list(BankFile.objects.filter(state__in=IN_IMPORT).values_list("pk", "state", "error")),
        "facts": SettlementFact.objects.filter(batch__isnull=True).count(),
        "queue": _queued(),
    }


def _queued() -> int:
    with broker.client() as line:
        return registration.depth(line, registration.queue_name()).entries


def time_passes() -> None:
    """Some minutes later: leases have run out and waits are over. Only when no worker holds anything."""
    now = timezone.now()
    BankFile.objects.filter(state__in=IN_IMPORT).update(received_at=F("received_at") - timedelta(minutes=5))
    SettlementFact.objects.filter(batch__isnull=True).update(created_at=F("created_at") - timedelta(minutes=5))
    for model in (Transfer, InboxMessage, BankFile):
        model.objects.filter(claimed_until__gt=now).update(claimed_until=now)
        model.objects.filter(not_before__gt=now).update(not_before=now)


def booked_once() -> None:
    """Every line ended, and every posted line is in exactly one settlement that was not taken back."""
    over = (LineStatus.POSTED, LineStatus.REJECTED, LineStatus.CANCELLED, LineStatus.REFUSED)
    assert not PaymentLine.objects.exclude(status__in=over).exists(), list(
        PaymentLine.objects.values_list("line_no", "status")
    )
    settled = SettlementFact.objects.filter(kind="settled").values_list("item_id", flat=True)
    assert len(settled) == len(set(settled))
    unpaid = SupplierEntry.objects.filter(payment_lines__status=LineStatus.POSTED).exclude(rest=Decimal(0))
    assert not unpaid.exists()
    assert not SupplierEntry.objects.filter(payment_lines__status=LineStatus.POSTED, in_payment__gt=F("rest")).exists()
