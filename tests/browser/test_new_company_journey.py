"""A new administrator takes a new company from nothing to ready and exports it, by hand in a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from companies.choices import InstanceRoleKind, LinkState, Role
from companies.models import Company, InstanceRole
from tests import build
from tests.integration.linking import KEY, a_linked_company, an_unlinked_company, the_gateway

pytestmark = [pytest.mark.browser, pytest.mark.broker]
GUIDE = (  # the integration guide's names, in its order
    "Enable Visma.net",
    "Status information",
    "Connection to Visma.net",
    "Message Queue Registration",
    "OPG Certificate uploaded",
    "Integration setup",
    "OPG address",
    "http://[ServerAddress]:[Port]/OPGatewayService/",
    "Companies",
    "Status",
    "Upload OPG Certificate",
    "Export/update companies",
)


def an_administrator(**facts):
    person = build.a_person(**facts)
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.ADMINISTRATOR)
    return person


def no_violation(page):
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []


def save(page):
    page.locator("main").get_by_role("button", name="Save", exact=True).click()


@pytest.fixture
def worker(sandbox, run_worker, live_server):
    return run_worker(beat=True)


def test_the_dialog_has_the_guides_names_order_and_words(sit_down, sandbox):
    the_gateway(sandbox)
    page = sit_down(an_administrator())
    page.goto("/setup/companies/")
    page.get_by_role("link", name="Enable Visma.net").last.click()
    dialog = page.get_by_role("dialog", name="Enable Visma.net")
    expect(dialog.locator(".lights time").first).to_be_visible()
    said, place = dialog.inner_text(), -1
    for words in GUIDE:
        place = said.find(words, place + 1)
        assert place >= 0, words
    assert dialog.evaluate("box => box.tagName === 'DIALOG' && box.matches(':modal')")
    no_violation(page)


def test_escape_closes_the_dialog_and_the_focus_returns(sit_down, sandbox):
    the_gateway(sandbox)
    page = sit_down(an_administrator())
    page.goto("/setup/companies/")
    page.locator("#open-enable").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog .lights time").first).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "open-enable"


@pytest.mark.story
def test_the_status_column_fills_in_as_each_export_finishes(sit_down, sandbox, worker):
    the_gateway(sandbox)
    for digit in range(3):
        an_unlinked_company(organisation_no=["918234578", "923609016", "974760673"][digit])
    rule = {"operation": "exportCompany", "company": "NO-923609016"}
    sandbox.post("/rules", {"stage": "call", "when": rule, "then": {"fault": "down"}, "times": 1, "first": True})
    page = sit_down(an_administrator(), width=390)
    page.goto("/setup/enable/")
    expect(page.get_by_text("3 of 3 chosen")).to_be_visible()
    page.get_by_role("button", name="None").click()
    expect(page.get_by_text("0 of 3 chosen")).to_be_visible()
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_role("button", name="Export/update companies").click()
    expect(page.locator("#export-said")).to_contain_text("2 done, 1 under way", timeout=30000)
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    again.click()
    expect(page.locator("#export-said")).to_contain_text("3 done", timeout=30000)
    assert set(Company.objects.values_list("link_state", flat=True)) == {LinkState.LINKED}
    no_violation(page)


def test_a_wrong_key_is_seen_and_mended_on_the_screen(sit_down, sandbox):
    company = a_linked_company(sandbox)
    right = company.signing_key
    Company.objects.filter(pk=company.pk).update(signing_key=KEY)
    page = sit_down(an_administrator())
    page.goto("/setup/integrated/")
    page.get_by_role("button", name="Check link").click()
    expect(page.get_by_text("Signing keys differ", exact=True)).to_be_visible()
    page.get_by_role("link", name="Enter key").click()
    page.get_by_label("Signing key").fill(right)
    page.locator("#dialog").get_by_role("button", name="Enter key").click()
    expect(page.locator("#dialog[open]")).to_have_count(0)
    expect(page.get_by_text("Organisation number and signing key are the same.")).to_be_visible()
    no_violation(page)


@pytest.mark.story
def test_a_new_administrator_takes_a_new_company_from_nothing_to_ready(sit_down, sandbox, worker):
    nina = an_administrator(first_name="Nina", last_name="Ny")
    page = sit_down(nina)
    make_the_company(page)
    company = Company.objects.get(number=77)
    enable(page, sandbox)
    fill_company_data(page)
    make_bank_partner(page)
    make_agreement(page)
    make_cid_definition(page)
    second = build.a_person(Role.ADMINISTRATOR, company=company)
    accept(sit_down(second))
    for _ in range(2):
        build.an_approver(company)
    prove(page)
    page.goto("/setup/companies/")
    expect(page.get_by_role("row", name="77 Nybakken AS")).to_contain_text("Ready")


def make_the_company(page):
    page.goto("/setup/companies/")
    page.get_by_role("link", name="New company").click()
    page.fill("#id_number", "77")
    page.fill("#id_name", "Nybakken AS")
    page.fill("#id_organisation_no", "918234578")
    page.select_option("#id_country", "NO")
    page.select_option("#id_currency", "NOK")
    page.get_by_role("button", name="Make the company").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Can this company pay?")
    expect(page.locator("#nav")).to_contain_text("Nybakken AS")


def enable(page, sandbox):
    page.goto("/setup/companies/")
    page.locator("#open-enable").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("OPG address").fill(sandbox.gateway)
    dialog.get_by_label("User (Customer Administrator)").fill("gateway")
    dialog.get_by_label("Password").fill("sandbox")
    dialog.get_by_role("button", name="Try it").click()
    expect(dialog.locator("#tried")).to_contain_text("takes user and password")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator(".lights")).to_contain_text("Up", timeout=15000)
    dialog.get_by_role("button", name="Export/update companies").click()
    expect(dialog.locator("#export-said")).to_contain_text("1 done", timeout=30000)
    expect(dialog.get_by_text("Created in Visma.net")).to_be_visible()
    page.keyboard.press("Escape")


def fill_company_data(page):
    page.goto("/setup/companies/")
    page.get_by_role("link", name="77 Nybakken AS").click()
    page.fill("#id_licence_article", "406004")
    page.check("#id_autopay_active")
    page.fill("#id_street", "Storgata")
    page.fill("#id_postcode", "0155")
    page.fill("#id_town", "Oslo")
    save(page)
    expect(page.get_by_text("Saved").first).to_be_visible()


def make_bank_partner(page):
    page.goto("/setup/table/bank_partner/new/")
    page.fill("#id_number", "1")
    page.fill("#id_name", "DNB")
    page.fill("#id_account", "86011117947")
    page.fill("#id_bic", "DNBANOKK")
    page.select_option("#id_country", "NO")
    page.select_option("#id_currency", "NOK")
    page.fill("#id_gl_bank", "1920")
    save(page)
    expect(page.get_by_text("Saved").first).to_be_visible()


def make_agreement(page):
    page.goto("/setup/table/agreement/new/")
    page.select_option("#id_bank_partner", index=1)
    page.fill("#id_division", "0001")  # DNB asks for it; the field comes with the bank
    page.fill("#id_debtor_name", "Nybakken AS")
    page.select_option("#id_currency", "NOK")
    save(page)
    page.get_by_role("link", name="1 DNB").click()
    page.get_by_role("button", name="Bank has confirmed").click()
    page.get_by_role("button", name="Activate").click()
    expect(page.locator("main")).to_contain_text("second person")


def accept(page):
    page.goto("/setup/changes/")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Accepted; payments use it from now on.")).to_be_visible()


def make_cid_definition(page):
    page.goto("/setup/table/factoring_company/new/")
    page.fill("#id_number", "1")
    page.fill("#id_name", "KID on DNB")
    page.fill("#id_bank_account", "86011117947")
    page.fill("#id_gl_bank", "1920")
    save(page)
    expect(page.get_by_text("Saved").first).to_be_visible()


def prove(page):
    page.goto("/setup/readiness/")
    page.get_by_role("button", name="Accept the terms").click()
    expect(page.locator("main")).to_contain_text("Everything is entered.")
    page.get_by_role("button", name="Prove it").click()
    expect(page.get_by_text("A payment would go through.")).to_be_visible()
    assert "missing" not in page.locator("main").inner_text()
    no_violation(page)
