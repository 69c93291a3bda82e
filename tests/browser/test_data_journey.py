"""Data in and out as people do it: a table with faulty rows, vouchers to another ledger, a key for the ERP."""

import os
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from companies.choices import Role
from companies.models import Job
from payments.models import SupplierEntry
from payments.table_import import running
from tests import build
from tests.integration.api.vouchers import posted
from tests.payments.table_import.tables import ENTRY_HEAD, an_xlsx

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEY = re.compile(r"apk_[A-Za-z0-9_-]{40,}")
SHOTS = os.environ.get("AUTOPAY_SHOTS", "")  # a folder for pictures of every step


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    company = build.a_company(country=build.a_country("SE"), currency=build.a_currency("SEK"))
    build.a_bank(company)
    build.a_supplier(company, number=50001, name="Nordlys AS")
    return company


def clean(page, name=""):
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    if SHOTS and name:
        width = page.viewport_size["width"]
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=f"{SHOTS}/{name}-{width}-dark.png", full_page=True)
        page.emulate_media(color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


def a_workbook(path, rows, faulty):
    """Every so-manieth row names a supplier nobody has."""
    step = rows // faulty
    return an_xlsx(
        path,
        [
            [*ENTRY_HEAD, "Our remark"],
            *(
                [7 if n % step == 3 else 50001, f"F-{n}", build.TODAY, build.TODAY, 100 + n, "", "x"]
                for n in range(rows)
            ),
        ],
    )


def work():
    """The worker's part."""
    while not running.run(Job.objects.latest("created_at").pk):
        pass


@pytest.mark.parametrize("width", [1440, 390])
def test_a_table_with_faulty_rows_is_imported_as_the_person_chooses(company, sit_down, tmp_path, width):
    page = sit_down(build.an_accountant(company), width)
    book = a_workbook(tmp_path / "entries.xlsx", 300, 6)
    page.goto(reverse("table_imports"))
    clean(page, "start")
    page.get_by_role("link", name="Import supplier entries", exact=True).click()
    clean(page, "table")
    page.locator("#id_file").set_input_files(book)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("heading", name="Which column is what?")).to_be_visible()
    expect(page.get_by_label("Amount", exact=True)).to_have_value("amount")
    expect(page.get_by_label("Our remark")).to_have_value("")
    clean(page, "mapping")
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    clean(page, "progress")
    work()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    expect(page.locator("#listing")).to_contain_text("There is no supplier 7.")
    clean(page, "preview")
    page.locator("#listing").get_by_role("link", name="New").click()
    expect(page.locator("#listing")).to_contain_text("F-0 · 50001 Nordlys AS")
    clean(page, "preview-new")
    page.get_by_label("Import the 294 rows that are right").check()
    page.get_by_role("button", name="Do that").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work()
    expect(page.locator("main")).to_contain_text("294 rows were written")
    clean(page, "result")
    assert SupplierEntry.objects.count() == 294


def test_all_or_none_leaves_nothing_behind(company, sit_down, tmp_path):
    page = sit_down(build.an_accountant(company))
    page.goto(reverse("table_import", args=["supplier_entry"]))
    page.locator("#id_file").set_input_files(a_workbook(tmp_path / "entries.xlsx", 200, 4))
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work()
    page.get_by_label("All rows or none").check()
    page.get_by_role("button", name="Do that").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    work()
    expect(page.locator("main")).to_contain_text("Nothing was imported: 4 rows are faulty")
    clean(page, "nothing")
    assert SupplierEntry.objects.count() == 0


@pytest.mark.parametrize("width", [1440, 390])
def test_vouchers_are_handed_over_and_fetched_again(company, sit_down, width):
    posted(company, 1, many=4)
    page = sit_down(build.an_accountant(company), width)
    page.goto(reverse("exports"))
    clean(page, "exports")
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator("h1")).to_have_text("4 vouchers handed over")
    for _ in range(2):
        with page.expect_download() as fetched:
            page.get_by_role("link", name="SIE 4").click()
        assert fetched.value.suggested_filename.endswith(".se")
    page.reload()
    expect(page.locator("main")).to_contain_text("2 times")
    clean(page, "export-run")
    page.goto(reverse("exports"))
    clean(page, "exports-done")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_key_is_made_shown_once_and_revoked(company, sit_down, width):
    page = sit_down(build.a_person(Role.ADMINISTRATOR, company=company), width)
    page.goto(reverse("api_keys"))
    clean(page, "keys-empty")
    page.get_by_role("link", name="New key").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Name").fill("Visma Business")
    dialog.get_by_label("May see salary payments").check()
    dialog.get_by_role("button", name="Make the key").click()
    expect(dialog.locator(".errorlist")).to_contain_text("Only somebody with the payroll role can allow this.")
    page.said[:] = [one for one in page.said if "422" not in one]  # the browser tells of the refusal too
    clean(page, "key-new")
    dialog.get_by_label("May see salary payments").uncheck()
    dialog.get_by_role("button", name="Make the key").click()
    expect(dialog.get_by_label("Key", exact=True)).to_have_value(KEY)
    clean(page, "key-made")
    page.keyboard.press("Escape")
    expect(page.locator("#listing")).to_contain_text("Visma Business")
    clean(page, "keys")
    page.get_by_role("link", name="Revoke Visma Business").click()
    dialog.get_by_role("button", name="Revoke").click()
    expect(page.locator("#listing")).to_contain_text("Revoked")
    page.goto(reverse("api_docs"))
    clean(page, "docs")
