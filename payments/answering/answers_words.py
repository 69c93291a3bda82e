"""Words of an answer for people: reasons in plain language, what a payment waits for; whether we asked for the end."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from payments.choices import PayeeAct, PayeeDecisionState, RoundState, TransferState
from payments.iso20022 import messages, reasons
from payments.iso20022.codes import StatusMeaning
from payments.lifecycle import Reason
from payments.models import Transfer


def reason_of(told: Sequence[messages.Reason]) -> Reason:
    """The first reason with a code in plain words, and everything the bank wrote beside."""
    first = next((reason for reason in told if reason.code), None)
    words = " ".join(reason.text for reason in told if reason.text)
    if first is None:
        return Reason("", words)
    meaning = reasons.reason(first.code, "status")
    if first.proprietary or not meaning.known or first.code == "NARR":
        return Reason(first.code, words or _(meaning.text))
    plain = _(meaning.text)
    return Reason(first.code, f"{plain}: {words}" if words else plain)


def waiting_text(meaning: StatusMeaning) -> str:
    """What the payment list shows beside the status while the bank waits."""
    return _("waiting: %(why)s (%(code)s)") % {"why": _(meaning.text), "code": meaning.code}


def known_cancellation(transfer: Transfer) -> bool:
    """Whether we asked for this payment to be stopped, or know that somebody did."""
    payment = transfer.payment
    by_two = transfer.payee_decisions.filter(act=PayeeAct.CANCEL, state=PayeeDecisionState.CONFIRMED)
    return (
        transfer.state == TransferState.CANCELLED
        or payment.round_state == RoundState.CANCELLED
        or bool(payment.cancel_reason)
        or by_two.exists()
    )
