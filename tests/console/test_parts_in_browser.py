"""The parts as people use them: dialog, ticks, search, keys, in a real browser under the real policy."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import expect

from companies.choices import Role
from payments.models import PaymentLine
from tests import build
from tests.console import sample

CHROMIUM = os.environ.get("AUTOPAY_CHROMIUM") or shutil.which("chromium") or ""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium (AUTOPAY_CHROMIUM or /usr/bin/chromium)"),
]


@pytest.fixture(scope="module")
def chromium(playwright):
    """One browser for the module. Playwright's loop (one per process) must not make Django refuse the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    )
    yield browser
    browser.close()


@pytest.fixture
def company():
    company = build.a_company()
    payment = build.an_estimate(company, lines=3, amount="1250.00")
    PaymentLine.objects.filter(payment=payment, line_no=2).update(status=8)
    return company


@pytest.fixture
def page(chromium, live_server, settings, company):
    """The sample list, seen by a member; every word of the browser's console is a failure."""
    settings.ROOT_URLCONF = sample.__name__
    settings.TEMPLATES = sample.TEMPLATES
    person = build.a_person(Role.ACCOUNTANT, company=company)
    client = Client()
    client.force_login(person)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.said = said
    page.goto(f"{live_server.url}/sample/")
    yield page
    expect(page.locator(".htmx-request")).to_have_count(0)  # what is cut off by closing is no fault
    context.close()
    assert said == []


def test_a_dialog_opens_with_focus_in_its_first_field_and_gives_focus_back(page):
    opener = page.locator("tbody a").first
    opener.click()
    expect(page.locator("#dialog")).to_be_visible()
    expect(page.get_by_label("New amount")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_wrong_form_stays_in_the_dialog_and_says_what_is_wrong(page):
    page.get_by_role("link", name="New").click()
    page.get_by_label("New amount").fill("1.234")
    page.get_by_label("I have checked the account").check()
    page.get_by_role("button", name="Change 1 line").click()
    expect(page.locator("#dialog .errorlist")).to_contain_text("two ways")
    expect(page.get_by_label("New amount")).to_be_focused()
    assert page.get_by_label("New amount").get_attribute("aria-invalid") == "true"
    page.said.clear()  # the browser itself reports the 422


def test_a_change_closes_the_dialog_says_so_and_shows_the_list_again(page):
    page.get_by_role("link", name="New").click()
    page.get_by_label("New amount").fill("1 234,50")
    page.get_by_label("I have checked the account").check()
    with page.expect_response(lambda answer: answer.url.endswith("/sample/")):
        page.get_by_role("button", name="Change 1 line").click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(".toast")).to_contain_text("Line changed")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast").last).to_contain_text("Undone")


def test_ticks_open_the_bar_and_the_server_adds_the_money(page):
    ticks = page.locator("tbody input[type=checkbox]")
    ticks.nth(0).click()
    ticks.nth(2).click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_be_visible()
    expect(page.locator("[data-bulk-count]").first).to_have_text("3")
    expect(page.locator("#bulk-sum")).to_contain_text("3\u202f750.00")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).to_be_hidden()


def test_the_ticked_rows_reach_the_server(page):
    page.locator("[data-tick-all]").check()
    page.keyboard.press("a")
    expect(page.locator("body")).to_have_text("took 3")


def test_a_search_becomes_a_chip_and_an_address_and_back_undoes_it(page):
    page.keyboard.press("/")
    page.keyboard.type("status:8")
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_contain_text("Status: 8")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "status" in page.url
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(3)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_filter_menu_writes_the_search_and_stays_on_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_text("Filters").click()
    box = page.locator(".drop[open] .menu").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    if folder := os.environ.get("AUTOPAY_PICTURES"):
        page.screenshot(path=f"{folder}/filters-{width}.png")
    page.locator(".menu").get_by_text("Transferred to EFT system").click()
    expect(page.locator(".chip")).to_contain_text("Status: 8")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_misread_query_is_explained_and_one_click_mends_it(page):
    page.locator("[data-search]").fill("amout>1000")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("“amout” is not a field.")
    page.get_by_role("link", name="amount>1000").click()
    expect(page.locator("tbody tr")).to_have_count(3)


def test_rows_are_walked_ticked_and_opened_by_keys(page):
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("tbody tr").nth(1).locator("input")).to_be_checked()
    page.keyboard.press("o")
    expect(page.locator("#dialog")).to_be_visible()


def test_the_question_mark_shows_every_key_of_the_page(page):
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys-here")).to_contain_text("New")


def test_a_failed_request_says_that_nothing_was_changed(page):
    page.get_by_role("link", name="Break").click()
    expect(page.locator(".toast.bad")).to_contain_text("nothing was changed")
    page.said.clear()  # the browser itself reports the 500


def test_light_and_dark_are_remembered_for_the_person(page):
    page.get_by_role("button", name="Switch light and dark").click()
    chosen = page.locator("html").get_attribute("data-theme")
    assert chosen == "dark"
    page.wait_for_load_state("networkidle")
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_left_out(page, width, theme):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    page.locator("tbody input[type=checkbox]").first.click()
    expect(page.locator("#bulk-sum")).to_contain_text("NOK")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("tbody a").first.click()
    expect(page.locator("#dialog")).to_be_visible()
    page.wait_for_timeout(300)
    assert Axe().run(page).response["violations"] == []
    if folder := os.environ.get("AUTOPAY_PICTURES"):
        page.screenshot(path=f"{folder}/dialog-{width}-{theme}.png")
        page.keyboard.press("Escape")
        page.screenshot(path=f"{folder}/list-{width}-{theme}.png", full_page=True)
