"""Rows every installation needs: countries, currencies, bank profiles. Safe to run at each start.

What an administrator changed is never overwritten; only missing rows are added. Bank habits: ISO 20022 mapping 1.4.
"""

from __future__ import annotations

from typing import Any

import pycountry
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override
from schwifty import registry
from schwifty.exceptions import SchwiftyException

from companies.choices import PainVersion, TextType
from companies.countries import COUNTRIES, EEA, HOME_CURRENCY, SEPA
from companies.models import (
    BankProfile,
    Company,
    Country,
    Currency,
    SystemInformation,
    TextRow,
    VoucherSeries,
    VoucherType,
)

CURRENCIES = """
NOK SEK DKK EUR USD GBP ISK CHF PLN CZK HUF RON JPY CAD AUD NZD SGD HKD CNY THB ZAR TRY INR KRW MXN BRL AED SAR KWD BHD
"""
OTHER_DECIMALS = {"JPY": 0, "KRW": 0, "ISK": 0, "KWD": 3, "BHD": 3}  # the rest has two (ISO 4217)
V03 = PainVersion.V03

# code, name, BIC prefix, country, what differs from the default (CGI) row
PROFILES: list[tuple[str, str, str, str | None, dict[str, Any]]] = [
    ("cgi", "CGI default", "", None, {}),
    (
        "dnb",
        "DNB",
        "DNBANO",
        "NO",
        {
            "version": V03,
            "debtor_id": "organisation",
            "debtor_scheme": "CUST",
            "second_debtor_id": "division",
            "second_debtor_scheme": "BANK",
            "has_division": True,
        },
    ),
    (
        "nordea-no",
        "Nordea Norway",
        "NDEANO",
        "NO",
        {
            "initiating_id": "customer_no",
            "debtor_id": "division",
            "debtor_scheme": "BANK",
            "has_division": True,
            "same_day_instrument": "SDCL",
        },
    ),
    (
        "nordea-se",
        "Nordea Sweden",
        "NDEASE",
        "SE",
        {
            "initiating_id": "customer_no",
            "debtor_id": "division",
            "debtor_scheme": "BANK",
            "has_division": True,
            "nets_credit_notes": False,
        },
    ),
    (
        "nordea-fi",
        "Nordea Finland",
        "NDEAFI",
        "FI",
        {"initiating_id": "customer_no", "debtor_id": "division", "debtor_scheme": "BANK", "has_division": True},
    ),
    (
        "seb",
        "SEB",
        "ESSESE",
        "SE",
        {"initiating_id": "customer_no", "initiating_scheme": "BANK", "nets_credit_notes": False},
    ),
    (
        "danske",
        "Danske Bank",
        "DABA",
        None,
        {"initiating_scheme": "BANK", "text_lines": 4, "text_length": 35, "same_day_instrument": "ONCL"},
    ),
    (
        "handelsbanken",
        "Handelsbanken",
        "HAND",
        None,
        {"initiating_id": "customer_no", "initiating_scheme": "BANK"},
    ),
    (
        "swedbank",
        "Swedbank",
        "SWEDSE",
        "SE",
        {
            "initiating_id": "customer_no",
            "initiating_scheme": "BANK",
            "debtor_id": "division",
            "debtor_scheme": "BANK",
            "has_division": True,
            "writes_charge_bearer": False,
            "writes_batch_booking": False,
            "domestic_agent": True,
            "nets_credit_notes": False,
        },
    ),
    (
        "sparebank1",
        "SpareBank 1",
        "SPARNO",
        "NO",
        {"version": V03, "initiating_scheme": "BANK", "debtor_id": "customer_no", "debtor_scheme": "BANK"},
    ),
    ("op", "OP", "OKOYFI", "FI", {"initiating_scheme": "BANK", "initiating_id": "customer_no"}),
]

