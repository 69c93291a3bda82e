"""Money as the sandbox's bank keeps it: whole minor units (øre, cent) in an int, text only at the edges."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_NO_DECIMALS = frozenset({"JPY", "ISK", "KRW", "CLP", "VND", "XAF", "XOF", "XPF"})
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})

# NOK for one unit; what is not here is exchanged 1:1. Settable at /sandbox/rates.
DEFAULT_RATES: dict[str, str] = {
    "NOK": "1",
    "EUR": "11.4525",
    "SEK": "1.0312",
    "DKK": "1.5351",
    "USD": "10.5410",
    "GBP": "13.3720",
    "CHF": "12.0480",
    "JPY": "0.0702",
}


class TooManyDecimals(ValueError):
    """The amount has more significant decimals than its currency."""


def decimals(currency: str) -> int:
    """How many decimals an amount in this currency has (ISO 4217)."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def minor(amount: str, currency: str) -> int:
    """`"18.150"` EUR -> 1815. Raises TooManyDecimals for `"18.155"`, ValueError for what is no number."""
    try:
        exact = Decimal(amount).scaleb(decimals(currency))
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is not an amount.") from error
    if exact != exact.to_integral_value():
        raise TooManyDecimals(f"{amount} has more decimals than {currency} has.")
    return int(exact)


def text(amount: int, currency: str) -> str:
    """1815 EUR -> `"18.15"`; the sign is kept."""
    places = decimals(currency)
    return f"{Decimal(amount).scaleb(-places):.{places}f}"


def exchange(amount: int, currency: str, into: str, rate: Decimal) -> int:
    """Minor units of `currency` into minor units of `into`, `rate` = units of `into` for one of `currency`, half up."""
    exact = Decimal(amount).scaleb(-decimals(currency)) * rate
    return int(exact.scaleb(decimals(into)).to_integral_value(rounding=ROUND_HALF_UP))


def cross_rate(currency: str, into: str, rates: dict[str, str]) -> Decimal:
    """Units of `into` for one of `currency`, from the table of NOK rates, with six decimals as banks quote."""
    rate = Decimal(rates.get(currency, "1")) / Decimal(rates.get(into, "1"))
    return rate.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
