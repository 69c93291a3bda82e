"""A rejected line: suggested again from its payment, its reference mended, uploaded, signed and settled."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from payments import lifecycle
from payments.choices import LineStatus
from payments.lifecycle import Reason
from payments.models import Payment, Transfer
from payments.settling import settlement
from tests import build
from tests.payments.bank_messages import a_debit, a_sent_payment, items_of, statuses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def clean(page):
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


@pytest.fixture
def rejected(settings, tmp_path):
    """Two lines went to the bank; it rejected the second for its reference."""
    settings.DATA_AREA = tmp_path
    company = build.a_company()
    partner = build.a_bank(company, approvers=1, hold_seconds=0)
    payment = a_sent_payment(company, 2, bank_partner=partner)
    payment.transfers.update(msg_id=f"EARLIER-{payment.pk}")
    line = payment.lines.get(line_no=2)
    why = Reason("RR07", "Reference not valid")
    lifecycle.move([line.pk], LineStatus.REJECTED, source="pain.002", reason=why)
    return payment


def suggest_again(page, payment):
    page.goto(reverse("payment", args=[payment.number]))
    page.get_by_role("link", name="Suggest again").first.click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Suggest again what was not paid")
    clean(page)
    dialog.get_by_role("button", name="Suggest 1 line again").click()
    expect(page.locator("h1")).to_have_text("Payment 2")


def mend(page, kid):
    page.locator("#change-1").click()
    dialog = page.locator("#dialog")
    field = dialog.get_by_label("KID, OCR or RF")
    field.fill(kid)
    dialog.get_by_role("button", name="Change line 1").click()
    expect(page.locator("#line-1")).to_contain_text(kid)


def upload_and_sign(page, approver):
    page.keyboard.press("u")
    expect(page.locator("#dialog")).to_contain_text("Upload payment 2")
    page.get_by_role("button", name="Upload 1 line").click()
    expect(page.locator("h1")).to_have_text("Payment 2 is uploaded")
    approver.goto(reverse("approval"))
    approver.get_by_label("Select payment 2").check()
    approver.keyboard.press("a")
    approver.locator("#dialog").get_by_role("button", name="Approve 1 payment").click()
    expect(approver.locator("#dialog")).to_contain_text("One result for each payment.")


def test_a_rejected_line_is_mended_and_paid_in_a_new_suggestion(rejected, sit_down):
    anna, bjorn = build.an_accountant(rejected.company), build.an_approver(rejected.company)
    page = sit_down(anna)
    suggest_again(page, rejected)
    mend(page, build.a_kid("100099887"))
    upload_and_sign(page, sit_down(bjorn))
    new = Payment.objects.get(number=2)
    Transfer.objects.filter(payment=new).update(state="accepted", sent_at=new.uploaded_at)
    lifecycle.move(list(new.lines.values_list("pk", flat=True)), LineStatus.TRANSFERRED, source="central")
    settlement.settle([a_debit(item) for item in items_of(new)])
    settlement.collect(new.pk, build.TODAY)
    assert statuses(new) in ([5], [6])
    page.goto(reverse("payment_line", args=[2, 1]))
    expect(page.locator("main")).to_contain_text("Debited")
    page.get_by_role("link", name="Confirmation").click()
    expect(page.locator("h1")).to_have_text("Payment confirmation")
    clean(page)
