"""A supplier's account is changed: nothing is paid there until another administrator has accepted it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from companies.choices import InstanceRoleKind, Role
from companies.models import BankProfile, InstanceRole
from companies.reference_data import ensure_reference_data
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "86011117947"


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    return build.a_company(organisation_no="923609016")


@pytest.fixture
def anna(company):
    return build.a_person(Role.ADMINISTRATOR, Role.ACCOUNTANT, company=company, first_name="Anna")


@pytest.fixture
def dag(company):
    return build.a_person(Role.ADMINISTRATOR, company=company, first_name="Dag")


def refused(page):
    """The browser says that the form came back; that is what was meant."""
    page.said[:] = [one for one in page.said if "422" not in one]


def clean(page):
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_a_supplier_account_change_is_stopped_until_a_second_person_accepts(company, anna, dag, sit_down):
    build.a_bank(company)
    supplier = build.a_supplier(company, name="Nordlys AS")
    build.a_supplier_entry(supplier)
    page = sit_down(anna)
    page.goto(reverse("setup_row", args=["supplier", supplier.pk]))
    page.get_by_label("Bank account").fill("86011117948")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("form.setup")).to_contain_text("wrong check digit")
    refused(page)
    page.get_by_label("Bank account").fill("8601 11 17947")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#listing")).to_contain_text("Waits")
    clean(page)
    page.goto(reverse("suggestion"))
    page.keyboard.press("n")
    expect(page.locator("#preview")).to_contain_text("Nordlys AS")
    expect(page.locator("#preview")).to_contain_text("wait")
    page.goto(reverse("pending"))
    expect(page.locator("main")).to_contain_text("Another person must accept what you entered.")
    clean(page)
    second = sit_down(dag)
    second.goto(reverse("pending"))
    expect(second.locator("main")).to_contain_text("8601.11.17947")
    second.get_by_role("button", name="Accept").click()
    expect(second.locator("main")).to_contain_text("Decided lately")
    supplier.refresh_from_db()
    assert supplier.account == NEW
    second.goto(reverse("setup_row", args=["supplier", supplier.pk]))
    expect(second.locator("main")).to_contain_text("Asked to change Bank account from")
    expect(second.locator("main")).to_contain_text("Accounts of this supplier")
    clean(second)


def test_two_administrators_at_once_decide_field_by_field(company, anna, dag, sit_down):
    supplier = build.a_supplier(company, name="Gammel AS", town="Bergen")
    where = reverse("setup_row", args=["supplier", supplier.pk])
    mine, theirs = sit_down(anna), sit_down(dag)
    mine.goto(where)
    theirs.goto(where)
    theirs.get_by_label("Town").fill("Voss")
    theirs.get_by_role("textbox", name="Name", exact=True).fill("Deres AS")
    theirs.get_by_role("button", name="Save").click()
    mine.get_by_role("textbox", name="Name", exact=True).fill("Mitt AS")
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_role("alert")).to_contain_text("Dag")
    expect(mine.get_by_role("radio", name="Town: Voss")).to_be_checked()
    expect(mine.get_by_role("radio", name="Name: Mitt AS")).to_be_checked()
    clean(mine)
    refused(mine)
    mine.get_by_role("radio", name="Name: Deres AS").check()
    mine.get_by_role("button", name="Save what I chose").click()
    expect(mine.locator("#listing")).to_contain_text("Deres AS")
    supplier.refresh_from_db()
    assert (supplier.name, supplier.town) == ("Deres AS", "Voss")


def test_the_calendar_follows_the_ticks_and_the_cid_what_is_typed(company, anna, sit_down):
    row = build.a_factoring_company(company)
    page = sit_down(anna)
    page.goto(reverse("setup_row", args=["company", company.pk]))
    calendar = page.locator("#calendar")
    expect(calendar).to_contain_text("November 2026")
    expect(calendar).to_contain_text("→ 30 Nov")
    page.get_by_label("Move to an earlier date").check()
    expect(calendar).to_contain_text("→ 27 Nov")
    calendar.get_by_role("button", name="Month after").click()
    expect(calendar).to_contain_text("Christmas Day")
    clean(page)
    page.goto(reverse("setup_row", args=["factoring_company", row.pk]))
    expect(page.locator("#cid-reading")).to_contain_text("Invoice 12345, customer 10001")
    page.get_by_label("Factoring ID").fill("1;11")
    expect(page.locator("#cid-reading b").first).to_have_text("0000010001")
    clean(page)


@pytest.mark.parametrize("width", [1440, 390])
def test_every_screen_of_the_set_up_is_accessible_and_fits(company, anna, sit_down, width):
    InstanceRole.objects.create(person=anna, role=InstanceRoleKind.ADMINISTRATOR)
    ensure_reference_data()
    partner = build.a_bank(company)
    pages = [
        reverse("set_up"),
        reverse("companies"),
        reverse("readiness"),
        reverse("deputies"),
        reverse("setup_row", args=["bank_partner", partner.pk]),
        reverse("setup_row", args=["agreement", partner.agreements.get().pk]),
        reverse("setup_new", args=["agreement"]),
        reverse("setup_new", args=["customer"]),
        reverse("voucher_types"),
        reverse("texts"),
        reverse("shared_row", args=["system", 1]),
        reverse("shared_rows", args=["country"]),
        reverse("shared_row", args=["bank_profile", BankProfile.objects.get(code="dnb").pk]),
    ]
    page = sit_down(anna, width=width)
    for url in pages:
        page.goto(url)
        page.wait_for_load_state("networkidle")
        clean(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
