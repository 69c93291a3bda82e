"""The life of a bank agreement: ordered, confirmed by the bank, active, ended. Only active ones send and import.

Activating needs a second administrator, who looks at the whole agreement; every administrator then gets a mail.
Ending needs nobody else: it only makes the company safer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies import mails, pending
from companies.access import people_with
from companies.choices import AgreementState, Role
from companies.models import BankAgreement, BankMandate, PendingChange, Person

ORDERED, CONFIRMED = AgreementState.ORDERED, AgreementState.CONFIRMED
ACTIVE, ENDED = AgreementState.ACTIVE, AgreementState.ENDED


@dataclass(frozen=True, slots=True)
class Step:
    """A button on an agreement: where it leads, its words, and what pressing it means."""

    to: AgreementState
    verb: Any
    meaning: Any
    danger: bool = False


_CONFIRM = Step(
    CONFIRMED, gettext_lazy("Bank has confirmed"), gettext_lazy("The bank answered that the agreement is set up there.")
)
_ACTIVATE = Step(
    ACTIVE,
    gettext_lazy("Activate"),
    gettext_lazy("Another administrator must accept it. Then payments are sent and files imported."),
)
_END = Step(
    ENDED,
    gettext_lazy("End"),
    gettext_lazy("From now on nothing is sent or imported with this agreement."),
    danger=True,
)
_AGAIN = Step(ORDERED, gettext_lazy("Order again"), gettext_lazy("Begin anew with the same facts."))
STEPS: dict[str, tuple[Step, ...]] = {
    ORDERED: (_CONFIRM, _END),
    CONFIRMED: (_ACTIVATE, _END),
    ACTIVE: (_END,),
    ENDED: (_AGAIN,),
}
MEANINGS: dict[str, Any] = {
    ORDERED: gettext_lazy("Ordered from the bank. Nothing is sent or imported yet."),
    CONFIRMED: gettext_lazy("The bank has set it up. Nothing is sent or imported before it is activated."),
    ACTIVE: gettext_lazy("Payments are sent and files are imported."),
    ENDED: gettext_lazy("Nothing is sent or imported any more. The row is kept for its history."),
}

WAY = tuple((state.value, state.label) for state in (ORDERED, CONFIRMED, ACTIVE, ENDED))


class NotMoved(Exception):
    """The agreement cannot go to that state now; the text says why."""


def move(agreement: BankAgreement, to: str, by: Person) -> PendingChange | None:
    """Take the agreement one step on. Activation answers the change that waits for a second administrator."""
    if to not in {step.to for step in STEPS[agreement.state]}:
        raise NotMoved(_("The agreement is %(state)s now.") % {"state": agreement.get_state_display()})
    if to == ACTIVE:
        _check_alone(agreement)
        return pending.ask(agreement, "state", agreement.state, to, by)
    with transaction.atomic():
        rows = BankAgreement.objects.filter(pk=agreement.pk, state=agreement.state, version=agreement.version)
        if not rows.update(version=F("version") + 1):
            raise NotMoved(_("Somebody changed the agreement a moment ago. Look at it again."))
        agreement.state = to
        agreement.version += 1
        agreement.save(update_fields=["state"])
        pending.withdraw(agreement, by, str(agreement.get_state_display()))
    return None


def add_mandate(agreement: BankAgreement, person: Person) -> bool:
    """This person may sign in the bank. False when it is known already."""
    _row, made = BankMandate.objects.get_or_create(
        agreement=agreement, person=person, defaults={"since": timezone.localdate()}
    )
    return made


def remove_mandate(agreement: BankAgreement, person_id: int) -> bool:
    """This person may no longer sign in the bank."""
    row = BankMandate.objects.filter(agreement=agreement, person_id=person_id).first()
    if row is None:
        return False
    row.delete()  # one by one, so that its history tells
    return True


def mandate_sentences() -> tuple[str, str]:
    """How the story tells that a mandate went and came."""
    return _("Took the bank mandate from %(what)s."), _("Entered that %(what)s may sign in the bank.")


def _check_alone(agreement: BankAgreement) -> None:
    others = BankAgreement.objects.filter(bank_partner_id=agreement.bank_partner_id, state=ACTIVE)
    if other := others.exclude(pk=agreement.pk).first():
        text = _("%(partner)s has an active agreement already. End that one first.")
        raise NotMoved(text % {"partner": other.bank_partner})


def activated(agreement: BankAgreement, change: PendingChange, by: Person) -> None:
    """Tell every administrator of the company; called when the second person has accepted."""
    if agreement.state != ACTIVE:
        return
    address = settings.PUBLIC_URL.rstrip("/") + reverse("setup_row", args=["agreement", agreement.pk])
    for person in people_with(agreement.company, [Role.ADMINISTRATOR]):
        with translation.override(person.language or agreement.company.language):
            values = {
                "partner": agreement.bank_partner,
                "company": agreement.company.name,
                "asked": change.asked_by.shown,
                "accepted": by.shown,
                "address": address,
            }
            subject = _("Bank agreement %(partner)s of %(company)s is active") % values
            body = _(
                "%(asked)s activated the bank agreement %(partner)s of %(company)s, %(accepted)s accepted it.\n"
                "From now on payments are sent and files are imported with it.\n\n%(address)s\n"
            )
            key = f"agreement-active:{agreement.pk}:{agreement.version}:{person.pk}"
            mails.post(key, [person.email], subject, body % values, company=agreement.company)


pending.after_accepting("bankagreement", "state", activated)
