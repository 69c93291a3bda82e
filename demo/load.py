"""Loads the demo companies: the same rows every time, dated around the first business day of the demo."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from companies.calendars import bank_day_from
from companies.choices import AgreementState, Role
from companies.models import (
    BankAgreement,
    BankMandate,
    BankPartner,
    Company,
    CurrencyRate,
    Customer,
    FactoringCompany,
    InstanceRole,
    Membership,
    PayeeAccount,
    Person,
    Supplier,
)
from companies.reference_data import ensure_company_rows, ensure_reference_data, profile_for
from demo import entries, names, numbers

RATES = {
    "NOK": {"EUR": "11.62", "SEK": "1.0240", "DKK": "1.5570", "USD": "10.12"},
    "SEK": {"EUR": "11.35", "NOK": "0.9766", "DKK": "1.5210", "USD": "9.88"},
}
DNB_ACCOUNT = numbers.norwegian_account(123456, "1503")
SEB_ACCOUNT = numbers.iban("SE", "500" + "00000052810010012")
BICS = {"NO": "DNBANOKK", "SE": "ESSESESS", "DK": "DABADKKK", "FI": "NDEAFIHH", "DE": "COBADEFF", "US": ""}
CURRENCIES = {"NO": "NOK", "SE": "SEK", "DK": "DKK", "FI": "EUR", "DE": "EUR", "US": "USD"}

COMPANIES: list[dict[str, Any]] = [
    {
        "number": 1, "name": "Fjordvik Handel AS", "organisation_no": numbers.norwegian_organisation(1823456),
        "country_id": "NO", "currency_id": "NOK", "language": "en", "street": "Storgata", "building": "5",
        "postcode": "0155", "town": "Oslo", "account": DNB_ACCOUNT, "bic": "DNBANOKK", "approvers": 2,
        "suppliers": names.SUPPLIERS_NO, "customers": names.CUSTOMERS_NO,
    },
    {
        "number": 2, "name": "Norrsken Teknik AB", "organisation_no": numbers.luhn("556123456"),
        "country_id": "SE", "currency_id": "SEK", "language": "en", "street": "Sveavägen", "building": "44",
        "postcode": "11134", "town": "Stockholm", "account": SEB_ACCOUNT, "bic": "ESSESESS", "approvers": 1,
        "suppliers": names.SUPPLIERS_SE, "customers": names.CUSTOMERS_SE,
    },
]  # fmt: skip


def first_business_day(after: date) -> date:
    """The next day on which Norwegian, Swedish and TARGET banks are open."""
    return bank_day_from(after, ("NO", "SE", "TARGET"))


@transaction.atomic
def load(today: date, moment: datetime) -> None:
    """Make everything the demo starts with; `today` is its first business day."""
    ensure_reference_data()
    people = [_person(*row) for row in names.PEOPLE]
    for facts in COMPANIES:
        company = _company(facts, moment)
        _rights(company, people)
        partner = _bank(company, facts)
        suppliers = [_supplier(company, 50000 + n, row, moment, people) for n, row in enumerate(facts["suppliers"], 1)]
        customers = [
            Customer.objects.create(
                company=company, number=10000 + n, name=name, country_id=company.country_id, town=company.town
            )
            for n, name in enumerate(facts["customers"], 1)
        ]
        draw = random.Random(f"autopay {company.number}")
        entries.supplier_entries(company, suppliers, today, draw)
        entries.customer_entries(company, customers, today, draw)
        _factoring(company, partner)


def _person(username: str, first: str, last: str, roles: tuple[str, ...], instance: tuple[str, ...]) -> Person:
    person = Person(username=username, first_name=first, last_name=last, email=f"{username}@fjordvik.example")
    person.set_password(names.PASSWORD)
    person.save()
    InstanceRole.objects.bulk_create(InstanceRole(person=person, role=role) for role in instance)
    return person


def _rights(company: Company, people: list[Person]) -> None:
    roles = {row[0]: row[3] for row in names.PEOPLE}
    Membership.objects.bulk_create(
        Membership(company=company, person=person, role=Role(role))
        for person in people
        for role in roles[person.username]
    )


def _company(facts: dict[str, Any], moment: datetime) -> Company:
    own = {name: facts[name] for name in facts if name not in ("account", "bic", "approvers", "suppliers", "customers")}
    company = Company.objects.create(
        **own,
        autopay_active=True,
        licence_article="406004",
        terms_accepted_at=moment,
        write_off_limit=Decimal("5"),
        gl_suppliers="2400" if facts["number"] == 1 else "2440",
        gl_customers="1500" if facts["number"] == 1 else "1510",
    )
    ensure_company_rows(company)
    CurrencyRate.objects.bulk_create(
        CurrencyRate(company=company, currency_id=code, valid_from=date(2026, 1, 1), rate=Decimal(rate))
        for code, rate in RATES[str(company.currency_id)].items()
    )
    return company


def _bank(company: Company, facts: dict[str, Any]) -> BankPartner:
    partner = BankPartner.objects.create(
        company=company,
        number=1,
        name="DNB" if company.number == 1 else "SEB",
        profile=profile_for(facts["bic"]),
        account=facts["account"],
        bic=facts["bic"],
        country_id=company.country_id,
        currency_id=company.currency_id,
        gl_bank="1920" if company.number == 1 else "1930",
        gl_fee="7770" if company.number == 1 else "6570",
        customer_no_in_bank=f"10{company.organisation_no}"[:18],
        declaration_code="14" if company.number == 1 else "101",
        declaration_text="Purchase of goods",
        include_extra_text=True,
        auto_update_outgoing=True,
        auto_update_incoming=True,
    )
    agreement = BankAgreement.objects.create(
        company=company,
        bank_partner=partner,
        state=AgreementState.ACTIVE,
        currency_id=company.currency_id,
        debtor_name=company.name,
        division="DIV0001" if company.number == 1 else "",
        approvers=facts["approvers"],
        contact_emails="anna@fjordvik.example",
        approver_emails="bjorn@fjordvik.example; cecilie@fjordvik.example",
        hold_seconds=0,
    )
    for person in Person.objects.filter(username__in=("bjorn", "cecilie")):
        BankMandate.objects.create(agreement=agreement, person=person)
    return partner


def _supplier(
    company: Company, number: int, row: tuple[str, str, str, str, str], moment: datetime, people: list[Person]
) -> Supplier:
    name, country, town, postcode, address = row
    street, _, building = address.rpartition(" ")
    facts: dict[str, Any] = {
        "name": name, "country_id": country, "town": town, "postcode": postcode, "street": street,
        "building": building, "currency_id": CURRENCIES[country], "bic": BICS[country],
        "blocked": name.startswith("Sperret"), "email": f"faktura@{number}.example",
    }  # fmt: skip
    facts |= _account(country, number, company)
    supplier = Supplier.objects.create(company=company, number=number, **facts)
    PayeeAccount.objects.create(
        supplier=supplier,
        account=supplier.iban or supplier.account,
        entered_by=people[3],
        entered_at=moment - timedelta(days=400),
        accepted_by=people[6],
        accepted_at=moment - timedelta(days=399),
        first_paid_on=None if "Acme" in name else (moment - timedelta(days=300)).date(),
    )
    return supplier


def _account(country: str, number: int, company: Company) -> dict[str, str]:
    if country == "NO":
        account = numbers.norwegian_account(number * 7 % 1_000_000, "8601")
        return {"account": account} if company.country_id == "NO" else {"iban": numbers.iban("NO", account)}
    if country == "SE":
        return (
            {"account": numbers.bankgiro(number % 1000)}
            if company.country_id == "SE"
            else {"iban": numbers.swedish_iban(number)}
        )
    if country == "DK":
        return {"iban": numbers.iban("DK", numbers.danish_account(number))}
    if country == "FI":
        return {"iban": numbers.finnish_iban(number)}
    if country == "DE":
        return {"iban": numbers.german_iban(number)}
    return {
        "account": f"000123{number:06}", "bank_branch": "021000021", "swift_address_1": "First Example Bank",
        "swift_address_2": "New York, NY, US", "declaration_code": "14", "state": "NY" if number % 2 else "LA",
    }  # fmt: skip


def _factoring(company: Company, partner: BankPartner) -> None:
    FactoringCompany.objects.create(
        company=company,
        number=1,
        name="Incoming " + partner.name,
        bank_account=partner.account,
        bank_partner=partner,
        factoring_id="10;1" if company.number == 1 else "0;0",
        customer_length=10 if company.number == 1 else 0,
        reference_length=9 if company.number == 1 else 0,
        gl_bank=partner.gl_bank,
        gl_fee=partner.gl_fee,
    )
