"""How far a payment is, as the steps across its page: from the suggestion to the voucher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from payments.choices import LineStatus, RoundState, TransferState
from payments.lists.queries_payment import Stand
from payments.models import Payment, Transfer

S = LineStatus
LOST = (S.REJECTED, S.CANCELLED, S.REFUSED)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what, when and how, and whether it is done (""), under way, to do or bad."""

    label: str
    text: str
    state: str = ""


def steps(payment: Payment, stand: Stand, files: list[Transfer]) -> list[Step]:
    """The seven steps of decisions §2, with the figures of this payment."""
    now = [file for file in files if file.round == payment.round]
    return [
        _suggested(payment),
        _uploaded(payment),
        _approved(payment),
        _sent(payment, now),
        _answered(stand),
        _settled(stand),
        _posted(stand),
    ]


def moment(at: datetime | None) -> str:
    """Wed 25 Nov 08:55."""
    return date_format(timezone.localtime(at), "D j M H:i") if at else ""


def _suggested(payment: Payment) -> Step:
    many = payment.line_count
    entries = ngettext("%(n)s entry remitted", "%(n)s entries remitted", many) % {"n": many}
    return Step(_("Suggested"), f"{moment(payment.created_at)}\n{entries}")


def _uploaded(payment: Payment) -> Step:
    if payment.uploaded_at is None:
        return Step(_("Upload"), _("not yet"), "todo")
    by = payment.uploaded_by.shown if payment.uploaded_by else ""
    return Step(_("Uploaded"), f"{moment(payment.uploaded_at)}\n{by}")


def _approved(payment: Payment) -> Step:
    counts = {"given": payment.given, "needed": payment.needed or payment.agreement.approvers}
    label = _("Approved %(given)s of %(needed)s") % counts
    if payment.round_state == RoundState.RELEASED:
        return Step(label, f"{moment(payment.released_at)}\n{_('same digest')}")
    if payment.round_state == RoundState.CANCELLED:
        return Step(_("Cancelled"), payment.cancel_reason, "bad")
    if payment.round_state == RoundState.WAITING:
        return Step(label, _("waits for approvers"), "part")
    return Step(_("Approval"), _("not yet"), "todo")


def _sent(payment: Payment, files: list[Transfer]) -> Step:
    states = {file.state for file in files}
    sent = max((file.sent_at for file in files if file.sent_at), default=None)
    if TransferState.REFUSED in states:
        why = next(file.refused_text or file.refused_code for file in files if file.state == TransferState.REFUSED)
        return Step(_("Refused"), f"{moment(sent)}\n{why[:80]}", "bad")
    if TransferState.UNKNOWN in states:
        return Step(_("Answer unknown"), _("the bank side is asked"), "bad")
    if states == {TransferState.ACCEPTED}:
        return Step(_("Sent"), f"{moment(sent)}\n{files[0].get_channel_display()}")
    if payment.round_state == RoundState.RELEASED:
        return Step(_("Sending"), moment(payment.hold_until) or _("in a moment"), "part")
    return Step(_("Send"), "", "todo")


def _answered(stand: Stand) -> Step:
    yes, no = stand.many(S.ACKNOWLEDGED, S.SETTLED, S.POSTED), stand.many(S.REJECTED, S.REFUSED)
    said = yes + no
    if not said:
        return Step(_("Bank answers"), "", "todo")
    label = _("Bank said %(n)s of %(all)s") % {"n": said, "all": stand.total}
    text = _("%(yes)s yes, %(no)s no") % {"yes": yes, "no": no}
    at = moment(stand.last(S.ACKNOWLEDGED, S.REJECTED, S.REFUSED))
    return Step(label, f"{text}\n{at}", "bad" if no else "" if said == stand.total else "part")


def _settled(stand: Stand) -> Step:
    paid, wanted = stand.many(S.SETTLED, S.POSTED), stand.total - stand.many(*LOST)
    if not paid:
        return Step(_("Settled"), "", "todo")
    label = _("Settled %(n)s of %(all)s") % {"n": paid, "all": wanted}
    return Step(label, moment(stand.last(S.SETTLED)), "" if paid == wanted else "part")


def _posted(stand: Stand) -> Step:
    posted, wanted = stand.many(S.POSTED), stand.many(S.SETTLED, S.POSTED)
    if not wanted:
        return Step(_("Posted"), "", "todo")
    label = _("Posted %(n)s of %(all)s") % {"n": posted, "all": wanted}
    text = moment(stand.last(S.POSTED)) if posted == wanted else _("the batch waits in the journal")
    return Step(label, text, "" if posted == wanted else "part")
