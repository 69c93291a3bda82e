"""One view, whole page or part."""

import json
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from autopay_console.kernel import htmx


def request_for(path="/x/", **headers):
    request = RequestFactory().get(path, headers=headers)
    request.user = AnonymousUser()
    HtmxMiddleware(lambda _request: HttpResponse())(request)
    return request


def test_a_redirect_to_the_login_page_never_lands_inside_a_part():
    request = request_for("/x/rows/", HX_Request="true", HX_Current_URL="http://testserver/payments/")
    moved = htmx.whole_page(request, HttpResponseRedirect("/account/login/?next=/x/rows/"))
    assert moved.status_code == 204
    assert moved["HX-Redirect"] == "/account/login/?next=/payments/&ended=GET"


def test_the_login_page_leads_back_to_the_search_that_stood_there():
    request = request_for("/x/", HX_Request="true", HX_Current_URL="http://testserver/payments/?q=due%3A1&view=all")
    moved = htmx.whole_page(request, HttpResponseRedirect("/account/login/?next=/x/"))
    assert parse_qs(urlsplit(moved["HX-Redirect"]).query)["next"] == ["/payments/?q=due%3A1&view=all"]


def test_the_login_page_says_that_what_was_pressed_last_was_not_done(client, db):
    page = "/account/login/?next=/approval/&ended="
    assert "What you pressed last was not done." in client.get(page + "POST").content.decode()
    text = client.get(page + "GET").content.decode()
    assert "Your session has ended" in text
    assert "What you pressed last" not in text


def test_a_fresh_proof_of_identity_is_no_ended_session():
    request = request_for("/x/", HX_Request="true", HX_Current_URL="http://testserver/me/")
    moved = htmx.whole_page(request, HttpResponseRedirect("/account/reauthenticate/?next=/x/"))
    assert moved["HX-Redirect"] == "/account/reauthenticate/?next=/me/"


def test_a_plain_request_keeps_its_redirect():
    answer = HttpResponseRedirect("/elsewhere/")
    assert htmx.whole_page(request_for(), answer) is answer


def test_only_a_named_target_gets_a_part():
    assert htmx.target_of(request_for(HX_Request="true", HX_Target="listing")) == "listing"
    assert htmx.target_of(request_for(HX_Target="listing")) == ""


def test_going_back_in_history_gets_the_whole_page():
    request = request_for(HX_Request="true", HX_Target="listing", HX_History_Restore_Request="true")
    assert htmx.target_of(request) == ""


def test_done_closes_the_dialog_says_so_and_names_what_to_ask_for_again():
    answer = htmx.done(request_for(HX_Request="true"), toast="2 approved", refresh=("listing", "counts"))
    events = json.loads(answer["HX-Trigger"])
    assert answer.status_code == 204
    assert set(events) == {"close-dialog", "toast", "refresh-listing", "refresh-counts"}
    assert events["toast"] == {"text": "2 approved", "tone": "good", "undo": ""}


def test_caches_keep_parts_and_pages_apart():
    answer = htmx.done(request_for(HX_Request="true"))
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in answer["Vary"].split(",")}


def test_the_last_answer_of_a_tile_stops_the_asking():
    assert htmx.poll_over(HttpResponse()).status_code == 286


def test_a_button_pressed_after_the_session_ended_leads_back_to_its_page_and_not_to_the_act(client, db):
    answer = client.post("/setup/terms/", headers={"Referer": "http://testserver/setup/readiness/?q=1"})
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query == {"next": ["/setup/readiness/?q=1"], "ended": ["POST"]}


def test_a_button_of_a_foreign_page_leads_home_after_the_login(client, db):
    answer = client.post("/setup/terms/", headers={"Referer": "https://elsewhere.example/x/"})
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == ["/"]


def test_a_page_asked_for_before_the_login_is_shown_after_it(client, db):
    assert client.get("/setup/readiness/")["Location"] == "/account/login/?next=/setup/readiness/"
