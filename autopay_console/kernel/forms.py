"""Forms look and read the same everywhere: one field template, fields for amounts, days and accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel import amounts


class ConsoleFormRenderer(TemplatesSetting):
    """Django's renderer with the console's field part."""

    field_template_name = "components/field.html"


class ConsoleForm(forms.Form):
    """A form without colons after its labels and without the browser's own required bubbles in dialogs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class ConsoleModelForm(ModelForm):
    """The same for a row of a table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class AmountInput(forms.TextInput):
    """Right-aligned figures; phones show the keypad with a decimal mark."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "data-figures": "", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return amounts.shown(value).replace(amounts.MINUS, "-") if isinstance(value, Decimal) else value


class AmountField(forms.Field):
    """An exact amount. Reads `1 234,50` and `1,234.50`; refuses what can be read in two ways."""

    widget = AmountInput
    default_error_messages = {
        "least": _("Write at least %(least)s."),
        "most": _("Write at most %(most)s."),
        "decimals": _("%(currency)s has %(decimals)s decimals."),
    }

    def __init__(
        self,
        *,
        least: Decimal | None = None,
        most: Decimal | None = None,
        decimals: int = 2,
        currency: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.least, self.most, self.decimals, self.currency = least, most, decimals, currency

    def to_python(self, value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        if isinstance(value, Decimal):
            return value
        try:
            return amounts.read_amount(str(value))
        except amounts.NotAnAmount as error:
            raise ValidationError(str(error)) from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if self.least is not None and value < self.least:
            raise ValidationError(self.error_messages["least"], params={"least": amounts.shown(self.least)})
        if self.most is not None and value > self.most:
            raise ValidationError(self.error_messages["most"], params={"most": amounts.shown(self.most)})
        if value != value.quantize(Decimal(1).scaleb(-self.decimals)):
            raise ValidationError(
                self.error_messages["decimals"],
                params={"currency": self.currency or _("The currency"), "decimals": self.decimals},
            )


class RateField(forms.DecimalField):
    """What one unit costs, above zero: with a point or a comma, never with groups of thousands."""

    widget = AmountInput
    default_error_messages = {
        "invalid": _("Write the rate with digits and one decimal mark, such as 11.4325."),
        "min_value": _("A rate is above zero."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal("0.00000001"), **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python("".join(value.split()).replace(",", ".") if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        """Without the noughts of the column behind it."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class DayInput(forms.DateInput):
    """The browser's own calendar; the value stays ISO whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A date, read as 2026-02-28 or 28.02.2026."""

    widget = DayInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"])
        super().__init__(**kwargs)


class AccountInput(forms.TextInput):
    """An account number: no spelling help, capital letters on a phone, figures of one width."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        own = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "maxlength": 42}
        super().__init__({**own, **(attrs or {})})


class AccountField(forms.CharField):
    """IBAN or national number as typed or pasted; spaces are dropped, what it is is checked by the business side."""

    widget = AccountInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 35)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python("".join(str(value or "").split()).upper()) or ""


class CodeInput(forms.TextInput):
    """A one-time code from an authenticator app."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        own = {"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false", "maxlength": 8}
        super().__init__({**own, **(attrs or {})})
