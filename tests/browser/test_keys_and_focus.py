"""Without a mouse nobody loses their place: drawers, dialogs, swaps and errors hand focus on; a phone shows it all."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from companies.choices import Role
from payments.models import Payment
from payments.releasing import uploading
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def two(settings, tmp_path):
    """Two payments of 2 000 and 3 000 NOK that Anna uploaded."""
    settings.DATA_AREA = tmp_path
    company = build.a_company()
    partner = build.a_bank(company)
    anna = build.a_person(Role.ACCOUNTANT, company=company, first_name="Anna")
    for lines in (2, 3):
        payment = build.an_estimate(company, lines=lines, bank_partner=partner)
        payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
        uploading.upload(payment, anna, frozenset({"approvers_missing"}))
    build.an_approver(company)
    return list(Payment.objects.order_by("number"))


@pytest.fixture
def bjorn(two):
    return build.a_person(Role.APPROVER, company=two[0].company, first_name="Bjørn")


def in_use(page):
    """What has the focus: its text or its name."""
    return page.evaluate(
        "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()"
    )


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_a_drawer_is_entered_by_key_and_left_by_escape_to_its_row(two, bjorn, sit_down):
    page = sit_down(bjorn)
    page.goto(reverse("approval"))
    press(page, "j", "j", "o")
    expect(page.locator("#drawer .body")).to_be_focused()
    expect(page.locator("tr[aria-current] th a")).to_have_text(str(two[1].number))
    press(page, "k", "o")
    expect(page.locator("#drawer-title")).to_have_text(f"Payment {two[0].number}")
    press(page, "Escape")
    expect(page.locator("aside.drawer")).to_have_count(0)
    assert in_use(page) == str(two[0].number)
    assert page.url.endswith(reverse("approval"))


def test_escape_closes_ticks_before_the_drawer_and_the_bar_wins_its_key(two, bjorn, sit_down):
    page = sit_down(bjorn)
    page.goto(reverse("approval"))
    press(page, "j", "x", "j", "x", "o")
    expect(page.locator("aside.drawer")).to_be_visible()
    expect(page.locator("#bulk-sum")).to_contain_text("5\u202f000.00")
    press(page, "a")
    expect(page.locator("#dialog-title")).to_have_text("Approve 2 payments")
    expect(page.locator("#dialog")).to_have_accessible_description("5 lines 5\u202f000.00\u00a0NOK")
    press(page, "Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    press(page, "Escape")
    expect(page.locator("#bulk")).to_be_hidden()
    expect(page.locator("aside.drawer")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("aside.drawer")).to_have_count(0)


def test_after_a_signature_one_stands_at_the_row_and_the_drawer_tells_the_outcome(two, bjorn, sit_down):
    page = sit_down(bjorn)
    page.goto(reverse("approval"))
    press(page, "j", "o")
    expect(page.locator("#drawer")).to_contain_text("Approvers, 0 of 2")
    press(page, "k", "x", "a")
    page.locator("#dialog").get_by_role("button", name="Approve 1 payment").press("Enter")
    close = page.locator("#dialog .dlg-f [data-close]")
    expect(close).to_be_focused()
    expect(close).to_have_accessible_description(
        f"1 payment done Payment {two[0].number} 1 of 2, waits for the next approver"
    )
    expect(page.locator("#drawer")).to_contain_text("Approvers, 1 of 2")
    press(page, "Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    assert in_use(page) == str(two[0].number)


def test_sorting_and_changing_tabs_keep_the_focus(two, bjorn, sit_down):
    page = sit_down(bjorn)
    page.goto(reverse("approval"))
    page.get_by_role("link", name="Leaves").press("Enter")
    page.wait_for_url("**sort=-leaves")
    expect(page.get_by_role("link", name="Leaves")).to_be_focused()
    page.get_by_role("link", name="Cancelled").press("Enter")
    page.wait_for_url("**view=cancelled")
    expect(page.get_by_role("link", name="Cancelled")).to_be_focused()
    expect(page.locator("#heard")).to_have_text("Nothing here yet")
    page.get_by_role("link", name="Waiting").press("Enter")
    expect(page.locator("#heard")).to_have_text("1 to 2 of 2")


def test_the_sum_of_ticked_rows_is_asked_once_for_each_choice(two, bjorn, sit_down):
    page, asked = sit_down(bjorn), []
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith(reverse("approval_sum")) else None)
    page.goto(reverse("approval"))
    press(page, "j", "x")
    expect(page.locator("#bulk-sum")).to_contain_text("2\u202f000.00")
    page.wait_for_timeout(700)
    assert len(asked) == 1


def test_what_went_wrong_is_said_inside_the_open_dialog(two, bjorn, sit_down):
    page = sit_down(bjorn)
    page.goto(reverse("approval"))
    press(page, "j", "x", "a")
    sign = page.locator("#dialog").get_by_role("button", name="Approve 1 payment")
    expect(sign).to_be_visible()
    page.context.set_offline(True)
    sign.click()
    expect(page.locator("#dialog [role=alert] .toast")).to_contain_text("does not answer")
    sign.click()
    expect(page.locator("#dialog [role=alert] .toast")).to_have_count(1)
    page.context.set_offline(False)
    sign.click()
    expect(page.locator("#dialog")).to_contain_text("1 payment done")
    page.wait_for_load_state("networkidle")
    assert all("INTERNET_DISCONNECTED" in one or one.startswith("htmx:") for one in page.said)
    page.said.clear()


def test_the_page_of_keys_names_its_own_first(two, bjorn, sit_down):
    page = sit_down(bjorn)
    page.goto(reverse("approval"))
    press(page, "?")
    expect(page.locator("#keys-here dd")).to_have_text(["Print", "Approve"])
    expect(page.locator("#keys-places")).to_contain_text("Overview")
    press(page, "Escape", "/")
    page.keyboard.type("a?x")
    expect(page.locator("[data-search]")).to_have_value("a?x")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_first_thing_to_do_is_the_first_row_of_the_home_page(two, bjorn, sit_down):
    page = sit_down(bjorn)
    page.goto(reverse("home"))
    press(page, "j")
    assert page.evaluate("document.activeElement.closest('.list > li') !== null")


def test_on_a_phone_the_payment_is_the_page_and_its_acts_are_in_sight(two, bjorn, sit_down):
    page = sit_down(bjorn, width=390)
    page.goto(reverse("approval"))
    page.locator("#listing").get_by_role("link", name=str(two[0].number), exact=True).click()
    expect(page.locator("#drawer-title")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Approve this one")).to_be_in_viewport()
    expect(page.locator("#listing")).to_be_hidden()
    page.get_by_role("button", name="Approve this one").click()
    for words in (two[0].digest[:4], "1 of 2"):
        expect(page.locator("#dialog table").get_by_text(words)).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.locator("[data-close-drawer]").click()
    expect(page.locator("#listing")).to_be_visible()
