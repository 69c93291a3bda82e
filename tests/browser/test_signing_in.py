"""Signing in: passkeys by a virtual authenticator, authenticator app, invitation; all under the strict policy."""

import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from companies import invitations
from companies.choices import Role
from companies.models import BankAgreement, Person
from payments.models import Approval, Payment
from payments.releasing import uploading
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = re.compile(r"localhost:\d+/$")
PASSWORD = "en lang og sjelden setning"


@pytest.fixture
def anna():
    person = build.a_person(Role.APPROVER, company=build.a_company(), username="anna", language="en")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def page(chromium, live_server):
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    page, said = context.new_page(), []
    page.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
    yield page
    context.close()
    assert said == []


@pytest.fixture
def security_key(page):
    """An authenticator with a fingerprint that is always right."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**kind, "isUserVerified": True, "automaticPresenceSimulation": True}
    line.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def clean(page):
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def sign_in(page):
    page.goto(reverse("account_login"))
    page.get_by_label("Login").fill("anna")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def prove(page):
    """The page that asks for the password again."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page):
    page.goto(reverse("account_logout"))
    page.get_by_role("main").get_by_role("button", name="Sign Out").click()
    page.wait_for_url("**/login/**")


def add_passkey(page):
    page.goto(reverse("mfa_add_webauthn"))
    prove(page)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Passwordless").check()
    clean(page)
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/recovery-codes/**")


def test_a_passkey_is_added_and_signs_its_owner_in(page, anna, security_key):
    sign_in(page)
    page.wait_for_url(HOME)
    add_passkey(page)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(HOME)
    page.get_by_role("heading", name="What waits").first.wait_for()


def test_a_passkey_signs_a_payment_where_the_agreement_wants_a_second_factor(
    page, anna, security_key, settings, tmp_path
):
    settings.DATA_AREA = tmp_path / "files"
    company = anna.memberships.get().company
    payment = build.an_estimate(company, lines=2, bank_partner=build.a_bank(company))
    payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
    uploading.upload(payment, build.an_accountant(company), frozenset({"approvers_missing"}))
    BankAgreement.objects.update(two_factor=1)
    sign_in(page)
    page.wait_for_url(HOME)
    add_passkey(page)
    page.goto(reverse("approval"))
    page.get_by_label(re.compile("Select payment")).first.check()
    page.get_by_role("button", name=re.compile("^Approve")).first.click()
    checked = page.get_by_label("I have checked what stands out above")
    if checked.count():
        checked.check()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="1 payment done").wait_for()
    assert Approval.objects.get(payment=payment).second_factor


def code_for(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_an_authenticator_app_is_set_up_and_asked_for_at_the_next_login(page, anna):
    sign_in(page)
    page.wait_for_url(HOME)
    page.goto(reverse("mfa_activate_totp"))
    prove(page)
    secret = page.locator("input[readonly]").input_value()
    clean(page)
    page.locator("input[name=code]").fill(code_for(secret))
    page.get_by_role("main").get_by_role("button", name="Activate").click()
    page.wait_for_url("**/recovery-codes/**")
    sign_out(page)
    sign_in(page)
    page.wait_for_url("**/2fa/authenticate/**")
    page.locator("input[name=code]").first.fill("000000")
    page.get_by_role("main").get_by_role("button", name="Sign In").click()
    page.get_by_text("Incorrect code").wait_for()


def test_somebody_invited_opens_the_link_sets_a_password_and_is_in(page, anna):
    company = anna.memberships.get().company
    admin = build.a_person(Role.ADMINISTRATOR, company=company)
    invitation = invitations.invite(company, "new@example.com", [Role.ACCOUNTANT], "en", admin)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(reverse("invitation", args=[invitations.token_of(invitation)]))
    clean(page)
    page.get_by_label("First name").fill("Nina")
    page.get_by_label("Last name").fill("Ny")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Set the password and go in").click()
    page.wait_for_url(HOME)
    assert Person.objects.get(username="new@example.com").memberships.get().role == Role.ACCOUNTANT


def test_the_pages_about_people_have_no_barrier(sit_down):
    company = build.a_company()
    admin = build.a_person(Role.ADMINISTRATOR, company=company)
    admin.instance_roles.create(role="administrator")
    other = build.a_person(Role.APPROVER, company=company)
    invitations.invite(company, "new@example.com", [Role.READER], "en", admin)
    for width in (1440, 390):
        page = sit_down(admin, width)
        for url in ("people", "who_may", "everybody", ("person", other.pk)):
            address = reverse(url) if isinstance(url, str) else reverse(url[0], args=[url[1]])
            page.goto(address)
            clean(page)
        page.goto(reverse("people"))
        page.get_by_role("link", name="Invite").click()
        page.get_by_role("heading", name="Invite somebody").wait_for()
        page.wait_for_timeout(400)
        clean(page)
