"""Set-up rows in the browser: help and checks on every field, two people at once, stories, readiness, calendar."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from companies.choices import AgreementState, BankSystem, InstanceRoleKind, Role
from companies.models import BankProfile, Country, Deputy, FactoringCompany, InstanceRole, PendingChange, Supplier
from companies.reference_data import ensure_reference_data
from companies.web.forms import form_class
from companies.web.tables import SHARED, TABLES
from tests import build
from tests.companies.web.test_setup import values

pytestmark = pytest.mark.django_db
EVERY = {**TABLES, **SHARED}


@pytest.fixture
def company():
    return build.a_company(organisation_no="923609016")


@pytest.fixture
def admin(client, company):
    person = build.a_person(Role.ADMINISTRATOR, company=company)
    client.force_login(person)
    return person


@pytest.fixture
def instance(admin):
    InstanceRole.objects.create(person=admin, role=InstanceRoleKind.ADMINISTRATOR)
    ensure_reference_data()
    return admin


def save(client, table, row, **typed):
    name = "shared_row" if table in SHARED else "setup_row"
    url = reverse(name, args=[table, row.pk])
    return client.post(url, values(client, url, **typed))


@pytest.mark.parametrize("name", EVERY)
def test_every_field_of_every_form_has_a_help_text(company, name):
    table = EVERY[name]
    row = table.model() if table.shared else table.model(**({} if name == "company" else {"company": company}))
    form = form_class(table)(instance=row, company=company, table=table)
    without = [one for one in form.fields if one != "seen" and not form.fields[one].help_text]
    assert without == []


@pytest.mark.parametrize("name", SHARED)
def test_tables_of_the_installation_are_kept_by_instance_administrators(client, instance, name):
    assert client.get(reverse("shared_rows", args=[name]), follow=True).status_code == 200


@pytest.mark.parametrize("name", SHARED)
def test_a_company_administrator_does_not_find_tables_of_the_installation(client, admin, name):
    assert client.get(reverse("shared_rows", args=[name])).status_code == 404


def test_a_country_is_changed_and_its_code_stays(client, instance):
    norway = Country.objects.get(pk="NO")
    assert save(client, "country", norway, create_rf="on", code="XX").status_code == 302
    norway.refresh_from_db()
    assert norway.create_rf and not Country.objects.filter(pk="XX").exists()


def test_a_country_of_three_letters_is_refused(client, instance):
    url = reverse("shared_new", args=["country"])
    answer = client.post(url, {"code": "QQ", "name": "Nowhere"})
    assert "code" in answer.context["form"].errors


def test_the_gateway_address_is_checked_on_system_information(client, instance):
    url = reverse("shared_row", args=["system", 1])
    answer = client.post(url, values(client, url, opg_address="gateway:1234"))
    assert "opg_address" in answer.context["form"].errors


def test_a_bank_profile_keeps_its_story(client, instance):
    row = BankProfile.objects.get(code="dnb")
    save(client, "bank_profile", row, text_lines="3")
    answer = client.get(reverse("shared_row", args=["bank_profile", row.pk]))
    assert "Changed Message lines from 1 to 3." in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"account": "86011117948"}, "account"),
        ({"iban": "NO9386011117948"}, "iban"),
        ({"bic": "DNB"}, "bic"),
        ({"organisation_no": "923609017"}, "organisation_no"),
        ({"postcode": "123"}, "postcode"),
        ({"town": "", "street": "Storgata"}, "town"),
        ({"street": "", "building": "5"}, "street"),
        ({"bank_branch": "021000021"}, "bank_branch"),
        ({"fee_code": "7"}, "fee_code"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_a_wrong_value_of_a_supplier_stands_on_its_field(client, admin, company, typed, field):
    answer = save(client, "supplier", build.a_supplier(company), **typed)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_fedwire_number_has_nine_digits_and_a_check_digit(client, admin, company):
    supplier = build.a_supplier(company, country=build.a_country("US"), account="12345", postcode="", town="Boston")
    assert "bank_branch" in save(client, "supplier", supplier, bank_branch="021000022").context["form"].errors
    assert save(client, "supplier", supplier, bank_branch="021000021").status_code == 302


@pytest.mark.parametrize(("number", "good"), [("991-2346", True), ("991-2347", False)])
def test_a_bankgiro_is_checked_in_sweden(client, admin, company, number, good):
    supplier = build.a_supplier(company, country=build.a_country("SE"), account="", postcode="11134")
    assert (save(client, "supplier", supplier, account=number).status_code == 302) is good


def test_a_ledger_account_is_digits(client, admin, company):
    assert "gl_bank" in save(client, "bank_partner", build.a_bank(company), gl_bank="bank").context["form"].errors


def test_a_number_that_is_taken_is_told_on_its_field(client, admin, company):
    taken = build.a_supplier(company)
    answer = save(client, "supplier", build.a_supplier(company), number=taken.number)
    assert "number" in answer.context["form"].errors


@pytest.mark.parametrize(("wrong", "typed"), [("1;1", {}), ("10;1", {"customer_length": "11"})])
def test_a_factoring_id_must_fit_its_lengths(client, admin, company, wrong, typed):
    row = build.a_factoring_company(company)
    assert "factoring_id" in save(client, "factoring_company", row, factoring_id=wrong, **typed).context["form"].errors


def test_a_receiving_account_is_written_as_in_the_files(client, admin, company):
    row = build.a_factoring_company(company)
    answer = save(client, "factoring_company", row, bank_account="8601.11.17947")
    assert "bank_account" in answer.context["form"].errors


def test_a_sample_cid_is_read_before_the_row_is_saved(client, admin, company):
    asked = {"factoring_id": "10;1", "customer_length": "10", "reference_length": "9"}
    answer = client.get(reverse("try_cid_new"), asked).content.decode()
    assert "Invoice 12345, customer 10001" in answer
    assert not FactoringCompany.objects.exists()


def test_several_addresses_are_checked_and_the_wrong_one_is_named(client, admin, company):
    agreement = build.a_bank(company).agreements.get()
    answer = save(client, "agreement", agreement, contact_emails="anna@example.com; dag(at)example.com")
    assert "dag(at)example.com" in str(answer.context["form"].errors["contact_emails"])


def test_two_approvers_in_the_bank_ask_for_two_here(client, admin, company):
    agreement = build.a_bank(company).agreements.get()
    answer = save(client, "agreement", agreement, approvers="1", bank_approvers="2")
    assert "bank_approvers" in answer.context["form"].errors


def test_an_agreement_by_folder_needs_the_folder(client, admin, company):
    answer = save(client, "agreement", build.a_bank(company).agreements.get(), channel="folder")
    assert "channel_address" in answer.context["form"].errors


def test_the_division_is_there_only_where_the_bank_has_one(client, admin, company):
    plain, divided = build.a_bank_partner(company), build.a_bank_partner(company)
    divided.profile = build.a_profile("divided", has_division=True)
    divided.save()
    url = reverse("agreement_follows")
    assert b'name="division"' not in client.get(url, {"bank_partner": plain.pk}).content
    assert b'name="division"' in client.get(url, {"bank_partner": divided.pk}).content


def test_a_new_bank_partner_gets_the_profile_of_its_bic(client, admin, company):
    ensure_reference_data()
    url = reverse("setup_new", args=["bank_partner"])
    facts = {
        "number": "9", "name": "DNB", "bank_system": BankSystem.AUTOPAY, "account": "8601 11 17947",
        "bic": "dnbanokk", "country": "NO", "currency": "NOK", "gl_bank": "1920", "fee_code": "0", "active": "on",
    }  # fmt: skip
    assert client.post(url, facts).status_code == 302
    partner = company.bank_partners.get()
    assert (partner.profile.code, partner.account, partner.bic) == ("dnb", "86011117947", "DNBANOKK")


def test_the_second_of_two_people_takes_theirs_field_by_field(client, admin, company):
    supplier = build.a_supplier(company, name="Gammel AS", town="Bergen")
    url = reverse("setup_row", args=["supplier", supplier.pk])
    mine = values(client, url, name="Mitt AS", email="mitt@example.com")
    client.post(url, values(client, url, name="Deres AS", town="Voss"))
    answer = client.post(url, mine)
    found = {one.name: (one.was, one.theirs, one.yours, one.keep) for one in answer.context["conflict"].differences}
    assert found == {
        "name": ("Gammel AS", "Deres AS", "Mitt AS", "mine"),
        "town": ("Bergen", "Voss", "Bergen", "theirs"),
        "email": ("–", "–", "mitt@example.com", "mine"),
    }
    chosen = {"keep-name": "theirs", "keep-town": "theirs", "keep-email": "mine"}
    client.post(url, {**mine, **chosen, "seen": answer.context["conflict"].version})
    supplier.refresh_from_db()
    assert (supplier.name, supplier.town, supplier.email) == ("Deres AS", "Voss", "mitt@example.com")


def test_the_story_of_a_row_is_told_in_sentences(client, admin, company):
    supplier = build.a_supplier(company, name="Gammel AS")
    save(client, "supplier", supplier, name="Ny AS", blocked="on")
    save(client, "supplier", supplier, account="86011117947")
    text = client.get(reverse("setup_row", args=["supplier", supplier.pk])).content.decode()
    assert "Changed Name from Gammel AS to Ny AS." in text
    assert "Ticked: Blocked." in text
    assert f"Asked to change Bank account from {supplier.account} to 86011117947." in text


def test_saving_without_a_change_makes_no_version(client, admin, company):
    supplier = build.a_supplier(company)
    save(client, "supplier", supplier)
    supplier.refresh_from_db()
    assert supplier.version == 0


def test_a_waiting_change_shows_in_the_list_and_on_the_row(client, admin, company):
    supplier = build.a_supplier(company)
    save(client, "supplier", supplier, account="86011117947")
    assert "Waits" in client.get(reverse("suppliers")).content.decode()
    assert (
        "waits for a second person" in client.get(reverse("setup_row", args=["supplier", supplier.pk])).content.decode()
    )


def test_lists_are_searched_by_number_name_and_account(client, admin, company):
    one, _other = build.a_supplier(company, name="Nordlys AS"), build.a_supplier(company, name="Sørlys AS")
    for word in ("nord", str(one.number), one.account[:6] + one.account[6:]):
        found = client.get(reverse("suppliers"), {"q": word}).context["listing"].rows
        assert [row.pk for row in found] == [one.pk], word


def test_long_lists_come_in_pages(client, admin, company):
    for _ in range(60):
        build.a_supplier(company)
    first = client.get(reverse("suppliers")).context["listing"]
    assert (len(first.rows), first.count) == (50, 60)
    assert len(client.get(first.next_url).context["listing"].rows) == 10


def test_a_list_asks_few_questions_however_long(client, admin, company, django_assert_max_num_queries):
    for _ in range(30):
        build.a_supplier(company, bank_partner=None)
    with django_assert_max_num_queries(12):
        client.get(reverse("suppliers"))


def test_a_row_asks_few_questions(client, admin, company, django_assert_max_num_queries):
    agreement = build.a_bank(company).agreements.get()
    with django_assert_max_num_queries(26):
        client.get(reverse("setup_row", args=["agreement", agreement.pk]))


def test_companies_are_listed_with_few_questions_however_many(client, instance, django_assert_max_num_queries):
    for _ in range(12):
        build.a_bank(build.a_company())
    with django_assert_max_num_queries(18):
        answer = client.get(reverse("companies"))
    assert len(answer.context["lines"]) == 13


def test_the_buttons_take_an_agreement_to_active_with_a_second_administrator(client, admin, company):
    agreement = build.an_agreement(build.a_bank_partner(company), state=AgreementState.ORDERED)
    url = reverse("agreement_move", args=[agreement.pk])
    client.post(url, {"to": "confirmed"})
    client.post(url, {"to": "active"})
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.CONFIRMED
    client.force_login(build.a_person(Role.ADMINISTRATOR, company=company))
    client.post(reverse("pending_decide", args=[PendingChange.objects.get().pk]), {"decision": "accept"})
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.ACTIVE


def test_mandates_are_entered_and_taken_away_on_the_agreement(client, admin, company):
    agreement = build.a_bank(company, bank_approvers=1).agreements.get()
    page, url = (
        reverse("setup_row", args=["agreement", agreement.pk]),
        reverse("agreement_mandate", args=[agreement.pk]),
    )
    assert "1 mandate is missing" in client.get(page).content.decode()
    client.post(url, {"person": admin.pk, "act": "add"})
    text = client.get(page).content.decode()
    assert "mandate is missing" not in text and f"Entered that {admin.shown} may sign in the bank." in text
    client.post(url, {"person": admin.pk, "act": "remove"})
    assert not agreement.mandates.exists()


def test_somebody_of_another_company_gets_no_mandate(client, admin, company):
    agreement = build.a_bank(company).agreements.get()
    stranger = build.a_person(Role.APPROVER, company=build.a_company())
    url = reverse("agreement_mandate", args=[agreement.pk])
    assert client.post(url, {"person": stranger.pk, "act": "add"}).status_code == 404


def deputy(company, person, other, **changes):
    facts = {"person": person.pk, "deputy": other.pk, "starts_on": "2026-11-25", "ends_on": "2026-12-01", "limit": ""}
    return {**facts, **changes}


def test_an_approver_appoints_their_own_deputy_and_ends_it(client, company):
    bjorn, cecilie = build.an_approver(company), build.a_person(Role.READER, company=company)
    client.force_login(bjorn)
    client.post(reverse("deputies"), deputy(company, bjorn, cecilie, limit="5 000"))
    row = Deputy.objects.get()
    assert (row.deputy, row.limit) == (cecilie, 5000)
    client.post(reverse("deputy_end", args=[row.pk]))
    assert not Deputy.objects.exists()


def test_an_approver_appoints_nobody_for_others(client, company):
    bjorn, cecilie = build.an_approver(company), build.an_approver(company)
    client.force_login(bjorn)
    answer = client.post(reverse("deputies"), deputy(company, cecilie, bjorn))
    assert "person" in answer.context["form"].errors


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": "2026-11-24"}, "ends_on"),
        ({"starts_on": "2026-11-01", "ends_on": "2026-11-02"}, "ends_on"),
        ({"limit": "0"}, "limit"),
        ({"ends_on": "2028-11-26"}, "ends_on"),
        ({"starts_on": "9999-01-01", "ends_on": "9999-12-31"}, "ends_on"),
    ],
)
def test_a_deputy_that_makes_no_sense_is_refused_on_its_field(client, admin, company, changes, field):
    bjorn = build.an_approver(company)
    answer = client.post(reverse("deputies"), deputy(company, bjorn, admin, **changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_deputy_may_stand_in_for_two_years_and_no_longer(client, admin, company):
    bjorn, cecilie = build.an_approver(company), build.an_approver(company)
    answer = client.post(reverse("deputies"), deputy(company, bjorn, cecilie, ends_on="9999-12-31"))
    assert "at most two years. The last day may be 2028-11-25." in answer.content.decode()
    client.post(reverse("deputies"), deputy(company, bjorn, cecilie, ends_on="2028-11-25"))
    assert Deputy.objects.get().ends_on == date(2028, 11, 25)


def test_an_administrator_does_not_make_themself_the_second_person(client, admin, company):
    bjorn = build.an_approver(company)
    assert "deputy" in client.post(reverse("deputies"), deputy(company, bjorn, admin)).context["form"].errors
    assert not Deputy.objects.exists()


def test_nobody_stands_in_for_themselves(client, admin, company):
    bjorn = build.an_approver(company)
    assert "deputy" in client.post(reverse("deputies"), deputy(company, bjorn, bjorn)).context["form"].errors


def cells(client, **asked):
    answer = client.get(reverse("days_preview"), asked)
    return {cell.day: cell for week in answer.context["weeks"] for cell in week}


def test_the_calendar_moves_dates_off_weekends_and_bank_holidays(client, admin, company):
    december = cells(client, days_without_payments=["32", "64"], use_bank_holidays="on", month="2026-12")
    assert december[date(2026, 12, 5)].moved_to == date(2026, 12, 7)
    assert december[date(2026, 12, 25)].moved_to == date(2026, 12, 28)
    assert december[date(2026, 12, 25)].holidays
    assert december[date(2026, 12, 24)].moved_to is None


def test_the_calendar_moves_dates_earlier_when_asked(client, admin, company):
    december = cells(client, days_without_payments=["32", "64", "128"], use_bank_holidays="on", month="2026-12")
    assert december[date(2026, 12, 25)].moved_to == date(2026, 12, 24)


def test_target_counts_for_payments_in_euro_only(client, admin, company):
    swedish = build.a_company(country=build.a_country("US"))
    client.force_login(build.a_person(Role.ADMINISTRATOR, company=swedish))
    without = cells(client, use_bank_holidays="on", month="2027-03")[date(2027, 3, 26)]
    euro = cells(client, use_bank_holidays="on", euro="1", month="2027-03")[date(2027, 3, 26)]
    assert without.moved_to is None
    assert euro.moved_to == date(2027, 3, 30)


def test_without_bank_holidays_only_weekdays_count(client, admin, company):
    assert cells(client, month="2026-12")[date(2026, 12, 25)].moved_to is None


@pytest.mark.parametrize("month", ["", "2026-13", "x", "99999-1"])
def test_a_month_that_is_none_is_this_month(client, admin, company, month):
    answer = client.get(reverse("days_preview"), {"month": month})
    assert answer.context["month"] == date(2026, 11, 1)


def test_a_reader_cannot_make_or_change_rows(client, company):
    client.force_login(build.a_person(Role.READER, company=company))
    assert client.get(reverse("setup_new", args=["supplier"])).status_code == 403
    assert client.post(reverse("setup_new", args=["supplier"]), {}).status_code == 403
    assert not Supplier.objects.exists()


@pytest.mark.parametrize(
    ("role", "seen"), [(Role.READER, False), (Role.ACCOUNTANT, False), (Role.PAYROLL, True), (Role.ADMINISTRATOR, True)]
)
def test_employees_and_their_accounts_are_for_payroll_and_administrators(client, company, role, seen):
    employee = build.a_supplier(company, name="Ola Ansatt", is_payroll=True)
    client.force_login(build.a_person(role, company=company))
    PendingChange.objects.create(
        company=company, table="supplier", object_id=employee.pk, field="account", after="86011117947",
        asked_by=build.an_accountant(company),
    )  # fmt: skip
    assert (b"Ola Ansatt" in client.get(reverse("suppliers")).content) is seen
    assert (b"Ola Ansatt" in client.get(reverse("pending")).content) is seen
    found = client.get(reverse("setup_row", args=["supplier", employee.pk]))
    assert found.status_code == (200 if seen else 404)


def test_a_new_account_begins_in_the_companys_country_and_currency(client, admin):
    page = client.get(reverse("setup_new", args=["bank_partner"])).content.decode()
    assert '<option value="NO" selected>' in page
    assert '<option value="NOK" selected>' in page


def test_a_rate_is_listed_without_the_noughts_of_its_column(client, admin, company):
    company.rates.create(currency=build.a_currency("EUR"), valid_from=date(2026, 11, 1), rate=Decimal("11.43250000"))
    page = client.get(reverse("setup_rows", args=["rate"])).content.decode()
    assert "11.4325<" in page
