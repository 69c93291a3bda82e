"""OpenID Connect against a small identity provider of our own: proven, known or invited people come in, nobody else."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from companies import invitations
from companies.choices import Role
from companies.models import Person
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    """A server that says about everybody what `said` holds."""
    said = {"sub": "7", "email": "known@example.com", "email_verified": True, "given_name": "Nina", "family_name": "Ny"}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            own = f"http://127.0.0.1:{self.server.server_port}"
            names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
            found = {name: f"{own}/{name}" for name in names} | {"issuer": own}
            self.answer(found if "openid-configuration" in self.path else said)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer({"access_token": "t", "token_type": "Bearer"})

        def answer(self, values):
            body = json.dumps(values).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {"provider_id": "company", "name": "Fjordvik login", "client_id": "console", "secret": "s"}
    app["settings"] = {"server_url": f"http://127.0.0.1:{server.server_port}"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "VERIFIED_EMAIL": False, "APPS": [app]}
    }
    yield said
    server.shutdown()
    server.server_close()


def sent_to(client):
    """What the provider is asked, after the button was pressed."""
    answer = client.post(reverse("openid_connect_login", args=["company"]))
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def come_back(client):
    state = sent_to(client)["state"]
    return client.get(reverse("openid_connect_callback", args=["company"]), {"code": "c", "state": state}, follow=True)


def test_the_login_page_shows_the_button(client, provider):
    assert "Fjordvik login" in client.get(reverse("account_login")).content.decode()


def test_the_provider_is_asked_with_state_and_proof_key(client, provider):
    asked = sent_to(client)
    assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == ("console", "code", "S256")
    assert {"openid", "email"} <= set(asked["scope"].split())
    assert asked["redirect_uri"].endswith(reverse("openid_connect_callback", args=["company"]))
    assert asked["state"]


def test_somebody_known_comes_in_and_is_linked(client, provider):
    person = build.a_person(Role.READER, company=build.a_company(), email="Known@example.com")
    assert come_back(client).context["user"] == person
    assert SocialAccount.objects.get().user == person


def test_somebody_nobody_invited_stays_outside(client, provider):
    answer = come_back(client)
    assert not answer.context["user"].is_authenticated
    assert "Ask for an invitation" in answer.content.decode()
    assert not Person.objects.exists()


def test_an_address_the_provider_did_not_prove_opens_nothing(client, provider):
    provider["email_verified"] = False
    build.a_person(email="known@example.com")
    assert not come_back(client).context["user"].is_authenticated


def test_a_deactivated_person_stays_outside(client, provider):
    build.a_person(email="known@example.com", is_active=False)
    assert not come_back(client).context["user"].is_authenticated


def test_somebody_invited_comes_in_without_a_password(client, provider):
    company = build.a_company()
    admin = build.a_person(Role.ADMINISTRATOR, company=company)
    invitation = invitations.invite(company, "known@example.com", [Role.ACCOUNTANT], "nb", admin)
    page = client.get(reverse("invitation", args=[invitations.token_of(invitation)]))
    assert "Fjordvik login" in page.content.decode()
    person = come_back(client).context["user"]
    assert (person.email, person.first_name, person.language) == ("known@example.com", "Nina", "nb")
    assert not person.has_usable_password()
    assert person.memberships.get().role == Role.ACCOUNTANT


def test_the_link_of_somebody_else_does_not_help(client, provider):
    company = build.a_company()
    admin = build.a_person(Role.ADMINISTRATOR, company=company)
    invitation = invitations.invite(company, "other@example.com", [Role.ACCOUNTANT], "nb", admin)
    client.get(reverse("invitation", args=[invitations.token_of(invitation)]))
    assert not come_back(client).context["user"].is_authenticated
