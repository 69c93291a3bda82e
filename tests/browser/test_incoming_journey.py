"""Parked payments are cleared with the keyboard alone; a file is tried before it is imported."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from payments.choices import IncomingState
from payments.models import BankFile, CustomerEntry, IncomingPayment, Match
from tests import build
from tests.payments.incoming import bank_files
from tests.payments.web.incoming_world import a_company, parked

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    return a_company()


def waiting(company, *amounts):
    """Payments that wait, oldest first."""
    found = []
    for place, (payer, amount) in enumerate(amounts):
        payment = parked(company, amount, payer=payer)
        day = payment.value_date - timedelta(days=len(amounts) - place)
        IncomingPayment.objects.filter(pk=payment.pk).update(value_date=day)
        found.append(payment)
    return found


def clean(page):
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def current(page):
    return page.locator("h2#pay")


def test_the_queue_is_cleared_with_the_keyboard_alone(company, sit_down):
    bank_files.an_invoice(company, "487.50", number="12361")
    first, second, third = waiting(
        company, ("Fjordkafé AS", "1012.50"), ("Voss Grill", "600.00"), ("Kiosk Sentrum", "80.00")
    )
    page = sit_down(build.an_accountant(company))
    page.goto(reverse("incoming"))
    expect(current(page)).to_have_text("Fjordkafé AS")
    page.keyboard.press("1")
    expect(page.locator("#split")).to_contain_text("from proposal 1")
    clean(page)
    page.keyboard.press("e")
    expect(current(page)).to_have_text("Voss Grill")

    page.keyboard.press("/")
    page.keyboard.type("12361")
    expect(page.locator("#found")).to_contain_text("12361")
    page.keyboard.press("Enter")
    expect(page.locator("#split-form")).to_contain_text("12361")
    expect(page.locator("#split-sum")).to_contain_text("112.50")
    page.locator("h1").click()
    page.keyboard.press("r")
    clean(page)
    page.keyboard.press("e")
    expect(current(page)).to_have_text("Kiosk Sentrum")
    assert page.url.endswith(f"{third.pk}/resolve/")

    page.keyboard.press("z")
    expect(current(page)).to_have_text("Voss Grill")
    page.keyboard.press("s")
    expect(current(page)).to_have_text("Kiosk Sentrum")
    page.keyboard.press("k")
    expect(current(page)).to_have_text("Voss Grill")
    assert IncomingPayment.objects.get(pk=first.pk).state == IncomingState.POSTED
    assert IncomingPayment.objects.get(pk=second.pk).state == IncomingState.PARKED
    assert CustomerEntry.objects.get(invoice_no="12361").rest > 0


def test_the_rest_follows_what_is_typed_and_mistakes_stay_in_their_field(company, sit_down):
    payment, _other = waiting(company, ("Fjordkafé AS", "1100.00"), ("Kiosk Sentrum", "80.00"))
    page = sit_down(build.an_accountant(company))
    page.goto(reverse("resolve", args=[payment.pk]))
    page.get_by_role("searchbox", name="Add an entry").fill("12345")
    page.keyboard.press("Enter")
    place = page.get_by_label("Place on 12345")
    place.fill("1000")
    expect(page.locator("#split-sum")).to_contain_text("100.00")
    place.fill("2000")
    expect(page.locator("#split-sum")).to_contain_text("Placed too much")
    page.get_by_role("button", name="Match and next").click()
    expect(page.locator("#split [role=alert]")).to_contain_text("more is placed than was paid")
    expect(page.get_by_label("Place on 12345")).to_have_value("2000")
    page.get_by_label("Place on 12345").fill("1012.50")
    page.get_by_label(re.compile("unmatched incoming")).check()
    page.said.clear()  # the browser tells of the answer 422 that was meant
    page.get_by_role("button", name="Match and next").click()
    expect(current(page)).to_have_text("Kiosk Sentrum")
    assert Match.objects.filter(gl_account=company.gl_unmatched).count() == 1


def test_a_file_is_tried_and_then_imported(company, sit_down, tmp_path):
    path = tmp_path / "camt.xml"
    credit = bank_files.a_credit(bank_files.a_payment("1012.50", kid="00001234500000100011"))
    path.write_text(bank_files.camt054(credit))
    page = sit_down(build.an_accountant(company))
    page.goto(reverse("try_bank_file"))
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#trial")).to_contain_text("Whole KID on an open entry")
    assert not BankFile.objects.exists()
    clean(page)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("h1")).to_have_text("camt.xml")
    assert BankFile.objects.count() == 1


def test_on_a_phone_a_payment_is_resolved_too(company, sit_down):
    (payment,) = waiting(company, ("Fjordkafé AS", "1012.50"))
    page = sit_down(build.an_accountant(company), width=390)
    page.goto(reverse("resolve", args=[payment.pk]))
    page.get_by_role("link", name="Take this").click()
    expect(page.locator("#split-sum")).to_contain_text("0.00")
    clean(page)
    page.get_by_role("button", name="Match and next").click()
    expect(page.locator("#bench")).to_contain_text("Nothing waits for a person")
