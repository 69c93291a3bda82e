"""Reading, checking and showing account numbers, BICs and organisation numbers. Pure: no rows, no settings.

Each check answers None (good) or one Problem that names the value. Sources: ISO 13616 (IBAN), ISO 9362 (BIC),
the countries' own rules in national_accounts, check digits by schwifty and python-stdnum.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from stdnum import bic as bic_rules
from stdnum import iban as iban_rules
from stdnum.dk import cvr
from stdnum.fi import ytunnus
from stdnum.no import orgnr as norwegian_orgnr
from stdnum.se import orgnr as swedish_orgnr

from companies import national_accounts as national
from companies.countries import check_country as check_country
from companies.countries import in_eea as in_eea
from companies.countries import in_sepa as in_sepa
from companies.problems import Problem as Problem
from companies.problems import gettext_noop, stop

_IBAN_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_NOT_KEPT = re.compile(r"[\s.\-\u2010-\u2015\u00a0/]")


class AccountKind(StrEnum):
    """What a number is, so that it can be checked and written as its country wants it."""

    IBAN = "iban"
    NO_ACCOUNT = "no_account"
    SE_BANKGIRO = "se_bankgiro"
    SE_PLUSGIRO = "se_plusgiro"
    SE_ACCOUNT = "se_account"
    DK_ACCOUNT = "dk_account"
    DK_CREDITOR = "dk_creditor"
    DK_GIRO = "dk_giro"
    FI_ACCOUNT = "fi_account"
    US_ACCOUNT = "us_account"
    OTHER = "other"


def normalise(number: str) -> str:
    """Capitals, without blanks, dots, hyphens and slashes: the form that is stored, compared and sent."""
    if number.isascii() and number.isalnum():
        return number.upper()
    return _NOT_KEPT.sub("", number).upper()


def looks_like_iban(number: str) -> bool:
    """Two letters, two digits and at least ten characters more; says nothing about check digits."""
    return bool(_IBAN_SHAPE.fullmatch(normalise(number)))


def classify(number: str, country: str) -> AccountKind:
    """What kind of number this is; Swedish giros are told apart by their hyphen, else by length.

    Bankgiro is written 991-2346 or 5050-1055, plusgiro with the hyphen before the last digit. Without a
    hyphen a Swedish number of 7 or 8 digits is read as bankgiro, a shorter one as plusgiro, a longer one as
    an account.
    """
    plain = normalise(number)
    if _IBAN_SHAPE.fullmatch(plain):
        return AccountKind.IBAN
    if country == "SE":
        return _swedish_kind(number.strip(), plain)
    if country == "DK" and len(plain) <= 8:
        return AccountKind.DK_CREDITOR if len(plain) == 8 and plain[0] == "8" else AccountKind.DK_GIRO
    by_country = {
        "NO": AccountKind.NO_ACCOUNT,
        "DK": AccountKind.DK_ACCOUNT,
        "FI": AccountKind.FI_ACCOUNT,
        "US": AccountKind.US_ACCOUNT,
    }
    return by_country.get(country, AccountKind.OTHER)


def _swedish_kind(written: str, plain: str) -> AccountKind:
    if re.fullmatch(r"[0-9]{3,4}-[0-9]{4}", written):
        return AccountKind.SE_BANKGIRO
    if re.fullmatch(r"[0-9 ]{1,9}-[0-9]", written) or len(plain) < 7:
        return AccountKind.SE_PLUSGIRO
    return AccountKind.SE_BANKGIRO if len(plain) <= 8 else AccountKind.SE_ACCOUNT


def check_account(number: str, kind: AccountKind) -> Problem | None:
    """The rule of the kind; kinds without a rule only need letters and digits, at most 34."""
    plain = normalise(number)
    if not plain:
        return stop("account_missing", gettext_noop("No account number: enter one on the supplier."))
    if rule := _RULES.get(kind):
        return rule(plain)
    if plain.isascii() and plain.isalnum() and len(plain) <= 34:
        return None
    message = gettext_noop("Account %(number)s must have at most 34 letters and digits.")
    return stop("account_characters", message, number=number)


@lru_cache(maxsize=8192)
def check_iban(number: str) -> Problem | None:
    """Country, length, national structure and the two check digits (modulus 97)."""
    plain = normalise(number)
    if not _IBAN_SHAPE.fullmatch(plain):
        message = gettext_noop("IBAN %(iban)s must be country, two check digits and the account.")
        return stop("iban_shape", message, iban=number)
    from schwifty import IBAN  # slow to load, and not needed before somebody enters or reads an account
    from schwifty import exceptions as errors

    try:
        IBAN(plain)
    except errors.InvalidCountryCode:
        message = gettext_noop("IBAN %(iban)s begins with a country that has no IBAN.")
        return stop("iban_country", message, iban=plain)
    except errors.InvalidChecksumDigits:
        message = gettext_noop("IBAN %(iban)s has wrong check digits.")
        return stop("iban_check", message, iban=plain)
    except errors.SchwiftyException:
        message = gettext_noop("IBAN %(iban)s has not the length or form of its country.")
        return stop("iban_length", message, iban=plain)
    norwegian = norwegian_from_iban(plain)
    return national.check_norwegian(norwegian) if norwegian else None


@lru_cache(maxsize=512)
def country_has_iban(country: str) -> bool:
    """True when accounts in this country are named by IBAN abroad."""
    from schwifty import IBAN
    from schwifty import exceptions as errors

    try:
        IBAN(f"{country}00{'0' * 11}")
    except errors.InvalidCountryCode:
        return False
    except errors.SchwiftyException:
        return True
    return True


def check_bic(bic: str) -> Problem | None:
    """Eight or eleven characters: bank, country, place, branch."""
    plain = bic.strip().upper()
    if not plain:
        return stop("bic_missing", gettext_noop("No BIC (SWIFT code): enter one on the supplier."))
    if bic_rules.is_valid(plain) and check_country(plain[4:6]) is None:
        return None
    message = gettext_noop("BIC %(bic)s must have 8 or 11 characters with the country in place 5 and 6.")
    return stop("bic_form", message, bic=bic)


def check_organisation_number(number: str, country: str) -> Problem | None:
    """The register's check digit in Norway, Sweden, Denmark and Finland; elsewhere only that there is one."""
    rule = _ORGANISATION_RULES.get(country)
    plain = normalise(number)
    if not plain:
        return stop("organisation_missing", gettext_noop("No organisation number."))
    if rule is None or rule.is_valid(plain):
        return None
    return stop("organisation_check", _ORGANISATION_WORDS[country], number=number)


