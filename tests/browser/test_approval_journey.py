"""Two approvers sign without a mouse; every page beside the list is read on a desk and a phone, in light and dark."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from companies.choices import Role
from companies.models import Company, Deputy
from payments.choices import RoundState
from payments.models import BankFile, Payment, Statement
from payments.releasing import amending, uploading
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    return build.a_company(allow_preapproval=True)


@pytest.fixture
def partner(company):
    """Two approvers, a cut-off in 90 minutes, and a balance that holds one of two payments."""
    partner = build.a_bank(company, hold_seconds=120, cutoff=time(11, 30))
    file = BankFile.objects.create(company=company, digest="0" * 64, path="x", size=1, type="camt.053", phase=4)
    Statement.objects.create(
        company=company,
        file=file,
        account=partner.account,
        to_date=build.TODAY - timedelta(days=1),
        closing=Decimal(3500),
    )
    return partner


@pytest.fixture
def two(company, partner):
    """Two payments Anna uploaded: 2 000 and 3 000 NOK."""
    anna = build.a_person(Role.ACCOUNTANT, company=company, first_name="Anna")
    found = []
    for lines in (2, 3):
        payment = build.an_estimate(company, lines=lines, bank_partner=partner)
        payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
        uploading.upload(payment, anna, frozenset({"approvers_missing", "overdraws"}))
        found.append(Payment.objects.get(pk=payment.pk))
    return found


@pytest.fixture
def approvers(company):
    names = ("Bjørn", "Cecilie")
    return [build.a_person(Role.APPROVER, company=company, first_name=name) for name in names]


def clean(page):
    page.evaluate(
        "Promise.allSettled(document.getAnimations().map(one => one.finished))"
    )  # colours are mixed meanwhile
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def sign_all_by_keyboard(page):
    """j to the first row, x on both, a, tick what is asked, Enter."""
    page.goto(reverse("approval"))
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#bulk-sum")).to_contain_text("5\u202f000.00")
    page.keyboard.press("a")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Approve 2 payments")
    expect(dialog).to_contain_text("does not hold it: 1\u202f500.00 NOK are missing")
    clean(page)
    page.get_by_label("Approve although the account does not hold it").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("2 payments done")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".htmx-request")).to_have_count(0)


def test_two_approvers_sign_without_a_mouse(two, approvers, sit_down):
    first, second = approvers
    sign_all_by_keyboard(sit_down(first))
    assert set(Payment.objects.values_list("given", "round_state")) == {(1, RoundState.WAITING)}
    page = sit_down(second)
    sign_all_by_keyboard(page)
    assert set(Payment.objects.values_list("given", "round_state")) == {(2, RoundState.RELEASED)}
    page.goto(reverse("approval") + "?view=approved")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#drawer-title")).to_be_visible()
    expect(page.locator("#drawer")).to_contain_text("Undo")
    page.keyboard.press("Escape")


def test_the_details_say_all_an_approver_needs(company, partner, two, approvers, sit_down):
    away, _other = approvers
    deputy = build.a_person(Role.READER, company=company, first_name="Dag")
    Deputy.objects.create(
        company=company, person=away, deputy=deputy, starts_on=build.TODAY, ends_on=build.TODAY, limit=Decimal(2500)
    )
    page = sit_down(deputy)
    page.goto(reverse("approval"))
    expect(page.locator(".main")).to_contain_text("leaves today only when it is approved before 11:30, in 90 min")
    expect(page.locator("#listing")).to_contain_text("for Bjørn")
    expect(page.locator("#listing")).to_contain_text("above the amount you stand in for")
    page.keyboard.press("j")
    page.keyboard.press("o")
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("Dag for Bjørn")
    expect(drawer).to_contain_text("Will the account hold it?")
    expect(drawer).to_contain_text("2026-11-24")
    clean(page)
    page.keyboard.press("Escape")
    page.get_by_label(f"Select payment {two[0].number}").check()
    expect(page.locator("#bulk-sum")).to_contain_text("2\u202f000.00")
    page.keyboard.press("a")
    page.locator("#dialog").get_by_role("button", name="Approve 1 payment").click()
    expect(page.locator("#dialog")).to_contain_text("1 payment done")
    assert Payment.objects.get(pk=two[0].pk).approvals.get().on_behalf_of == away


def test_a_payment_that_changed_under_the_eyes_is_not_signed(two, approvers, sit_down):
    page = sit_down(approvers[0])
    page.goto(reverse("approval"))
    page.get_by_label(f"Select payment {two[0].number}").check()
    expect(page.locator("#bulk-sum")).to_contain_text("2\u202f000.00")
    page.keyboard.press("a")
    expect(page.locator("#dialog")).to_contain_text("Approve 1 payment")
    amending.amend(two[0].lines.first(), approvers[1], amount=Decimal(900))
    page.locator("#dialog").get_by_role("button", name="Approve 1 payment").click()
    expect(page.locator("#dialog")).to_contain_text("was changed since you opened it")


def test_invoices_are_approved_in_advance_and_withdrawn(company, approvers, sit_down):
    build.a_supplier_entry(build.a_supplier(company, name="Nordlys AS"), "1250.00")
    page = sit_down(approvers[0])
    page.goto(reverse("preapproval"))
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#bulk-sum")).to_contain_text("1\u202f250.00")
    page.keyboard.press("a")
    expect(page.locator("#dialog")).to_contain_text("Approve 1 invoice in advance")
    clean(page)
    page.locator("#dialog").get_by_role("button", name="Approve 1 invoice").click()
    expect(page.locator("#listing")).to_contain_text("No open invoices here")
    page.wait_for_load_state("networkidle")
    page.goto(reverse("preapproval") + "?view=mine")
    expect(page.locator("#listing")).to_contain_text("Bjørn")
    page.get_by_label("Select invoice").check()
    expect(page.locator("#bulk-sum")).to_contain_text("1\u202f250.00")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("#listing")).to_contain_text("No open invoices here")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_clean(company, partner, two, sit_down, width, scheme):
    person = build.a_person(Role.APPROVER, Role.ADMINISTRATOR, company=company, first_name="Bjørn")
    Company.objects.filter(pk=company.pk).update(extra_approver_over=Decimal(1000))
    page = sit_down(person, width=width)
    page.emulate_media(color_scheme=scheme)
    for address in (
        reverse("approval"),
        reverse("approval_one", args=[two[0].number]),
        reverse("approval_print"),
        reverse("approval_rules"),
        reverse("preapproval"),
        reverse("cash"),
        reverse("cash_account", args=[partner.number]),
        reverse("overview"),
    ):
        page.goto(address)
        clean(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
