"""What stands around every page, and the pages everybody has."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from autopay_console import errors, shell
from companies.access import rights_of
from companies.choices import InstanceRoleKind, Role
from companies.models import InstanceRole, Membership, Person
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company(name="Nordic Foods AS")


def logged_in(person):
    client = Client()
    client.force_login(person)
    return client


def names_seen(*roles, instance=()):
    rights = rights_of(build.a_person(*roles, company=build.a_company() if roles else None))
    rights = type(rights)(rights.company, rights.roles, frozenset(instance), rights.companies)
    return {place.name for _label, places in shell.PLACES for place in places if place.allowed(rights)}


def test_the_side_bar_shows_what_the_roles_allow():
    assert {"suggestion", "payments", "approval"} <= names_seen(Role.ACCOUNTANT)
    assert "suggestion" not in names_seen(Role.APPROVER)
    assert "people" not in names_seen(Role.ACCOUNTANT)
    assert "operations" not in names_seen(Role.ADMINISTRATOR)


def test_operations_sees_no_money_places():
    assert names_seen(instance=[InstanceRoleKind.OPERATIONS]) == {
        "operations",
        "messages",
        "queue_service",
        "sending_all",
        "file_kinds",
        "exchanges",
        "imports",
    }


def test_all_counts_of_the_side_bar_cost_one_query(company, django_assert_num_queries):
    person = build.an_approver(company)
    build.an_estimate(company)
    build.an_uploaded_payment(company)
    rights = rights_of(person)
    with django_assert_num_queries(1):
        counts = shell.counts_for(company, person, rights)
    assert counts == {"drafts": 1, "parked": 0, "debits": 0, "batches": 0, "to_approve": 1}


def test_counts_are_of_this_company_alone(company):
    build.an_estimate(build.a_company())
    person = build.an_accountant(company)
    assert shell.counts_for(company, person, rights_of(person))["drafts"] == 0


def test_beyond_999_the_side_bar_only_says_so(company, monkeypatch):
    monkeypatch.setattr(shell, "MOST_COUNTED", 2)
    for _ in range(4):
        build.an_estimate(company)
    person = build.an_accountant(company)
    counts = shell.counts_for(company, person, rights_of(person))
    assert counts["drafts"] == 3
    place = next(place for _label, places in shell.PLACES for place in places if place.count == "drafts")
    assert shell.Entry(place, "/", counts["drafts"]).shown == "2+"


def test_ones_own_upload_does_not_wait_for_oneself(company):
    payment = build.an_uploaded_payment(company)
    Membership.objects.create(company=company, person=payment.created_by, role=Role.APPROVER)
    assert not shell.to_approve(company, payment.created_by).exists()


def test_the_company_in_force_can_only_be_one_of_ones_own(company):
    other = build.a_company(name="Nordic Eiendom AS")
    person = build.an_accountant(company)
    client = logged_in(person)
    assert client.post(reverse("switch_company"), {"company": other.number}).status_code == 404
    Membership.objects.create(company=other, person=person, role=Role.READER)
    client.post(reverse("switch_company"), {"company": other.number})
    assert client.get("/").context["company"] == other


def test_the_company_list_narrows_while_one_types(company):
    client = logged_in(build.an_accountant(company))
    answer = client.get(
        reverse("switch_company"), {"q": "zzz"}, headers={"HX-Request": "true", "HX-Target": "company-list"}
    )
    assert b"No company of yours matches." in answer.content
    assert b"<html" not in answer.content


def test_enter_in_the_company_search_takes_the_first_that_matches(company):
    person = build.an_accountant(company)
    other = build.a_company(name="Nordic Eiendom AS")
    Membership.objects.create(company=other, person=person, role=Role.READER)
    client = logged_in(person)
    client.post(reverse("switch_company"), {"q": " nordic eien"})
    assert client.get("/").context["company"] == other
    client.post(reverse("switch_company"), {"q": str(company.number)})
    assert client.get("/").context["company"] == company


@pytest.mark.parametrize("typed", ["", "  ", "zzz"])
def test_enter_without_a_match_leaves_one_where_one_is(company, typed):
    person = build.an_accountant(company)
    other = build.a_company()
    Membership.objects.create(company=other, person=person, role=Role.READER)
    client = logged_in(person)
    client.post(reverse("switch_company"), {"company": other.number})
    answer = client.post(reverse("switch_company"), {"q": typed})
    assert answer.status_code == 200
    assert (b"No company of yours matches." in answer.content) == bool(typed.strip())
    assert client.get("/").context["company"] == other


def test_enter_finds_no_company_of_others(company):
    build.a_company(name="Nordic Eiendom AS")
    client = logged_in(build.an_accountant(company))
    assert b"No company of yours matches." in client.post(reverse("switch_company"), {"q": "Nordic Eiendom"}).content
    assert client.get("/").context["company"] == company


def test_a_dialog_is_a_page_of_its_own_without_script(company):
    client = logged_in(build.an_accountant(company))
    assert b"<html" in client.get(reverse("switch_company")).content
    inside = client.get(reverse("switch_company"), headers={"HX-Request": "true", "HX-Target": "dialog"})
    assert b"<html" not in inside.content
    assert b"dialog-title" in inside.content


def test_a_dialog_on_a_page_of_its_own_names_the_page(company):
    client = logged_in(build.an_accountant(company))
    page = client.get(reverse("switch_company")).content.decode()
    assert "<title>Switch company · AutoPay Console</title>" in page
    assert page.count("<h1") == 1
    assert '<h1 id="dialog-title">Switch company</h1>' in page


def test_a_dialog_that_is_a_page_answers_as_a_page_and_never_opens_another_over_itself(company):
    client = logged_in(build.a_person(Role.ADMINISTRATOR, company=company))
    alone = client.get(reverse("invite")).content.decode()
    assert 'id="dialog-form"' in alone
    assert "hx-post" not in alone.partition('id="dialog-form"')[2].partition(">")[0]
    inside = client.get(reverse("invite"), headers={"HX-Request": "true", "HX-Target": "dialog"}).content.decode()
    assert "hx-post" in inside.partition('id="dialog-form"')[2].partition(">")[0]


def test_the_console_speaks_the_persons_language_whatever_the_browser_says(company):
    person = build.an_accountant(company)
    Person.objects.filter(pk=person.pk).update(language="nb")
    answer = logged_in(person).get("/", headers={"Accept-Language": "en"})
    assert b'<html lang="nb"' in answer.content


def test_own_settings_are_saved_and_nobody_elses(company):
    person, other = build.an_accountant(company), build.an_accountant(company)
    sent = {"first_name": "Marte", "last_name": "Lien", "language": "nb", "theme": "dark", "pk": other.pk}
    logged_in(person).post(reverse("settings"), sent)
    person.refresh_from_db()
    assert (person.shown, person.language, person.theme, person.wants_mail) == ("Marte Lien", "nb", "dark", False)
    assert Person.objects.get(pk=other.pk).theme == "auto"


def test_a_theme_is_rendered_into_the_page_so_nothing_flashes(company):
    person = build.an_accountant(company)
    client = logged_in(person)
    client.post(reverse("theme"), {"theme": "dark"})
    assert b'data-theme="dark"' in client.get("/").content
    assert client.post(reverse("theme"), {"theme": "pink"}).status_code == 404


def test_every_page_but_health_and_login_asks_who_one_is():
    client = Client()
    assert client.get("/healthz").json() == {"status": "up"}
    for name in ("home", "switch_company", "settings"):
        assert client.get(reverse(name)).headers["Location"].startswith("/account/login/")


def test_health_says_down_and_nothing_else_when_the_database_is_gone(monkeypatch):
    def gone():
        raise DatabaseError("password=secret")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "down"})


def test_the_page_about_our_own_mistake_needs_no_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert b"nothing was changed" in answer.content


def test_a_page_that_is_not_there_and_one_of_strangers_look_the_same(company):
    answer = logged_in(build.an_accountant(company)).get("/no/such/page/")
    assert answer.status_code == 404
    assert b"There is no such page here" in answer.content


def test_no_page_can_be_framed_or_run_foreign_script(company):
    answer = logged_in(build.an_accountant(company)).get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"


def of_the_installation(kind):
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=kind)
    return logged_in(person)


def test_the_home_of_who_only_looks_after_the_installation_is_the_operations_page():
    client = of_the_installation(InstanceRoleKind.OPERATIONS)
    answer = client.get("/", follow=True)
    assert answer.redirect_chain == [(reverse("operations"), 302)]
    side = answer.content.decode().partition('id="nav"')[2].partition("</nav>")[0]
    assert "What waits" not in side


def test_who_may_add_the_first_company_is_led_to_it_and_afterwards_to_the_operations_page(db):
    client = of_the_installation(InstanceRoleKind.ADMINISTRATOR)
    page = client.get("/").content.decode()
    assert "No company yet" in page
    assert reverse("company_new") in page
    assert reverse("factoring") not in page  # a table of a company, which is not there
    build.a_company()
    assert client.get("/").headers["Location"] == reverse("operations")


def test_somebody_without_any_role_reads_why_the_page_is_empty():
    page = logged_in(build.a_person()).get("/").content.decode()
    assert "No company yet" in page
    assert "An administrator gives you a role" in page


def test_a_person_of_the_installation_is_not_told_to_ask_for_a_role():
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.OPERATIONS)
    page = logged_in(person).get(reverse("operations")).content.decode()
    assert "All companies<small>Operations</small>" in page
    assert "Ask an administrator for a role" not in page


@pytest.mark.parametrize(
    ("page", "place"), [("integrated", "enable"), ("activation", "companies"), ("set_up", "set_up")]
)
def test_a_page_reached_from_a_place_is_marked_as_that_place(company, page, place):
    person = build.a_person(Role.ADMINISTRATOR, company=company)
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.ADMINISTRATOR)
    assert marked(person, reverse(page)) == [place]


def marked(person, path):
    request = RequestFactory().get(path)
    request.user, request.rights = person, rights_of(person)
    return [one.name for group in shell.build(request).groups for one in group.entries if one.current]


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("company", "companies"),
        ("bank_partner", "bank_partners"),
        ("agreement", "agreements"),
        ("factoring_company", "factoring"),
        ("supplier", "suppliers"),
        ("customer", "customers"),
        ("voucher_type", "set_up"),
    ],
)
def test_the_form_of_a_row_is_in_the_place_of_its_list(company, table, place):
    person = build.a_person(Role.ADMINISTRATOR, company=company)
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.ADMINISTRATOR)
    assert marked(person, reverse("setup_row", args=[table, 1])) == [place]
    assert marked(person, reverse("setup_new", args=[table])) == [place]
