"""The main job, once, by the demo people: from suggestion to posted vouchers, from bank day to matched entries."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import close_old_connections

from companies.clock import business_now, set_business_time
from companies.models import Company, Person
from demo import incoming, outcome
from demo.places import Stop
from demo.say import Teller, amount
from integration.choices import MessageState
from integration.models import InboxMessage
from payments import validation
from payments.choices import FileState, LineStatus, Severity, TransferState
from payments.models import BankFile, Payment, PaymentLine, SettlementFact, Transfer
from payments.preparing.criteria import Criteria
from payments.releasing import approval, uploading
from payments.suggesting import estimates, suggestion

if TYPE_CHECKING:
    from demo.town import Town

PATIENCE = 90  # seconds for everything under way to come to rest
DAYS = 30  # bank days the clock may move before something is wrong
APPROVERS = ("bjorn", "cecilie")


def run(town: Town, tell: Teller) -> bool:
    """Both ways; True when the outcome is what the sandbox's rules demand. Kept data are only reported again."""
    if Payment.objects.exists():
        tell.head("The main job was done at an earlier start; its outcome today")
        return outcome.report(town, tell)
    tell.head("Out: from open supplier entries to the bank")
    out = [_way_out(company, tell) for company in Company.objects.order_by("number")]
    with tell.step("files sent and accepted by AutoPay central") as told:
        under_way = (TransferState.SEALED, TransferState.RELEASED, TransferState.SENDING, TransferState.UNKNOWN)
        wait(lambda: not Transfer.objects.filter(state__in=under_way).exists(), "transfers accepted")
        for refused in Transfer.objects.filter(state=TransferState.REFUSED):
            raise Stop(f"AutoPay central refused {refused.msg_id}: {refused.refused_code} {refused.refused_text}")
        told.append(f"{Transfer.objects.count()} files")
    tell.head("In: what customers paid")
    with tell.step("customers pay into both companies") as told:
        told.append(f"{_customers_pay(town)} payments planned at the banks")
    tell.head("The banks work")
    _days_pass(town, tell)
    tell.head(f"What happened, read from the database ({sum(out)} lines went out)")
    return outcome.report(town, tell)


def _way_out(company: Company, tell: Teller) -> int:
    anna = Person.objects.get(username="anna")
    partner = company.bank_partners.get(number=1)
    criteria = Criteria.usual(company, partner)
    with tell.step(f"{company.name}: suggested") as told:
        preview = suggestion.preview(company, criteria)
        payments = suggestion.create(company, criteria, by=anna).payments
        taken = PaymentLine.objects.filter(payment__in=payments).count()
        told.append(f"{taken} entries taken, {sum(one.entries for one in preview.left_out)} left out")
    for payment in payments:
        _upload(payment, anna, tell)
        _approve(payment, tell)
    return PaymentLine.objects.filter(payment__in=payments).count()


def _upload(payment: Payment, anna: Person, tell: Teller) -> None:
    with tell.step(f"payment {payment.number}: checked and uploaded by {anna.shown}") as told:
        findings = validation.findings(payment)
        stops = [one for one in findings if one.severity == Severity.STOP]
        for line in PaymentLine.objects.filter(pk__in={one.line_id for one in stops if one.line_id}):
            estimates.take_out(line, by=anna)
        warnings = {one.code for one in validation.findings(payment) if one.severity == Severity.WARN}
        answer = uploading.upload(payment, by=anna, accepted=frozenset(warnings))
        told.append(f"{answer.lines} lines in {answer.transactions} transactions")
        told += [f"taken out before upload: {one.text}" for one in stops]
        told += [f"sum {amount(total)} {currency}" for currency, total in sorted(answer.sums.items())]
        told.append(f"kinds of warnings accepted by name: {len(warnings)}")


def _approve(payment: Payment, tell: Teller) -> None:
    payment.refresh_from_db()
    with tell.step(f"payment {payment.number}: approved") as told:
        people = []
        for username in APPROVERS[: payment.needed]:
            person = Person.objects.get(username=username)
            payment.refresh_from_db()
            approval.approve(payment, by=person, seen=payment.digest)
            people.append(person.shown)
        told.append(" and ".join(people))


def _customers_pay(town: Town) -> int:
    count = 0
    for plan in incoming.plans():
        for form, payments in plan.by_format.items():
            facts = {"account": plan.account, "format": form, "payments": payments}
            count += town.sandbox("/incoming", facts)["payments"]
    return count


def _days_pass(town: Town, tell: Teller) -> None:
    """Advance both clocks together until the last payment has settled and nothing is under way."""
    for _ in range(DAYS):
        with tell.step(f"{business_now():%a %d %b %H:%M}") as told:
            waits_late = town.sandbox("/state")["notDelivered"]
            moved = town.sandbox("/clock", {"advance": {"hours": 1}} if waits_late else {"until": "next"})
            wait(lambda: at_rest(town), "everything handled")
            moment = datetime.fromisoformat(moved["time"])
            set_business_time(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Oslo")))
            told.append(_where_lines_stand())
        if not moved["next"] and not moved["notDelivered"] and not _open_lines():
            return
    raise Stop(
        f"After {DAYS} steps of the clock payments are still on their way. The sandbox: {town.sandbox_url}/sandbox/"
    )


def _where_lines_stand() -> str:
    counts = {label: PaymentLine.objects.filter(status=status).count() for status, label in LineStatus.choices}
    return ", ".join(f"{count} {str(label).split(',')[0].lower()}" for label, count in counts.items() if count)


def _open_lines() -> bool:
    under_way = (LineStatus.AT_EFT, LineStatus.TRANSFERRED, LineStatus.ACKNOWLEDGED, LineStatus.SETTLED)
    return PaymentLine.objects.filter(status__in=under_way).exists()


def at_rest(town: Town) -> bool:
    """Nothing lies in the queue, the inbox, among the files, or settled and unbooked."""
    return (
        not InboxMessage.objects.filter(
            state__in=(MessageState.RECEIVED, MessageState.IN_WORK, MessageState.FAILED)
        ).exists()
        and not BankFile.objects.filter(state__in=(FileState.NEW, FileState.VALIDATED, FileState.IMPORTING)).exists()
        and not SettlementFact.objects.filter(batch__isnull=True).exists()
        and town.queue_depth() == 0
    )


def wait(ready: Callable[[], bool], what: str) -> None:
    """Poll until ready twice in a row; a sentence when it takes too long."""
    end = time.monotonic() + PATIENCE
    calm = 0
    while calm < 2:
        close_old_connections()
        calm = calm + 1 if ready() else 0
        if time.monotonic() > end:
            raise Stop(f"Waited {PATIENCE} s in vain for: {what}. The logs are in the demo's folder under logs/.")
        time.sleep(0.1)
