"""Entries are held back with a reason, seen as such, and let go."""

from datetime import timedelta

import pytest
from django.urls import reverse

from companies.choices import Role
from companies.clock import set_business_time
from payments.preparing.criteria import Criteria, Reason
from payments.preparing.due import takeable
from payments.suggesting import holding, suggestion
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(company):
    return build.a_supplier_entry(build.a_supplier(company, name="Disputed AS"))


def hold(browser, entry, **facts):
    facts = {"pick": [entry.pk], "asked": "1", "reason": "Goods are missing", "until": ""} | facts
    return browser.post(reverse("entries_hold"), facts)


def test_a_held_entry_is_left_out_with_reason_and_name(company, entry, anna, browse):
    hold(browse(anna), entry)
    partner = build.a_bank(company)
    found = suggestion.preview(company, Criteria.usual(company, partner))
    assert not found.groups
    (left,) = found.left_out
    assert left.reason == Reason.HELD
    assert "Goods are missing" in left.examples[0].why
    assert anna.shown in left.examples[0].why


def test_the_list_of_entries_shows_why_and_until_when(company, entry, anna, browse):
    until = build.TODAY + timedelta(days=5)
    hold(browse(anna), entry, until=until.isoformat())
    text = browse(anna).get(reverse("suggestion"), {"view": "held"}).content.decode()
    assert "Goods are missing" in text
    assert until.isoformat() in text


def test_on_its_day_an_entry_may_be_paid_again(company, entry, anna, browse):
    hold(browse(anna), entry, until=(build.TODAY + timedelta(days=5)).isoformat())
    partner = build.a_bank(company)
    set_business_time(build.NOW + timedelta(days=5))
    made = suggestion.create(company, Criteria.usual(company, partner), anna)
    assert [line.entry for line in made.payment.lines.all()] == [entry]
    entry.refresh_from_db()
    assert not entry.held


def test_the_night_lets_entries_go_whose_day_has_come(company, entry, anna):
    holding.hold(company, [entry.pk], anna, "Wait", build.TODAY + timedelta(days=1))
    assert holding.let_go_everywhere() == 0
    set_business_time(build.NOW + timedelta(days=1))
    assert holding.let_go_everywhere() == 1


def test_an_entry_is_let_go_by_hand(company, entry, anna, browse):
    hold(browse(anna), entry)
    browse(anna).post(reverse("entries_let_go"), {"pick": [entry.pk]})
    assert company.supplier_entries.filter(takeable(company)).exists()


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"until": build.TODAY.isoformat()}])
def test_a_reason_and_a_later_day_are_asked_for(company, entry, anna, browse, wrong):
    assert hold(browse(anna), entry, **wrong).status_code == 422
    entry.refresh_from_db()
    assert not entry.held


def test_what_is_in_a_payment_is_not_held(company, anna, browse):
    payment = build.an_estimate(company, 1)
    hold(browse(anna), payment.lines.get().entry)
    assert not company.supplier_entries.filter(held=True).exists()


def test_entries_of_others_and_salaries_are_not_touched(company, anna, browse):
    other = build.a_supplier_entry(build.a_supplier(build.a_company()))
    salary = build.a_supplier_entry(build.a_supplier(company, is_payroll=True))
    browse(anna).post(
        reverse("entries_hold"), {"pick": [other.pk, salary.pk], "asked": "1", "reason": "x", "until": ""}
    )
    other.refresh_from_db()
    salary.refresh_from_db()
    assert not (other.held or salary.held)


@pytest.mark.parametrize("role", [Role.READER, Role.APPROVER])
def test_only_payers_hold_back(company, entry, browse, role):
    assert hold(browse(build.a_person(role, company=company)), entry).status_code == 403
