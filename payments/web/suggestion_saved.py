"""Criteria one uses again: kept per person and company under a name. Dates are kept as days from today."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl, urlencode

from autopay_console.kernel.numbers import as_key, as_number
from companies.clock import business_date
from companies.models import Company, Person, SavedView
from payments import desk
from payments.preparing.criteria import Criteria, Order

PAGE = "suggestion"


def saved(company: Company, person: Person) -> list[SavedView]:
    """The person's own sets of criteria, by name."""
    return list(SavedView.objects.filter(company=company, person=person, page=PAGE).order_by("name")[:30])


def keep(company: Company, person: Person, name: str, criteria: Criteria) -> SavedView:
    """Keep these criteria; the same name again replaces them."""
    today = business_date(company)
    facts = {
        "up_to": (criteria.up_to - today).days,
        "transfer_date": (criteria.transfer_date - today).days,
        "order": criteria.order,
        "bank_partner": criteria.bank_partner.number,
        "largest_amount": "" if criteria.largest_amount is None else f"{criteria.largest_amount:f}",
        "use_supplier_partner": "1" if criteria.use_supplier_partner else "",
        "only_selected_partner": "1" if criteria.only_selected_partner else "",
        "description": criteria.description,
    }
    return desk.keep_view(company, person, PAGE, name, urlencode(facts))


def forget(company: Company, person: Person, pk: int) -> bool:
    """Remove one of one's own; False when it is not there."""
    return bool(SavedView.objects.filter(company=company, person=person, page=PAGE, pk=pk).delete()[0])


def initial(company: Company, person: Person, pk: str, partners: dict[int, Any]) -> dict[str, Any]:
    """What the dialog shows first for a kept set; empty when there is none. `partners` by their number."""
    row = SavedView.objects.filter(company=company, person=person, page=PAGE, pk=as_key(pk)).first() if pk else None
    if row is None:
        return {}
    facts, today = dict(parse_qsl(row.query)), business_date(company)
    found: dict[str, Any] = {"description": facts.get("description", "")}
    for name in ("up_to", "transfer_date"):
        found[name] = today + timedelta(days=_whole(facts.get(name, "")))
    for name in ("use_supplier_partner", "only_selected_partner"):
        found[name] = bool(facts.get(name))
    if facts.get("order") in Order.values:
        found["order"] = facts["order"]
    if partner := partners.get(_whole(facts.get("bank_partner", ""))):
        found["bank_partner"] = partner
    if facts.get("largest_amount"):
        found["largest_amount"] = _amount(facts["largest_amount"])
    return found


def _whole(text: str) -> int:
    days = as_number(text.removeprefix("-"), 0, most=99_999)
    return -days if text.startswith("-") else days


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
