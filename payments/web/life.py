"""The whole way of one payment line, as a timeline: entry, line, file, approvals, answers, booking, voucher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.amounts import shown
from payments.choices import FactKind, LineStatus
from payments.iso20022 import reasons
from payments.lists import queries_payment
from payments.models import LineChange, Payment, PaymentLine, SettlementFact, Voucher

TONES = {
    LineStatus.ESTIMATE: "good",
    LineStatus.AT_EFT: "good",
    LineStatus.TRANSFERRED: "good",
    LineStatus.ACKNOWLEDGED: "info",
    LineStatus.SETTLED: "good",
    LineStatus.POSTED: "good",
    LineStatus.REJECTED: "bad",
    LineStatus.REFUSED: "bad",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One point of the timeline."""

    title: str
    text: str
    at: datetime | None = None
    tone: str = "good"
    status: int | None = None
    url: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not paid: reason in plain words, the bank's own words, what to do next."""

    code: str
    meaning: str
    own_words: str
    todo: list[str]


def refusal(line: PaymentLine, *, returned: bool) -> Refusal | None:
    """Why a line at 4, 7 or 10 was not paid and what finance does next; None for lines on their way."""
    if line.status not in (LineStatus.REJECTED, LineStatus.REFUSED, LineStatus.CANCELLED):
        return None
    if not line.reason_code:
        return Refusal("", "", line.reason_text, [])
    found = reasons.reason(line.reason_code, "return" if returned else "status")
    advice = _(found.advice)
    steps = [step.strip(" .") for part in advice.split(";") for step in part.split(", then ")]
    todo = [f"{step[:1].upper()}{step[1:]}." for step in steps if step]
    return Refusal(line.reason_code, _(found.text), line.reason_text, todo)


def life(payment: Payment, line: PaymentLine, facts: list[SettlementFact]) -> list[Event]:
    """The events of a line in the order in which they happened; `facts` are what the bank debited and gave back."""
    steps = queries_payment.changes(line)
    found = [_registered(line), _suggested(payment, line)]
    found += (
        [_in_file(line, next((one.at for one in steps if one.after == LineStatus.AT_EFT), None))] if line.item else []
    )
    found += _signed(payment, line)
    found += [_changed(step) for step in steps]
    found += [_moved_money(fact) for fact in facts]
    dated = sorted((one for one in found if one.at), key=lambda one: one.at or timezone.now())
    vouchers = queries_payment.vouchers_of([line], payment).get(line.entry_id, [])
    return [*[one for one in found if not one.at], *dated, *_booked(line, vouchers)]


def _registered(line: PaymentLine) -> Event:
    entry = line.entry
    facts = {"invoice": entry.invoice_no, "due": entry.due_date, "planned": entry.planned_date}
    text = _("Invoice %(invoice)s, due %(due)s, planned %(planned)s.") % facts
    return Event(
        _("Supplier entry %(no)s") % {"no": entry.voucher_no or entry.pk}, f"{text} {entry.planned_why}".strip()
    )


def _suggested(payment: Payment, line: PaymentLine) -> Event:
    facts = {"line": line.line_no, "payment": payment.number}
    by = payment.created_by.shown if payment.created_by else _("the system")
    text = _("Suggested by %(by)s. The entry is marked Remitted.") % {"by": by}
    title = _("Line %(line)s of payment %(payment)s") % facts
    return Event(title, text, payment.created_at, status=LineStatus.ESTIMATE)


def _in_file(line: PaymentLine, at: datetime | None) -> Event:
    item: Any = line.item
    text = _("Message %(file)s, EndToEndId %(id)s, group %(group)s.") % {
        "file": item.transfer.msg_id,
        "id": item.end_to_end_id,
        "group": item.payment_info_id,
    }
    return Event(_("In pain.001"), text, at or item.transfer.created_at)


def _signed(payment: Payment, line: PaymentLine) -> list[Event]:
    round_ = line.item.transfer.round if line.item else payment.round
    signed = [one for one in queries_payment.approvals(payment) if one.round == round_]
    found = []
    for number, one in enumerate(signed, 1):
        title = _("%(decision)s, %(n)s of %(needed)s") % {
            "decision": one.get_decision_display(),
            "n": number,
            "needed": payment.needed,
        }
        factor = _(", second factor") if one.second_factor else ""
        text = _("%(person)s%(factor)s, saw %(digest)s") % {
            "person": one.person.shown,
            "factor": factor,
            "digest": f"{one.digest[:4]}…{one.digest[-4:]}",
        }
        found.append(Event(title, text, one.at))
    return found


def _changed(step: LineChange) -> Event:
    after = LineStatus(step.after)
    by = step.made_by.shown if step.made_by else ""
    why = " ".join(filter(None, (step.reason_code, step.reason_text)))
    text = ". ".join(filter(None, (step.source, by, why)))
    return Event(str(after.label), text, step.at, TONES.get(after, ""), status=after)


def _moved_money(fact: SettlementFact) -> Event:
    amount = f"{shown(fact.account_amount)} {fact.account_currency_id}"
    fee = _(", fee %(fee)s") % {"fee": shown(fact.fee)} if fact.fee else ""
    text = _("%(amount)s%(fee)s on the account, value %(day)s. %(source)s %(reference)s") % {
        "amount": amount,
        "fee": fee,
        "day": fact.value_date,
        "source": fact.source,
        "reference": fact.bank_reference,
    }
    back = fact.kind == FactKind.RETURNED
    return Event(_("Money came back") if back else _("Debited"), text, fact.created_at, "bad" if back else "good")


def _booked(line: PaymentLine, vouchers: list[Voucher]) -> list[Event]:
    if not vouchers:
        lost = line.status in (LineStatus.REJECTED, LineStatus.CANCELLED, LineStatus.REFUSED)
        text = _("None: no money moved, so there is nothing to book or reverse.") if lost else _("Not yet.")
        return [Event(_("Voucher"), text, tone="")]
    return [
        Event(
            _("Voucher %(no)s") % {"no": voucher.number},
            _("Batch %(batch)s, value date %(day)s. %(text)s")
            % {"batch": voucher.batch.number, "day": voucher.value_date, "text": voucher.text},
            _at_noon(voucher) if voucher.batch.posted_at is None else voucher.batch.posted_at,
        )
        for voucher in vouchers
    ]


def _at_noon(voucher: Voucher) -> datetime:
    return timezone.make_aware(datetime.combine(voucher.value_date, time(12)))
