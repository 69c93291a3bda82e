"""Small words of the journal's screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()
# the roles of payments.interpretation by their words: every page loads this module, few read references
ROLES = {
    "invoice": ("inv", _("invoice")),
    "customer": ("cust", _("customer")),
    "check": ("chk", _("check digit")),
    "other": ("", ""),
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
        role, text, start = str(one["role"]), str(one["text"]), int(one["start"])
        number = text if role == "check" else text.lstrip("0")
        shade, words = ROLES[role]
        lead = text[: len(text) - len(number)]
        last = start + len(text) - 1
        found.append({"role": shade, "words": words, "lead": lead, "text": number, "first": start, "last": last})
    return found


@register.filter
def plain(value: Decimal) -> str:
    """Figures for a hidden field: no thin spaces."""
    return f"{value:f}"
