"""Account numbers as each country writes them: Norway, Sweden, Denmark, Finland, USA. Pure checks.

Numbers are given without blanks, dots and hyphens (accounts.normalise). A wrong digit sends money to a
stranger or back after days with a fee, so a check digit that does not fit stops the payment before the bank
sees it.
"""

from __future__ import annotations

from dataclasses import dataclass

from stdnum import luhn

from companies.problems import Problem, gettext_noop, stop, warning

_NO_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ABA_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)


def check_norwegian(number: str) -> Problem | None:
    """Eleven digits, the last one by modulus 11 with weights 5 4 3 2 7 6 5 4 3 2."""
    if not (number.isascii() and number.isdigit() and len(number) == 11):
        message = gettext_noop("Norwegian account %(number)s must have 11 digits.")
        return stop("no_account_length", message, number=number)
    rest = sum(int(d) * w for d, w in zip(number, _NO_WEIGHTS, strict=False)) % 11
    if (11 - rest) % 11 != int(number[10]):
        message = gettext_noop("Norwegian account %(number)s has a wrong check digit.")
        return stop("no_account_check", message, number=number)
    return None


def check_bankgiro(number: str) -> Problem | None:
    """Seven or eight digits, the last one by modulus 10."""
    return _check_giro(number, "bankgiro", 7, 8, gettext_noop("Bankgiro %(number)s must have 7 or 8 digits."))


def check_plusgiro(number: str) -> Problem | None:
    """Two to eight digits, the last one by modulus 10."""
    return _check_giro(number, "plusgiro", 2, 8, gettext_noop("Plusgiro %(number)s must have 2 to 8 digits."))


def _check_giro(number: str, kind: str, shortest: int, longest: int, message: str) -> Problem | None:
    if not (number.isascii() and number.isdigit() and shortest <= len(number) <= longest):
        return stop(f"{kind}_length", message, number=number)
    if not luhn.is_valid(number):
        message = gettext_noop("%(kind)s %(number)s has a wrong check digit.")
        return stop(f"{kind}_check", message, kind=kind.capitalize(), number=number)
    return None


@dataclass(frozen=True, slots=True)
class _Series:
    """Swedish clearing numbers of one bank: account length and how its check digit is made."""

    first: int
    last: int
    digits: int
    rule: str


# The banks' clearing ranges are published by Bankgirot ("Bankernas kontonummer"). Three, four: modulus
# 11 over the last three or all four clearing digits and the account; ten: modulus 10; eleven: modulus 11.
_SERIES = (
    *(_Series(a, b, 7, "three") for a, b in (
        (1100, 1399), (1400, 2099), (2400, 2499), (3000, 3299), (3301, 3781), (3783, 3999), (5000, 5999),
        (7000, 7999), (9060, 9069), (9120, 9124), (9130, 9149), (9170, 9179), (9230, 9239), (9250, 9259),
        (9270, 9289), (9460, 9469), (9630, 9639), (9680, 9689),
    )),
    *(_Series(a, b, 7, "four") for a, b in (
        (2300, 2399), (4000, 4999), (9020, 9029), (9040, 9049), (9100, 9109), (9150, 9169), (9190, 9199),
        (9260, 9269), (9390, 9399), (9470, 9479), (9550, 9569), (9590, 9599), (9640, 9649), (9670, 9679),
        (9700, 9709), (9880, 9889),
    )),
    *(_Series(a, b, 10, "ten") for a, b in (
        (3300, 3300), (3782, 3782), (8000, 8999), (9180, 9189), (9300, 9349), (9500, 9549), (9570, 9579),
        (9890, 9899), (9960, 9969),
    )),
    _Series(6000, 6999, 9, "eleven"),
)  # fmt: skip


def split_swedish(number: str) -> tuple[str, str]:
    """Clearing number (four digits) and account; the fifth digit of Swedbank's 8xxx-x clearing falls away."""
    clearing, rest = number[:4], number[4:]
    if clearing.startswith("8") and len(rest) > 1 and luhn.is_valid(number[:5]):
        rest = rest[1:]
    return clearing, rest


