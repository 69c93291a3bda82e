"""An invoice on its way: suggested with a preview, looked through, uploaded, signed by two, found again."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from payments.choices import RoundState
from payments.models import Payment
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    company = build.a_company()
    build.a_bank(company, hold_seconds=120)
    for name in ("Nordlys AS", "Fjordfrakt AS"):
        entry = build.a_supplier_entry(build.a_supplier(company, name=name), "1250.00")
        type(entry).objects.filter(pk=entry.pk).update(kid=build.a_kid(f"1000{entry.pk:08d}"))
    return build.an_accountant(company), build.an_approver(company), build.an_approver(company)


def clean(page):
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def suggest_and_upload(page):
    page.goto(reverse("suggestion"))
    page.keyboard.press("n")
    expect(page.locator("#preview")).to_contain_text("Nordlys AS")
    page.get_by_label("Largest amount").fill("1300")
    expect(page.locator("#preview")).to_contain_text("The largest amount was reached.")
    page.get_by_label("Largest amount").fill("")
    expect(page.locator("#preview")).to_contain_text("2 suppliers")
    clean(page)
    page.get_by_role("button", name="OK, make the payment").click()
    expect(page.locator("h1")).to_have_text("Payment 1")
    page.keyboard.press("u")
    page.get_by_role("button", name="Upload 2 lines").click()
    expect(page.locator("h1")).to_have_text("Payment 1 is uploaded")
    expect(page.locator("#answer")).to_contain_text("0 of 2")


def sign(page):
    page.goto(reverse("approval"))
    page.get_by_label("Select payment 1").check()
    expect(page.locator("#bulk-sum")).to_contain_text("2\u202f500.00")
    page.keyboard.press("a")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Approve 1 payment")
    clean(page)
    dialog.get_by_role("button", name="Approve 1 payment").click()
    expect(dialog).to_contain_text("One result for each payment.")


def test_from_suggestion_to_release(people, sit_down):
    anna, bjorn, cecilie = people
    page = sit_down(anna)
    suggest_and_upload(page)
    sign(sit_down(bjorn))
    last = sit_down(cecilie)
    sign(last)
    expect(last.locator("#dialog")).to_contain_text("2 of 2, leaves in")
    assert Payment.objects.get().round_state == RoundState.RELEASED
    last.locator("#dialog").get_by_role("button", name="Undo").click()
    expect(last.locator(".toast, [role=status]").first).to_contain_text("undone")
    assert Payment.objects.get().round_state == RoundState.WAITING
    page.goto(reverse("overview"))
    page.get_by_label("Search").fill("receiver:nordlys")
    page.keyboard.press("Enter")
    expect(page.locator("#listing .chip")).to_contain_text("nordlys")
    page.get_by_role("link", name="1", exact=True).click()
    page.get_by_role("link", name="Nordlys AS").click()
    expect(page.locator("#drawer")).to_contain_text("In pain.001")
    clean(page)


def test_on_a_phone_the_details_take_the_place_of_the_list(people, sit_down):
    anna, bjorn, _cecilie = people
    suggest_and_upload(sit_down(anna))
    page = sit_down(bjorn, width=390)
    page.goto(reverse("approval"))
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.locator("#drawer-title")).to_be_visible()
    expect(page.locator("#listing")).to_be_hidden()
    clean(page)
    page.go_back()
    expect(page.locator("#listing")).to_be_visible()
