"""The planned payment date is decided when the invoice is registered, and says why."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from companies.choices import MOVE_EARLIER, WEEKEND
from payments.preparing.planning import NewEntry, register_supplier_entry
from tests import build

pytestmark = pytest.mark.django_db
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 30)
INVOICE = NewEntry("F1", Decimal("100"), date(2026, 11, 1), SATURDAY)


def registered(company=None, supplier=None, **facts):
    company = company or build.a_company()
    supplier = supplier or build.a_supplier(company)
    return register_supplier_entry(company, supplier, replace(INVOICE, **facts))


def test_a_due_date_on_a_bank_day_stands():
    entry = registered(due_date=FRIDAY)
    assert (entry.planned_date, entry.planned_why) == (FRIDAY, "")


def test_a_saturday_moves_to_monday_and_says_why():
    entry = registered()
    assert entry.planned_date == MONDAY
    assert "Saturday" in entry.planned_why


def test_a_company_may_move_to_an_earlier_date():
    entry = registered(build.a_company(days_without_payments=WEEKEND | MOVE_EARLIER))
    assert entry.planned_date == FRIDAY


def test_a_voucher_type_without_the_mark_leaves_the_date_alone():
    company = build.a_company()
    kind = company.voucher_types.create(number=99, name="As it is", move_to_workday=False)
    assert registered(company, voucher_type=kind).planned_date == SATURDAY


def test_a_bank_holiday_of_the_debit_country_moves_the_date():
    entry = registered(due_date=date(2027, 5, 17))
    assert entry.planned_date == date(2027, 5, 18)
    assert "(NO)" in entry.planned_why


def test_bank_holidays_can_be_switched_off():
    entry = registered(build.a_company(use_bank_holidays=False), due_date=date(2027, 5, 17))
    assert entry.planned_date == date(2027, 5, 17)


def test_the_holidays_are_those_of_the_suppliers_bank_partner():
    company = build.a_company()
    swedish = build.a_bank_partner(company, country=build.a_country("SE"))
    supplier = build.a_supplier(company, bank_partner=swedish)
    assert registered(company, supplier, due_date=date(2027, 5, 17)).planned_date == date(2027, 5, 17)


def test_target_days_count_for_euro_only():
    company = build.a_company()
    partner = build.a_bank_partner(company, country=build.a_country("DK"))
    supplier = build.a_supplier(company, bank_partner=partner)
    first_of_may = date(2028, 5, 1)  # no holiday in Denmark
    kroner = registered(company, supplier, due_date=first_of_may)
    euro = registered(
        company, supplier, invoice_no="F2", due_date=first_of_may, currency="EUR", amount_booked=Decimal("1100")
    )
    assert (kroner.planned_date, euro.planned_date) == (first_of_may, date(2028, 5, 2))


def test_the_last_day_of_the_cash_discount_comes_before_the_due_date():
    entry = registered(discount_amount=Decimal("2"), discount_date=date(2026, 11, 26), due_date=MONDAY)
    assert entry.planned_date == date(2026, 11, 26)
    assert "cash discount" in entry.planned_why


def test_a_discount_day_is_moved_earlier_so_that_the_discount_is_kept():
    entry = registered(discount_amount=Decimal("2"), discount_date=SATURDAY, due_date=date(2026, 12, 20))
    assert entry.planned_date == FRIDAY


def test_a_discount_that_is_past_is_forgotten():
    entry = registered(discount_amount=Decimal("2"), discount_date=date(2026, 11, 20), due_date=FRIDAY)
    assert entry.planned_date == FRIDAY


def test_codes_come_from_the_supplier_when_the_voucher_has_none():
    company = build.a_company()
    supplier = build.a_supplier(company, fee_code=1, declaration_code="14")
    first = registered(company, supplier)
    second = registered(company, supplier, invoice_no="F2", fee_code=2)
    assert (first.fee_code, first.declaration_code, second.fee_code) == (1, "14", 2)


def test_a_negative_amount_is_a_credit_note():
    assert registered(amount=Decimal("-10")).kind == "credit_note"


def test_a_currency_amount_needs_its_value_in_company_currency():
    build.a_currency("EUR")
    with pytest.raises(ValueError, match="NOK"):
        registered(currency="EUR")
