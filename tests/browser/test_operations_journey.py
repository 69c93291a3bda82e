"""Stop, be seen stopped, go on by two; every page of operations on a desk and a phone, in light and dark."""

import os
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from companies import stopping
from companies.choices import InstanceRoleKind, Role
from companies.models import InstanceRole
from integration import traffic
from integration.choices import Direction, MessageState, Outcome
from integration.models import InboxMessage
from tests import build
from tests.integration.linking import a_released_transfer
from tests.payments.incoming import bank_files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("AUTOPAY_PICTURES", "")  # a folder: pictures of every page are left there


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    return build.a_company(name="Nordic Foods AS")


@pytest.fixture
def exchange(company):
    transfer = a_released_transfer(company)
    content = bank_files.camt054(bank_files.a_credit(bank_files.a_payment("700.00")))
    stored = traffic.keep(company, "camt", content if isinstance(content, bytes) else content.encode())
    for number in range(3):
        InboxMessage.objects.create(
            key=f"m{number}", message_id=f"0b9f0c1e-{number}", message_type="IncomingPayments", raw='{"messageId": 1}',
            company=company, state=MessageState.DEAD, reason="The gateway answered 500.",
            received_at=timezone.now() - timedelta(hours=number), attempts=15,
        )  # fmt: skip
    with traffic.on_occasion(transfer=transfer):
        return traffic.record(
            Direction.IN, "file", Outcome.OK, company=company, file=stored, reference="AP1-1", size=stored.size
        )


def clean(page):
    """Nothing for axe to complain about, and nothing that scrolls sideways."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:160]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_one_person_stops_and_two_let_it_go_on(sit_down, company):
    anna = sit_down(build.an_accountant(company))
    anna.goto(reverse("sending"))
    anna.get_by_role("link", name="Stop sending").click()
    dialog = anna.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("A supplier account looks wrong")
    dialog.get_by_role("button", name="Stop sending").click()
    expect(anna.get_by_text("Nothing leaves: sending is stopped for Nordic Foods AS.")).to_be_visible()
    anna.goto(reverse("overview"))
    expect(anna.get_by_text("A supplier account looks wrong")).to_be_visible()
    anna.goto(reverse("sending"))
    anna.get_by_role("link", name="Ask to let sending go on").click()
    anna.get_by_role("dialog").get_by_label("Reason").fill("The supplier confirmed it")
    anna.get_by_role("dialog").get_by_role("button", name="Ask").click()
    expect(anna.get_by_role("button", name="Withdraw the question")).to_be_visible()

    bjorn = sit_down(build.an_approver(company), width=390)
    bjorn.goto(reverse("sending"))
    clean(bjorn)
    bjorn.get_by_role("link", name="Let sending go on").click()
    bjorn.get_by_role("dialog").get_by_role("button", name="Let sending go on").click()
    expect(bjorn.get_by_text("Sending goes on.")).to_be_visible()
    expect(bjorn.get_by_text("Nothing leaves")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_clean(sit_down, company, exchange, width, scheme):
    person = build.a_person(*Role.values, company=company)
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.ADMINISTRATOR)
    stopping.stop(company, build.an_approver(company), "A supplier account looks wrong")
    stopping.stop(None, person, "The bank called: their gateway was broken into")
    page = sit_down(person, width=width)
    page.emulate_media(color_scheme=scheme)
    dead = InboxMessage.objects.first()
    addresses = {
        "sending": reverse("sending"),
        "sending-all": reverse("sending_all"),
        "download": reverse("download"),
        "evidence": reverse("evidence"),
        "files": reverse("file_kinds") + "?dry=1",
        "operations": reverse("operations"),
        "messages": reverse("messages"),
        "message": reverse("message", args=[dead.pk]),
        "exchanges": reverse("exchanges"),
        "exchange": reverse("exchange", args=[exchange.pk]),
        "source": reverse("exchange_source", args=[exchange.pk]),
        "understood": reverse("exchange_understood", args=[exchange.pk]),
    }
    for name, address in addresses.items():
        page.goto(address)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{scheme}.png", full_page=True)
        clean(page)


def test_what_is_asked_every_few_seconds_changes_in_place(sit_down, company):
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.OPERATIONS)
    page = sit_down(person)
    page.goto(reverse("operations"))
    page.get_by_text("As a table").click()
    page.get_by_role("link", name="Given up messages").focus()
    page.evaluate("document.getElementById('part-dead').mark = 'the same row'")
    InboxMessage.objects.create(key="m", raw="{}", state=MessageState.DEAD, received_at=timezone.now())
    expect(page.locator("#part-dead").get_by_text("1 message was given up after the last attempt.")).to_be_visible(
        timeout=30_000
    )
    assert page.evaluate("document.getElementById('part-dead').mark") == "the same row"
    assert page.evaluate("document.activeElement.textContent") == "Given up messages"
    assert page.evaluate("document.querySelector('details.twin').open")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("The gateway was asked just now.")).to_be_visible()
    clean(page)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_whole_way_is_tested_before_ones_eyes(sit_down, company, width):
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.OPERATIONS)
    page = sit_down(person, width=width)
    page.goto(reverse("operations"))
    page.get_by_role("button", name="Test the whole way").click()
    expect(page.get_by_role("heading", name="The whole way, tested")).to_be_in_viewport()
    clean(page)
    page.goto(reverse("queue_service"))
    clean(page)
