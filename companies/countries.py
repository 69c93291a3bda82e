"""Two-letter countries (ISO 3166), who is in SEPA and who is in the EEA; decides roads, fees and duties."""

from __future__ import annotations

import gettext
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from companies.problems import Problem, gettext_noop, stop


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


COUNTRIES = _codes(
    """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"""
)
EEA = _codes("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK")
SEPA = EEA | _codes("CH GB MC SM VA AD AL MD ME MK RS AX GI GG JE IM GF GP MQ RE YT PM BL MF")
EEA_CURRENCIES = _codes("EUR NOK SEK DKK ISK CZK HUF PLN RON CHF")
HOME_CURRENCY = {"NO": "NOK", "SE": "SEK", "DK": "DKK", "FI": "EUR", "DE": "EUR", "US": "USD"}

TIME_ZONE = {
    "NO": "Europe/Oslo", "SE": "Europe/Stockholm", "DK": "Europe/Copenhagen", "FI": "Europe/Helsinki",
    "EE": "Europe/Tallinn", "LV": "Europe/Riga", "LT": "Europe/Vilnius", "DE": "Europe/Berlin", "GB": "Europe/London",
}  # fmt: skip


def name_in(language: str, name: str) -> str:
    """A country's English name in Norwegian; a name an administrator wrote stays, and so does any in English."""
    return _norwegian().gettext(name) if language.startswith("nb") and name else name


@lru_cache(maxsize=1)
def _norwegian() -> gettext.NullTranslations:
    """The catalogue that comes with pycountry, without loading its tables."""
    found = find_spec("pycountry")
    folder = Path((found.submodule_search_locations or [""])[0]) / "locales" if found else Path()
    return gettext.translation("iso3166-1", folder, ["nb_NO"], fallback=True)


def in_sepa(country: str) -> bool:
    """Euro payments to this country go by SEPA rules: IBAN, shared charges."""
    return country in SEPA


def in_eea(country: str) -> bool:
    """Payments inside the EEA in EEA currencies must share the charges (PSD2)."""
    return country in EEA


def check_country(code: str) -> Problem | None:
    """Banks take two-letter codes only; the old ERP tables often hold three letters."""
    if code in COUNTRIES:
        return None
    if len(code) == 2:
        return stop("country_unknown", gettext_noop('"%(code)s" is no country of ISO 3166.'), code=code)
    message = gettext_noop('Country "%(code)s" must be the two-letter ISO code, for example NO or SE.')
    return stop("country_length", message, code=code)
