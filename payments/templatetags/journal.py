"""Small words of the journal's screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from payments.interpretation import Role

register = template.Library()
_ROLES = {
    Role.INVOICE: ("inv", _("invoice")),
    Role.CUSTOMER: ("cust", _("customer")),
    Role.CHECK: ("chk", _("check digit")),
    Role.OTHER: ("", ""),
}


@register.filter
def named(names: Mapping[str, str], account: str) -> str:
    """What the company calls a ledger account; nothing when nobody has named it."""
    return names.get(account, "")


@register.filter
def plain_rate(rate: Decimal) -> str:
    """A rate without the zeros the database adds: 11.62 instead of 11.62000000."""
    return f"{rate.normalize():f}"


@register.filter
def cells(segments: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The stretches of a reference for the eye: what each says, its leading zeros apart, from and to which place."""
    found = []
    for one in segments:
        role, text, start = Role(one["role"]), str(one["text"]), int(one["start"])
        number = text if role is Role.CHECK else text.lstrip("0")
        shade, words = _ROLES[role]
        lead = text[: len(text) - len(number)]
        last = start + len(text) - 1
        found.append({"role": shade, "words": words, "lead": lead, "text": number, "first": start, "last": last})
    return found


@register.filter
def plain(value: Decimal) -> str:
    """Figures for a hidden field: no thin spaces."""
    return f"{value:f}"