def check_swedish(number: str) -> Problem | None:
    """Clearing number and account number; check digits by the rule of the clearing range."""
    if not (number.isascii() and number.isdigit() and 6 <= len(number) <= 15):
        message = gettext_noop("Swedish account %(number)s must be clearing number and account, digits only.")
        return stop("se_account_length", message, number=number)
    clearing, account = split_swedish(number)
    series = next((s for s in _SERIES if s.first <= int(clearing) <= s.last), None)
    if series is None:
        message = gettext_noop("Clearing number %(clearing)s is of no bank known here: check it.")
        return warning("se_clearing_unknown", message, clearing=clearing)
    if len(account) > series.digits or (series.digits == 7 and len(account) != 7):
        message = gettext_noop("Account %(number)s: clearing %(clearing)s takes %(digits)s digits after it.")
        return stop("se_account_length", message, number=number, clearing=clearing, digits=series.digits)
    if not _swedish_check_fits(series, clearing, account):
        message = gettext_noop("Swedish account %(number)s has a wrong check digit.")
        # Swedbank has old accounts in 8xxx that never got a check digit.
        lenient = clearing.startswith("8")
        return (warning if lenient else stop)("se_account_check", message, number=number)
    return None


def _swedish_check_fits(series: _Series, clearing: str, account: str) -> bool:
    if series.rule == "ten":
        return luhn.is_valid(account.zfill(series.digits))
    covered = {"three": clearing[1:] + account, "four": clearing + account}.get(series.rule, account)
    weights = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1)
    return sum(int(d) * w for d, w in zip(reversed(covered), weights, strict=False)) % 11 == 0


def danish_account(number: str) -> str:
    """Registration number (4) and account padded to ten: the fourteen digits banks expect."""
    return number[:4] + number[4:].zfill(10)


def check_danish(number: str) -> Problem | None:
    """Registration number of four digits and an account of up to ten; there is no common check digit."""
    if number.isascii() and number.isdigit() and 5 <= len(number) <= 14:
        return None
    message = gettext_noop("Danish account %(number)s must be registration number (4) and up to 10 digits.")
    return stop("dk_account_length", message, number=number)


def check_danish_creditor(number: str) -> Problem | None:
    """Creditor number of a payment card (FIK): eight digits, the first one 8."""
    if number.isascii() and number.isdigit() and len(number) == 8 and number.startswith("8"):
        return None
    message = gettext_noop("Creditor number %(number)s must have 8 digits and begin with 8.")
    return stop("dk_creditor", message, number=number)


def check_danish_giro(number: str) -> Problem | None:
    """Giro account of a 01 or 04 card: seven or eight digits."""
    if number.isascii() and number.isdigit() and 7 <= len(number) <= 8:
        return None
    return stop("dk_giro", gettext_noop("Giro number %(number)s must have 7 or 8 digits."), number=number)


def check_finnish(number: str) -> Problem | None:
    """Old Finnish form: fourteen digits, modulus 10; banks take only the IBAN made of it."""
    if not (number.isascii() and number.isdigit() and len(number) == 14):
        message = gettext_noop("Finnish account %(number)s: use the IBAN (FI and 16 digits).")
        return stop("fi_account_length", message, number=number)
    if not luhn.is_valid(number):
        message = gettext_noop("Finnish account %(number)s has a wrong check digit.")
        return stop("fi_account_check", message, number=number)
    return None


def routing_number(text: str) -> str:
    """The nine digits of a FedWire/ABA number, also when written `FW021000021` or with blanks."""
    return text.upper().replace(" ", "").replace("-", "").removeprefix("//").removeprefix("FW")


def check_routing_number(text: str) -> Problem | None:
    """Nine digits, weights 3 7 1: the sum must be a multiple of ten (021000021 is good)."""
    number = routing_number(text)
    if not (number.isascii() and number.isdigit() and len(number) == 9):
        message = gettext_noop('FedWire number "%(number)s" in Bank branch must have 9 digits.')
        return stop("aba_length", message, number=text)
    if sum(int(d) * w for d, w in zip(number, _ABA_WEIGHTS, strict=True)) % 10 or number == "000000000":
        message = gettext_noop("FedWire number %(number)s in Bank branch has a wrong check digit.")
        return stop("aba_check", message, number=number)
    return None


def check_us_account(number: str) -> Problem | None:
    """Up to 17 letters and digits; there is no check digit."""
    if number.isascii() and number.isalnum() and 1 <= len(number) <= 17:
        return None
    return stop("us_account", gettext_noop("US account %(number)s must have 1 to 17 digits."), number=number)
