"""Invoices that are not to be paid yet: held back by a person with a reason, until a day or until somebody lets go.

A held entry is in no suggestion; the list of what was left out shows who holds it and why.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import structlog
from django.db.models import F
from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from companies.clock import business_date
from companies.models import Company, Person
from payments.choices import STILL_OPEN
from payments.models import SupplierEntry

_FREE: dict[str, Any] = {"held": False, "held_until": None, "held_reason": "", "held_by": None}
log = structlog.get_logger(__name__)


class CannotHold(Exception):
    """The entry cannot be held back; the text says why. `field` names it for the form."""

    def __init__(self, field: str, text: str) -> None:
        self.field, self.text = field, text
        super().__init__(text)


def hold(company: Company, ids: Collection[int], by: Person, reason: str, until: date | None = None) -> int:
    """Hold these open entries back; answers how many. What is wholly in a payment stays there. Raises CannotHold."""
    if not reason.strip():
        raise CannotHold("reason", _("Say why the invoice is not to be paid yet."))
    if until is not None and until <= business_date(company):
        raise CannotHold("until", _("Choose a day after today, or leave it empty."))
    values = {"held": True, "held_until": until, "held_reason": reason.strip()[:200], "held_by": by}
    return _change(company, ids, values, remitted=False)


def let_go(company: Company, ids: Collection[int]) -> int:
    """They may be paid again; answers how many were held."""
    return _change(company, ids, _FREE, held=True)


def _change(company: Company, ids: Collection[int], values: dict[str, Any], **where: bool) -> int:
    open_ = SupplierEntry.objects.filter(company=company, status__in=STILL_OPEN, **where).exclude(in_payment=F("rest"))
    return sum(open_.filter(pk__in=part).update(**values) for part in chunks(ids))


def let_go_in_time(company: Company) -> int:
    """Entries whose day has come are held no longer; answers how many."""
    due = SupplierEntry.objects.filter(company=company, held=True, held_until__lte=business_date(company))
    count = due.update(**_FREE)
    if count:
        log.info("held_entries_let_go", company=company.pk, entries=count)
    return count


def let_go_everywhere() -> int:
    """The same for every company, once a night."""
    waiting = SupplierEntry.objects.filter(held=True, held_until__isnull=False).order_by()
    ids = list(waiting.values_list("company_id", flat=True).distinct())
    return sum(let_go_in_time(company) for company in Company.objects.filter(pk__in=ids))
