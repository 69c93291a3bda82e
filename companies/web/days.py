"""Days without payments on a form: a tick per weekday, and a choice which way a date moves off them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.numbers import as_keys
from companies.choices import (
    FRIDAY,
    MONDAY,
    MOVE_EARLIER,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
)

WEEKDAYS = (
    (MONDAY, _("Monday")),
    (TUESDAY, _("Tuesday")),
    (WEDNESDAY, _("Wednesday")),
    (THURSDAY, _("Thursday")),
    (FRIDAY, _("Friday")),
    (SATURDAY, _("Saturday")),
    (SUNDAY, _("Sunday")),
)
WAYS = ((0, _("Move to a later date")), (MOVE_EARLIER, _("Move to an earlier date")))


class DaysWidget(forms.CheckboxSelectMultiple):
    """Seven ticks and two round marks under one name: together they are the number of the column PmtFree."""

    template_name = "companies/_days.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        held = set(self.format_value(value))
        context["ways"] = [
            {"value": bit, "label": label, "on": (str(MOVE_EARLIER) in held) == bool(bit)} for bit, label in WAYS
        ]
        context["weekdays"] = [
            {"value": bit, "label": label, "on": str(bit) in held, "id": f"id_{name}_{number}"}
            for number, (bit, label) in enumerate(WEEKDAYS)
        ]
        return context


class DaysField(forms.MultipleChoiceField):
    """Weekdays without payments and the direction of the move; one number in the table."""

    widget = DaysWidget

    def __init__(self, **kwargs: Any) -> None:
        choices = [(str(bit), label) for bit, label in (*WEEKDAYS, *WAYS)]
        super().__init__(choices=choices, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return [str(bit) for bit, _label in (*WEEKDAYS, (MOVE_EARLIER, "")) if value & bit]
        return value

    def clean(self, value: Any) -> int:
        """The bits added up; a tick sent twice counts once."""
        return sum({int(one) for one in super().clean(value)})

    def has_changed(self, initial: Any, data: Any) -> bool:
        held = initial if isinstance(initial, int) else 0
        wanted = sum(set(as_keys(map(str, data or ()))))
        return held != wanted