FEE_TEXTS = {
    "en": {1: "DEBT", 2: "SHAR", 3: "SHAR", 4: "CRED"},
    "nb": {1: "DEBT", 2: "SHAR", 3: "SHAR", 4: "CRED"},
}
DECLARATION_TEXTS = {
    14: gettext_noop("Purchase of goods"), 26: gettext_noop("Rent, lease, licences"),
    29: gettext_noop("Other services"), 31: gettext_noop("Interest"), 35: gettext_noop("Dividend"),
    38: gettext_noop("Other return on capital"), 41: gettext_noop("Property and rights abroad"),
    43: gettext_noop("Direct investment, shares"), 45: gettext_noop("Direct investment, other capital"),
    51: gettext_noop("Portfolio shares"), 52: gettext_noop("Bonds"), 53: gettext_noop("Derivatives"),
    71: gettext_noop("Life insurance, pension"), 79: gettext_noop("Other financial"), 81: gettext_noop("Wages"),
    82: gettext_noop("Inheritance, gifts"),
}  # fmt: skip
VOUCHER_TYPES = {
    1: gettext_noop("Supplier invoice"),
    2: gettext_noop("Supplier credit note"),
    3: gettext_noop("Customer invoice"),
    4: gettext_noop("Payment"),
    5: gettext_noop("Receipt"),
}
VOUCHER_SERIES = {
    "pay": gettext_noop("Settled payments"),
    "in": gettext_noop("Incoming payments"),
    "bank": gettext_noop("Fees and other bank entries"),
}


@transaction.atomic
def ensure_reference_data() -> None:
    """Add what is missing: currencies, countries, bank profiles, the system information row."""
    known = set(Currency.objects.values_list("code", flat=True))
    missing = [code for code in CURRENCIES.split() if code not in known]
    Currency.objects.bulk_create(
        Currency(code=code, name=_currency_name(code), decimals=OTHER_DECIMALS.get(code, 2)) for code in missing
    )
    known = set(Country.objects.values_list("code", flat=True))
    Country.objects.bulk_create(
        [
            Country(
                code=code,
                name=_country_name(code),
                currency_id=HOME_CURRENCY.get(code),
                iban_length=_iban_length(code),
                sepa=code in SEPA,
                eea=code in EEA,
            )
            for code in sorted(COUNTRIES - known)
        ],
        batch_size=200,
    )
    known = set(BankProfile.objects.values_list("code", flat=True))
    BankProfile.objects.bulk_create(
        BankProfile(code=code, name=name, bic_prefix=bic, country_id=country, **differs)
        for code, name, bic, country, differs in PROFILES
        if code not in known
    )
    SystemInformation.objects.get_or_create(pk=1)


@transaction.atomic
def ensure_company_rows(company: Company) -> None:
    """The tables a new company starts with: voucher types and series, fee and declaration texts, in its language."""
    with override(company.language):
        for number, name in VOUCHER_TYPES.items():
            VoucherType.objects.get_or_create(
                company=company, number=number, defaults={"name": _(name), "move_to_workday": number in (1, 2)}
            )
        for code, name in VOUCHER_SERIES.items():
            VoucherSeries.objects.get_or_create(company=company, code=code, defaults={"name": _(name)})
        for number, text in FEE_TEXTS.get(company.language, FEE_TEXTS["en"]).items():
            _text(company, TextType.FEE_CODE, number, text)
        for number, text in DECLARATION_TEXTS.items():
            _text(company, TextType.DECLARATION, number, _(text))


def profile_for(bic: str) -> BankProfile:
    """The ready profile whose BIC prefix fits best; the CGI default when none does."""
    profiles = BankProfile.objects.exclude(bic_prefix="").order_by("code")
    fitting = [one for one in profiles if bic.upper().startswith(one.bic_prefix)]
    return max(fitting, key=lambda one: len(one.bic_prefix)) if fitting else BankProfile.objects.get(code="cgi")


def _text(company: Company, kind: int, number: int, text: str) -> None:
    TextRow.objects.get_or_create(
        company=company, type=kind, number=number, language=company.language, defaults={"text": text}
    )


def _country_name(code: str) -> str:
    found = pycountry.countries.get(alpha_2=code)
    return str(getattr(found, "common_name", None) or found.name)[:60] if found else {"XK": "Kosovo"}.get(code, code)


def _currency_name(code: str) -> str:
    found = pycountry.currencies.get(alpha_3=code)
    return str(found.name)[:40] if found else code


def _iban_length(code: str) -> int | None:
    try:
        return registry.get_iban_spec(code).iban_length
    except (SchwiftyException, KeyError):
        return None
