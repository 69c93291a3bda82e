"""Small things people leave at their desk: notes on a payment, searches kept as tabs, exceptions marked as done."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Company, Person, SavedView
from payments.models import AnswerException, Payment, PaymentNote
from payments.story import tell


def leave_note(payment: Payment, by: Person, text: str) -> PaymentNote:
    """A remark colleagues see on the payment's page."""
    return PaymentNote.objects.create(payment=payment, person=by, text=text.strip()[:500])


def keep_view(company: Company, person: Person, page: str, name: str, query: str) -> SavedView:
    """Keep a search as a tab of one's own; the same name again replaces it."""
    keys: dict[str, Any] = {"company": company, "person": person, "page": page, "name": name.strip()[:60]}
    return SavedView.objects.update_or_create(defaults={"query": query[:500]}, **keys)[0]


def mark_done(exception: AnswerException, by: Person, how: str) -> bool:
    """Somebody looked at an answer that did not fit and says what was done; False when another was faster."""
    open_ = AnswerException.objects.filter(pk=exception.pk, done_at__isnull=True)
    if not open_.update(done_at=timezone.now(), done_by=by, done_how=how.strip()[:200]):
        return False
    if exception.payment_id is not None:
        text = _("Exception marked as done: %(how)s") % {"how": how.strip()[:200]}
        tell(exception.payment_id, "exception_done", text, by)
    return True
