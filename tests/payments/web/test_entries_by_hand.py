"""Registering entries by hand: the planned payment date is shown, and an unknown account is not paid unseen."""

import pytest
from django.urls import reverse

from companies import pending
from companies.models import Country, PayeeAccount, PendingChange
from payments.models import CustomerEntry, SupplierEntry
from payments.validation import findings
from tests import build
from tests.payments.web.test_suggestion_page import entry_form

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "dialog"}


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def anna(client, company):
    person = build.an_accountant(company)
    client.force_login(person)
    return person


def test_the_date_and_its_reason_are_shown_while_typing(client, anna, company):
    asked = {"due_date": "2026-12-05", "entry_date": "2026-11-20", "currency": "NOK"}
    text = client.get(reverse("entry_planned"), asked).content.decode()
    assert "Monday 7 December 2026" in text
    assert "Saturday" in text


def test_without_a_due_date_nothing_is_said_yet(client, anna, company):
    assert "is shown here" in client.get(reverse("entry_planned")).content.decode()


def test_saving_shows_the_date_why_it_was_moved_and_asks_for_the_list_anew(client, anna, company):
    answer = client.post(reverse("entry_new"), entry_form(build.a_supplier(company)), **HTMX)
    text = answer.content.decode()
    assert "Monday 7 December 2026" in text and "Saturday" in text
    assert "refresh-listing" in answer["HX-Trigger"]


def test_a_date_that_was_not_moved_says_so(client, anna, company):
    answer = client.post(reverse("entry_new"), entry_form(build.a_supplier(company), due_date="2026-12-04"), **HTMX)
    assert "It is the due date" in answer.content.decode()


def test_another_account_on_the_invoice_waits_and_stops_the_upload(client, anna, company):
    supplier, other = build.a_supplier(company), build.a_norwegian_account()
    client.post(reverse("entry_new"), entry_form(supplier, account=other))
    change = PendingChange.objects.get()
    assert (change.table, change.after, change.asked_by) == ("payeeaccount", other, anna)
    payment = build.an_estimate(company, lines=1)
    payment.lines.update(supplier=supplier, account=other)
    assert "account_not_accepted" in {one.code for one in findings(payment)}
    pending.accept(change, build.a_person(company=company))
    assert PayeeAccount.objects.get(supplier=supplier, account=other).accepted_at
    assert "account_not_accepted" not in {one.code for one in findings(payment)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account": "86011117948"}, "account"),
        ({"due_date": "2026-11-01"}, "due_date"),
        ({"discount_amount": "10"}, "discount_date"),
        ({"amount": "100", "discount_amount": "100", "discount_date": "2026-12-01"}, "discount_amount"),
        ({"amount": "100", "amount_booked": "90"}, "amount_booked"),
        ({"kid": "RF001234"}, "kid"),
        ({"amount": "0"}, "amount"),
    ],
)
def test_a_wrong_value_stands_on_its_field_and_nothing_typed_is_lost(client, anna, company, changes, field):
    answer = client.post(reverse("entry_new"), entry_form(build.a_supplier(company), **changes), **HTMX)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert b"10233" in answer.content
    assert not SupplierEntry.objects.exists()


def customer_form(customer, **changes):
    facts = {
        "customer_no": customer.number, "kind": "invoice", "invoice_no": "20001", "entry_date": "2026-11-20",
        "due_date": "2026-12-05", "amount": "100", "currency": "NOK",
    }  # fmt: skip
    return {**facts, **changes}


def test_a_customer_entry_says_when_the_money_can_come(client, anna, company):
    answer = client.post(reverse("register_entry"), customer_form(build.a_customer(company)), follow=True)
    assert "Payment can be expected on Mon 7 Dec" in answer.content.decode()


def test_an_rf_reference_is_made_where_the_country_asks_for_it(client, anna, company):
    customer = build.a_customer(company)
    Country.objects.filter(pk="NO").update(create_rf=True)
    client.post(reverse("register_entry"), customer_form(customer))
    assert CustomerEntry.objects.get().kid.startswith("RF")
