"""Why an approval, cancellation or change was not done: facts, each with the sentence for the screen."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from payments.choices import RoundState
from payments.models import Payment


class Refusal(Exception):
    """Nothing was changed; the text says why and what happened meanwhile."""

    code = "refused"

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


class OwnUpload(Refusal):
    """Who uploaded a payment never approves it."""

    code = "own_upload"


class NotAnApprover(Refusal):
    """Neither the role nor a deputy's mandate for today and this amount."""

    code = "not_an_approver"


class AlreadyApproved(Refusal):
    """One person counts once a round, also by way of a deputy."""

    code = "already_approved"


class ChangedSinceSeen(Refusal):
    """Other bytes than those that were looked at."""

    code = "changed_since_seen"


class RoundClosed(Refusal):
    """Approved, cancelled or sent meanwhile, or not uploaded."""

    code = "round_closed"


class SecondFactorNeeded(Refusal):
    """The agreement asks for a code from the person's second device."""

    code = "second_factor_needed"


class DatePassed(Refusal):
    """The bank would not execute on the date that stands in the file."""

    code = "date_passed"


class NotAllowed(Refusal):
    """The company does not do this."""

    code = "not_allowed"


class NotCovered(Refusal):
    """The account does not hold the payment, and the approver did not take that on."""

    code = "not_covered"


class TooLate(Refusal):
    """The file has left, or the seconds to undo are over."""

    code = "too_late"


class ReasonNeeded(Refusal):
    """A cancellation says why."""

    code = "reason_needed"


class NotAmendable(Refusal):
    """This line or value cannot be changed in Approval."""

    code = "not_amendable"


def own_upload(payment: Payment) -> OwnUpload:
    """The uploader, or a deputy for the uploader."""
    text = _("Payment %(number)s was uploaded by you, or by the one you stand in for: somebody else must approve it.")
    return OwnUpload(text % {"number": payment.number})


def not_an_approver(payment: Payment) -> NotAnApprover:
    """No role and no mandate."""
    text = _("You may not approve payments of %(company)s: the role Approver is missing.")
    return NotAnApprover(text % {"company": payment.company.name})


def already_approved(payment: Payment) -> AlreadyApproved:
    """The same person again."""
    text = _("You, or somebody standing in for you, have already approved payment %(number)s.")
    return AlreadyApproved(text % {"number": payment.number})


def changed_since_seen(payment: Payment) -> ChangedSinceSeen:
    """Another digest."""
    text = _("Payment %(number)s was changed since you opened it: look at it again, its digest is now %(digest)s.")
    return ChangedSinceSeen(text % {"number": payment.number, "digest": payment.digest[:16]})


def second_factor_needed() -> SecondFactorNeeded:
    """No code was given."""
    return SecondFactorNeeded(_("The bank agreement asks for a code from your second device."))


def date_passed(payment: Payment, day: date, *, after_cut_off: bool) -> DatePassed:
    """Past, or today and too late."""
    text = (
        _("The bank's cut-off for %(day)s has passed: move payment %(number)s to the next bank day.")
        if after_cut_off
        else _("Payment date %(day)s is past: move payment %(number)s to the next bank day.")
    )
    return DatePassed(text % {"number": payment.number, "day": day.isoformat()})


def round_closed(payment: Payment) -> RoundClosed:
    """What happened to the payment instead."""
    sentences = {
        RoundState.DRAFT: _("Payment %(number)s is not uploaded."),
        RoundState.RELEASED: _("Payment %(number)s has all its approvals and was released."),
        RoundState.CANCELLED: _("Payment %(number)s was cancelled: %(reason)s"),
    }
    sealing = _("Payment %(number)s is being sealed anew: try again in a moment.")
    text = sentences.get(RoundState(payment.round_state), sealing)
    return RoundClosed(text % {"number": payment.number, "reason": payment.cancel_reason})