def iban_from_norwegian(number: str) -> str:
    """NO IBAN of an eleven-digit account: foreign payments name our account by it."""
    plain = normalise(number)
    return f"NO{iban_rules.calc_check_digits('NO00' + plain)}{plain}"


def norwegian_from_iban(number: str) -> str | None:
    """The eleven digits inside a Norwegian IBAN, None for other countries."""
    plain = normalise(number)
    return plain[4:] if plain.startswith("NO") and len(plain) == 15 else None


def bank_country(country: str) -> str:
    """The country whose codes IBANs and BICs of a territory carry: itself, or that of the banks there."""
    return _BANKS_OF.get(country, country)


def account_key(number: str) -> str:
    """One key per account however it is written: normalised, Norwegian IBAN as account number."""
    plain = normalise(number)
    return norwegian_from_iban(plain) or plain


def display(number: str, kind: AccountKind | None = None) -> str:
    """As people write it: IBAN in fours, 1234.56.78903, bankgiro 5050-1055, plusgiro 12 34 56-7."""
    plain = normalise(number)
    if kind is AccountKind.IBAN or (kind is None and _IBAN_SHAPE.fullmatch(plain)):
        return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4))
    if (kind is AccountKind.NO_ACCOUNT or kind is None) and len(plain) == 11 and plain.isdigit():
        return f"{plain[:4]}.{plain[4:6]}.{plain[6:]}"
    if kind is AccountKind.SE_BANKGIRO and len(plain) in (7, 8):
        return f"{plain[:-4]}-{plain[-4:]}"
    if kind is AccountKind.SE_PLUSGIRO and len(plain) > 1:
        body = plain[:-1]
        pairs = [body[max(0, i - 2) : i] for i in range(len(body), 0, -2)]
        return f"{' '.join(reversed(pairs))}-{plain[-1]}"
    if kind in (AccountKind.SE_ACCOUNT, AccountKind.DK_ACCOUNT) and len(plain) > 4:
        return f"{plain[:4]} {plain[4:]}"
    return plain


_RULES: dict[AccountKind, Callable[[str], Problem | None]] = {
    AccountKind.IBAN: check_iban,
    AccountKind.NO_ACCOUNT: national.check_norwegian,
    AccountKind.SE_BANKGIRO: national.check_bankgiro,
    AccountKind.SE_PLUSGIRO: national.check_plusgiro,
    AccountKind.SE_ACCOUNT: national.check_swedish,
    AccountKind.DK_ACCOUNT: national.check_danish,
    AccountKind.DK_CREDITOR: national.check_danish_creditor,
    AccountKind.DK_GIRO: national.check_danish_giro,
    AccountKind.FI_ACCOUNT: national.check_finnish,
    AccountKind.US_ACCOUNT: national.check_us_account,
}
_BANKS_OF = {
    **dict.fromkeys(("GG", "IM", "JE"), "GB"), "AX": "FI", "SJ": "NO", "LI": "CH", **dict.fromkeys(("SM", "VA"), "IT"),
    **dict.fromkeys(("BL", "GF", "GP", "MC", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"), "FR"),
}  # fmt: skip
_ORGANISATION_WORDS = {
    "NO": gettext_noop("Organisation number %(number)s is not valid in Norway: nine digits, one a check digit."),
    "SE": gettext_noop("Organisation number %(number)s is not valid in Sweden: ten digits, one a check digit."),
    "DK": gettext_noop("Organisation number %(number)s is not valid in Denmark: eight digits, one a check digit."),
    "FI": gettext_noop("Organisation number %(number)s is not valid in Finland: eight digits, one a check digit."),
}
_ORGANISATION_RULES = {
    "NO": norwegian_orgnr,
    "SE": swedish_orgnr,
    "DK": cvr,
    "FI": ytunnus,
}
