"""Suggestion: the preview says what OK would do, OK does it, and invoices are registered by hand."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from companies.choices import Role
from companies.models import Supplier
from payments.models import Payment, SupplierEntry
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner(company):
    return build.a_bank(company)


def criteria(partner, **changes):
    values = {
        "up_to": build.TODAY.isoformat(),
        "transfer_date": build.TODAY.isoformat(),
        "order": "due",
        "bank_partner": partner.pk,
    }
    return values | changes


def test_the_preview_says_what_would_be_taken_and_what_not_and_why(company, partner, anna, browse):
    build.a_supplier_entry(build.a_supplier(company, name="Taken AS"), "1200.00")
    build.a_supplier_entry(build.a_supplier(company, name="Blocked AS", blocked=True), "50.00")
    text = browse(anna).get(reverse("suggestion_preview"), criteria(partner)).content.decode()
    assert "Taken AS" in text
    assert "1\u202f200.00" in text
    assert "The supplier is blocked." in text
    assert "Blocked AS" in text
    assert not Payment.objects.exists()


def test_wrong_criteria_are_explained_in_the_preview(company, partner, anna, browse):
    past = (build.TODAY - timedelta(days=1)).isoformat()
    text = browse(anna).get(reverse("suggestion_preview"), criteria(partner, transfer_date=past)).content.decode()
    assert "The transmission date is past" in text


def test_ok_makes_the_payment_and_leads_to_its_lines(company, partner, anna, browse):
    entry = build.a_supplier_entry(build.a_supplier(company))
    response = browse(anna).post(reverse("suggestion_new"), criteria(partner))
    payment = Payment.objects.get()
    assert response.url == reverse("draft", args=[payment.number])
    entry.refresh_from_db()
    assert entry.remitted


def test_bad_criteria_keep_what_was_typed(company, partner, anna, browse):
    response = browse(anna).post(
        reverse("suggestion_new"), criteria(partner, largest_amount="1.234", description="Run")
    )
    text = response.content.decode()
    assert response.status_code == 422
    assert "two ways" in text
    assert 'value="1.234"' in text
    assert 'value="Run"' in text


def test_nothing_to_pay_is_said_and_makes_no_payment(company, partner, anna, browse):
    response = browse(anna).post(reverse("suggestion_new"), criteria(partner))
    assert response.status_code == 422
    assert not Payment.objects.exists()


@pytest.mark.parametrize("role", [Role.APPROVER, Role.READER, Role.ADMINISTRATOR])
def test_only_accountant_and_payroll_suggest(company, partner, browse, role):
    client = browse(build.a_person(role, company=company))
    assert client.get(reverse("suggestion_new")).status_code == 403
    assert client.post(reverse("suggestion_new"), criteria(partner)).status_code == 403


def test_salaries_are_a_count_in_the_preview_without_payroll(company, partner, anna, browse):
    build.a_supplier_entry(build.a_supplier(company, name="Ola Ansatt", is_payroll=True), "30000.00")
    build.a_supplier_entry(build.a_supplier(company, name="Kari Ansatt", is_payroll=True, blocked=True))
    text = browse(anna).get(reverse("suggestion_preview"), criteria(partner)).content.decode()
    assert "Ansatt" not in text
    assert "1 salary" in text


def test_an_entry_shows_when_it_is_planned_and_why(company, anna, browse):
    build.a_supplier_entry(build.a_supplier(company), planned_why="2026-12-05 is a Saturday.")
    assert "2026-12-05 is a Saturday." in browse(anna).get(reverse("suggestion")).content.decode()


def test_entries_of_employees_are_not_listed_without_payroll(company, anna, browse):
    build.a_supplier_entry(build.a_supplier(company, name="Ola Ansatt", is_payroll=True))
    client = browse(anna)
    assert "Ola Ansatt" not in client.get(reverse("suggestion")).content.decode()
    export = b"".join(client.get(reverse("suggestion"), {"export": "csv", "view": "open"}).streaming_content)
    assert b"Ola Ansatt" not in export


def entry_form(supplier, **changes):
    values = {
        "supplier": supplier.number,
        "invoice_no": "10233",
        "amount": "1 250,50",
        "currency": "NOK",
        "entry_date": "2026-11-20",
        "due_date": "2026-12-05",
    }
    return values | changes


def test_an_invoice_is_registered_by_hand_and_planned_off_the_weekend(company, anna, browse):
    supplier = build.a_supplier(company)
    browse(anna).post(reverse("entry_new"), entry_form(supplier))
    entry = SupplierEntry.objects.get(invoice_no="10233")
    assert str(entry.amount) == "1250.50"
    assert entry.planned_date.isoformat() == "2026-12-07"
    assert "Saturday" in entry.planned_why


def test_the_same_invoice_twice_is_refused_at_its_field(company, anna, browse):
    supplier, client = build.a_supplier(company), browse(anna)
    client.post(reverse("entry_new"), entry_form(supplier))
    response = client.post(reverse("entry_new"), entry_form(supplier))
    assert response.status_code == 422
    assert "already has an entry" in response.content.decode()


def test_a_supplier_of_another_company_does_not_exist_here(company, anna, browse):
    stranger = build.a_supplier(build.a_company())
    Supplier.objects.filter(pk=stranger.pk).update(number=999_999)
    stranger.refresh_from_db()
    response = browse(anna).post(reverse("entry_new"), entry_form(stranger))
    assert response.status_code == 422
    assert "no supplier 999999" in response.content.decode()


def test_another_currency_needs_its_amount_in_company_currency(company, anna, browse):
    response = browse(anna).post(reverse("entry_new"), entry_form(build.a_supplier(company), currency="EUR"))
    assert response.status_code == 422
    assert re.search(r"Write the amount in NOK too", response.content.decode())


def test_the_list_of_entries_asks_few_questions(company, anna, browse, django_assert_max_num_queries):
    for _ in range(5):
        build.a_supplier_entry(build.a_supplier(company))
    client = browse(anna)
    with django_assert_max_num_queries(12):
        client.get(reverse("suggestion"))


class TestUnticking:
    """Entries and suppliers are unticked in the preview before OK."""

    def test_an_unticked_entry_is_left_out_and_offered_to_be_ticked_again(self, company, partner, anna, browse):
        supplier = build.a_supplier(company)
        kept, left = (build.a_supplier_entry(supplier, "10.00") for _ in range(2))
        ticks = {"shown_entry": [kept.pk, left.pk], "keep_entry": [kept.pk]}
        text = browse(anna).get(reverse("suggestion_preview"), criteria(partner, **ticks)).content.decode()
        assert "You left it out" in text
        assert re.search(rf'id="pay-entry-{left.pk}">', text)
        assert re.search(rf'id="pay-entry-{kept.pk}" checked>', text)

    def test_ok_makes_the_payment_without_what_was_unticked(self, company, partner, anna, browse):
        supplier, other = build.a_supplier(company), build.a_supplier(company)
        kept, left = (build.a_supplier_entry(supplier, "10.00") for _ in range(2))
        build.a_supplier_entry(other, "99.00")
        ticks = {"shown_entry": [kept.pk, left.pk], "keep_entry": [kept.pk]}
        ticks |= {"shown_supplier": [supplier.pk, other.pk], "keep_supplier": [supplier.pk]}
        browse(anna).post(reverse("suggestion_new"), criteria(partner, **ticks))
        assert [line.entry for line in Payment.objects.get().lines.all()] == [kept]

    def test_a_whole_supplier_stays_unticked_however_many_entries_it_has(self, company, partner, anna, browse):
        supplier = build.a_supplier(company, name="Whole AS")
        build.a_supplier_entry(supplier)
        ticks = {"shown_supplier": [supplier.pk]}
        text = browse(anna).get(reverse("suggestion_preview"), criteria(partner, **ticks)).content.decode()
        assert re.search(rf'id="pay-{supplier.pk}">', text)
        assert "all entries" in text

    def test_entries_of_other_companies_cannot_be_named(self, company, partner, anna, browse):
        other = build.a_supplier_entry(build.a_supplier(build.a_company()))
        text = browse(anna).get(reverse("suggestion_preview"), criteria(partner, shown_entry=[other.pk])).content
        assert other.invoice_no.encode() + b" " not in text


class TestForeseen:
    """What the preflight would stop is said before OK."""

    def test_an_entry_that_would_stop_the_upload_says_why(self, company, partner, anna, browse):
        build.a_supplier_entry(build.a_supplier(company, name="Good AS"))
        build.a_supplier_entry(build.a_supplier(company, name="Bad AS", account="86011117948"))
        text = browse(anna).get(reverse("suggestion_preview"), criteria(partner)).content.decode()
        assert "1 entry would stop the upload" in text
        assert text.count("Would stop") == 1

    def test_the_preview_agrees_with_the_preflight_of_the_lines(self, company, partner, anna, browse):
        from payments.validation import findings

        for account in ("86011117948", "", build.a_norwegian_account()):
            build.a_supplier_entry(build.a_supplier(company, account=account))
        build.a_supplier_entry(build.a_supplier(company), kid="12345")
        text = browse(anna).get(reverse("suggestion_preview"), criteria(partner)).content.decode()
        browse(anna).post(reverse("suggestion_new"), criteria(partner))
        stopped = {one.line_id for one in findings(Payment.objects.get()) if one.stops}
        assert f"{len(stopped)} entries would stop the upload" in text

    def test_the_preview_asks_few_questions(self, company, partner, anna, browse, django_assert_max_num_queries):
        for number in range(30):
            supplier = build.a_supplier(company)
            for _ in range(2):
                build.a_supplier_entry(supplier, f"{number + 1}.00")
        browser = browse(anna)
        browser.get(reverse("suggestion_preview"), criteria(partner))
        with django_assert_max_num_queries(31):
            browser.get(reverse("suggestion_preview"), criteria(partner))


class TestKeptCriteria:
    """Criteria are kept under a name, per person and company."""

    def test_kept_criteria_come_back_with_days_from_today(self, company, partner, anna, browse):
        until = build.TODAY + timedelta(days=7)
        wanted = criteria(partner, up_to=until.isoformat(), order="name", keep="1", keep_as="Weekly")
        browser = browse(anna)
        response = browser.post(reverse("suggestion_new"), wanted)
        assert response.status_code == 200
        assert not Payment.objects.exists()
        view = anna.saved_views.get(page="suggestion")
        text = browser.get(reverse("suggestion_new"), {"saved": view.pk}).content.decode()
        assert f'value="{until.isoformat()}"' in text
        assert re.search(r'value="name" selected', text)

    def test_kept_criteria_of_a_colleague_are_not_seen(self, company, partner, anna, browse):
        browse(anna).post(reverse("suggestion_new"), criteria(partner, keep="1", keep_as="Weekly"))
        dora = build.an_accountant(company)
        assert "Weekly" not in browse(dora).get(reverse("suggestion_new")).content.decode()

    def test_they_can_be_forgotten_by_their_owner_only(self, company, partner, anna, browse):
        browse(anna).post(reverse("suggestion_new"), criteria(partner, keep="1", keep_as="Weekly"))
        view = anna.saved_views.get()
        browse(build.an_accountant(company)).post(reverse("suggestion_new"), criteria(partner, forget=view.pk))
        assert anna.saved_views.exists()
        browse(anna).post(reverse("suggestion_new"), criteria(partner, forget=view.pk))
        assert not anna.saved_views.exists()

    def test_a_name_is_asked_for(self, company, partner, anna, browse):
        response = browse(anna).post(reverse("suggestion_new"), criteria(partner, keep="1"))
        assert response.status_code == 422
        assert not anna.saved_views.exists()
