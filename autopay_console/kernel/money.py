"""Money: exact amounts in a currency, and the one database field that holds them.

SQLite stores DECIMAL as a float, so sums and constraints on it are not exact there. `MoneyField` therefore
keeps whole ten-thousandths on SQLite and DECIMAL(19,4) elsewhere; Python always sees `Decimal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Value
from django.db.models.expressions import Combinable, register_combinable_fields
from django.utils.translation import gettext_lazy as _

SCALE = 10_000
PLACES = Decimal("0.0001")
LIMIT = Decimal("900000000000000")  # fits DECIMAL(19,4) and a 64-bit integer of ten-thousandths
ZERO = Decimal(0)
_CENT = Decimal("0.01")
_HUNDREDTH = SCALE // 100


class CurrencyMismatch(ValueError):
    """Two currencies were about to be added or compared."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount in one currency (ISO 4217 code). Adding two currencies is an error."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"Money needs a Decimal, got {type(self.amount).__name__}")

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be put together")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def rounded(amount: Decimal, decimals: int = 2) -> Decimal:
    """Round half up to a currency's decimals, as banks do."""
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


_Set = TypeVar("_Set")
_Get = TypeVar("_Get")

if TYPE_CHECKING:
    Column = models.Field
else:

    class Column(models.Field):
        """Django's field does not take type parameters when it runs; type checkers want them."""

        def __class_getitem__(cls, types: Any) -> Any:
            return cls


class MoneyField(Column[_Set, _Get]):
    """Exact amount with four decimals, the only field type for money in this product."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Decimal
    _pyi_lookup_exact_type: Any

    description = _("Exact amount")
    empty_strings_allowed = False

    def get_internal_type(self) -> str:
        # Not "DecimalField": the back ends would then convert by way of a 15-digit float.
        return "MoneyField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "bigint" if connection.vendor == "sqlite" else "numeric(19, 4)"

    def cast_db_type(self, connection: BaseDatabaseWrapper) -> str:
        return self.db_type(connection)

    def rel_db_type(self, connection: BaseDatabaseWrapper) -> str:
        return self.db_type(connection)

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:
        return [_from_ten_thousandths] if connection.vendor == "sqlite" else [_normal]

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        if isinstance(value, float):
            raise ValidationError(_("Money is never a float."))
        try:
            amount = Decimal(value)
        except (InvalidOperation, TypeError, ValueError) as error:
            raise ValidationError(_("“%(value)s” is not an amount."), params={"value": value}) from error
        return _checked(amount)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value is None or hasattr(value, "resolve_expression") else self.to_python(value)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if not prepared:
            value = self.get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return _stored(value, connection)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if type(value) is Decimal:  # the usual case, by the hundred thousand; texts and F() take the long way
            return _stored(_checked(value), connection)
        if hasattr(value, "as_sql"):
            return value
        return self.get_db_prep_value(value, connection=connection, prepared=False)

    def get_placeholder(self, value: Any, compiler: Any, connection: BaseDatabaseWrapper) -> str:
        _refuse_plain_decimals(value)
        return "%s"

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return super().formfield(**{"form_class": forms.DecimalField, "max_digits": 19, "decimal_places": 4, **kwargs})

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else f"{value:f}"


def amount(value: Decimal) -> Value:
    """An amount inside a database expression: `F("in_payment") + amount(part)`."""
    return Value(value, output_field=MoneyField())


NOTHING = amount(ZERO)


def _refuse_plain_decimals(expression: Any) -> None:
    """A bare Decimal beside F() would not be scaled on SQLite; say so before it reaches the books."""
    if not hasattr(expression, "flatten"):
        return
    for part in expression.flatten():
        if isinstance(part, Value) and isinstance(part.value, Decimal) and not _is_money(part):
            raise TypeError("Use money.amount(value) inside database expressions on money.")


def _is_money(part: Value) -> bool:
    return isinstance(getattr(part, "_output_field_or_none", None), MoneyField)


for _sign in (Combinable.ADD, Combinable.SUB):
    register_combinable_fields(MoneyField, _sign, MoneyField, MoneyField)


def _checked(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise ValidationError(_("“%(value)s” is not an amount."), params={"value": str(amount)})
    if abs(amount) >= LIMIT:
        raise ValidationError(_("%(value)s is larger than the books can hold."), params={"value": str(amount)})
    if amount != amount.quantize(PLACES):
        raise ValidationError(_("%(value)s has more than four decimals."), params={"value": str(amount)})
    return amount


def _stored(amount: Decimal, connection: BaseDatabaseWrapper) -> int | Decimal:
    return int(amount * SCALE) if connection.vendor == "sqlite" else amount.quantize(PLACES)


def _from_ten_thousandths(value: Any, expression: Any, connection: Any) -> Decimal | None:
    if value is None:
        return None
    whole = int(value)
    return _trim(Decimal(whole) / SCALE) if whole % _HUNDREDTH else whole // _HUNDREDTH * _CENT


def _normal(value: Any, expression: Any, connection: Any) -> Decimal | None:
    return None if value is None else _trim(Decimal(value))


def _trim(amount: Decimal) -> Decimal:
    """Two decimals at least, as written on an invoice; more only when they carry something."""
    short = amount.quantize(_CENT)
    return short if short == amount else amount.normalize()
