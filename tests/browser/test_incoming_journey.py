"""Parked payments are cleared with the keyboard alone; a file is tried before it is imported."""

import re
import threading
import time
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.signals import request_finished, request_started
from django.urls import reverse
from playwright.sync_api import expect

from autopay_console.kernel.ids import new_id
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


PROPOSED, OVERPAID, SEARCHED = 12, 4, 4
MOST_KEYS, MOST_SECONDS = 5, 0.3


def a_busy_desk(company):
    """Twenty payments to clear, oldest first, before ten thousand that wait behind them."""
    named = []
    for place in range(PROPOSED + OVERPAID + SEARCHED):
        amount, name = f"{3000 + place}.75", f"Payer {place:02}"
        if place < PROPOSED:  # somebody's invoice has exactly this amount
            bank_files.an_invoice(company, amount, number=f"{500 + place}")
        elif place < PROPOSED + OVERPAID:  # the customer's name is known, and too much came
            bank_files.an_invoice(company, "1000.00", number=f"{600 + place}", customer=20000 + place)
            company.customers.filter(number=20000 + place).update(name=name)
        else:  # only a person knows
            bank_files.an_invoice(company, f"{7000 + place}.00", number=f"{60 + place}")
        named.append((name, amount))
    found = waiting(company, *named)
    many(company, found[-1], 10_000)
    return found


def many(company, like, count):
    """Parked payments of somebody else that came later."""
    facts = {
        field.attname: getattr(like, field.attname)
        for field in IncomingPayment._meta.concrete_fields
        if field.attname not in ("id", "key", "value_date", "payer_name")
    }
    rows = [
        IncomingPayment(
            **facts,
            id=new_id(),
            key=f"many-{n}",
            payer_name="Later",
            value_date=like.value_date + timedelta(days=1 + n % 90),
        )
        for n in range(count)
    ]
    IncomingPayment.objects.bulk_create(rows, batch_size=100)


@pytest.fixture
def thinking():
    """How long the program worked on each answer: its own time, whatever else the machine does."""
    seconds, begun = [], threading.local()

    def start(**_kwargs):
        begun.at = time.thread_time()

    def stop(**_kwargs):
        seconds.append(time.thread_time() - begun.at)

    request_started.connect(start)
    request_finished.connect(stop)
    yield seconds
    request_started.disconnect(start)
    request_finished.disconnect(stop)


def test_twenty_payments_are_cleared_with_five_keys_each_while_ten_thousand_wait(company, sit_down, thinking):
    payments = a_busy_desk(company)
    page = sit_down(build.an_accountant(company))
    page.goto(reverse("incoming"))
    thinking.clear()
    for place, payment in enumerate(payments):
        expect(current(page)).to_have_text(f"Payer {place:02}")
        keys = clear_one(page, place)
        assert keys <= MOST_KEYS, payment.payer_name
    expect(current(page)).not_to_have_text(f"Payer {len(payments) - 1:02}")
    done = IncomingPayment.objects.filter(pk__in=[payment.pk for payment in payments])
    assert done.filter(state=IncomingState.POSTED).count() == len(payments) == 20
    assert max(thinking) < MOST_SECONDS


def clear_one(page, place):
    """The keys an accountant presses for this payment; answers how many."""
    pressed = []

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)
            pressed.append(key)

    if place < PROPOSED + OVERPAID:
        press("1")
        expect(page.locator("#split")).to_contain_text("from proposal 1")
        press(*(["r"] if place >= PROPOSED else []), "e")
        return len(pressed)
    number = str(60 + place)
    press("/", *number)
    expect(page.locator("#found")).to_contain_text(number)
    press("Enter")
    expect(page.locator("#match-and-next")).to_be_focused()
    press("Enter")
    return len(pressed)


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
