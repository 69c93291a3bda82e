"""The test with 1.00 on a desk and a phone: made by hand, followed without reloading, clean for every reader."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from payments import lifecycle, transfers
from payments.choices import LineStatus, RoundState, TransferState
from payments.models import Payment
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("AUTOPAY_PICTURES", "")  # a folder: pictures of every page are left there


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    return build.a_company(name="Nordic Foods AS")


def clean(page, name):
    """Nothing for axe to complain about, and nothing that scrolls sideways."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:160]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_payment_is_made_and_its_first_steps_stand_there(sit_down, company):
    build.a_bank(company)
    supplier = build.a_supplier(company)
    page = sit_down(build.an_accountant(company))
    page.goto(reverse("sending"))
    page.get_by_role("link", name="Test with 1.00").click()
    page.get_by_label("Supplier no.").fill(str(supplier.number))
    clean(page, "choose")
    page.get_by_role("button", name="Make the payment of 1.00").click()
    expect(page.get_by_role("link", name="To the payment's lines")).to_be_visible()
    clean(page, "estimate")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_follows_the_cancel_by_itself(sit_down, company, width):
    payment = build.an_uploaded_payment(company, 1, amount="1.00")
    Payment.objects.filter(pk=payment.pk).update(round_state=RoundState.RELEASED)
    payment.transfers.update(state=TransferState.ACCEPTED, sent_at=timezone.now(), accepted_at=timezone.now())
    page = sit_down(build.an_accountant(company), width)
    page.goto(reverse("guided_test_of", args=[payment.number]))
    expect(page.get_by_role("link", name="Cancel at central")).to_be_visible()
    clean(page, f"central-{width}")
    transfers.cancelled(payment.transfers.get().pk, "a test")
    lines = list(payment.lines.values_list("pk", flat=True))
    lifecycle.move(lines, LineStatus.CANCELLED, source="cancel", by=payment.created_by)
    expect(page.get_by_text("the status report of AutoPay central is not here yet")).to_be_visible(timeout=15_000)
    clean(page, f"answer-{width}")
