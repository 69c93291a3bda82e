"""The API as an ERP meets it: keys, entries in, statuses and vouchers out, faults with their field."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from companies.choices import Role
from companies.models import PendingChange
from integration.api import keys
from integration.models import ApiKey, ApiRequest, Exchange
from payments import lifecycle
from payments.choices import LineStatus
from payments.models import CustomerEntry, LineChange, SupplierEntry
from tests import build

pytestmark = pytest.mark.django_db
ALL = keys.Rights(True, True, True)


@pytest.fixture
def company():
    company = build.a_company()
    build.a_bank(company)
    build.a_supplier(company, number=50001)
    build.a_customer(company, number=10001)
    return company


class Erp:
    """A program with a key."""

    def __init__(self, company, rights=ALL, until=None):
        person = build.a_person(Role.ADMINISTRATOR, company=company)
        self.key, self.text = keys.make(company, f"ERP {build.a_number()}", rights, person, until)
        self.client = Client()

    def headers(self, **more):
        return {"Authorization": f"Bearer {self.text}", **more}

    def post(self, what, entries, *, once="", **facts):
        headers = self.headers(**({"Idempotency-Key": once} if once else {}))
        body = json.dumps({"entries": entries, **facts})
        return self.client.post(f"/api/v1/{what}", body, content_type="application/json", headers=headers)

    def get(self, what, **query):
        return self.client.get(f"/api/v1/{what}", query, headers=self.headers())


@pytest.fixture
def erp(company):
    return Erp(company)


def an_entry(no="F-1", amount="1250.50", **facts):
    return {
        "supplier_no": 50001,
        "invoice_no": no,
        "amount": amount,
        "entry_date": "2026-11-20",
        "due_date": "2026-12-05",
    } | facts


def test_entries_sent_are_planned_like_those_registered_by_hand(erp):
    answer = erp.post("supplier-entries", [an_entry(), an_entry("K-1", "-99")])
    entry = SupplierEntry.objects.get(invoice_no="F-1")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["applied"], said["created"], said["entries"][0]["planned_date"]) == (
        True,
        2,
        entry.planned_date.isoformat(),
    )
    assert (entry.amount, entry.planned_date != entry.due_date) == (Decimal("1250.50"), True)


def test_customer_entries_are_taken_in_too(erp):
    entry = an_entry(customer_no=10001)
    del entry["supplier_no"]
    assert erp.post("customer-entries", [entry]).json()["created"] == 1
    assert erp.post("customer-entries", [entry]).json()["unchanged"] == 1
    assert CustomerEntry.objects.get().rest == Decimal("1250.50")


def test_one_faulty_entry_stops_all_and_is_named(erp):
    answer = erp.post("supplier-entries", [an_entry(), an_entry("F-2", supplier_no=7)])
    said = answer.json()
    assert (answer.status_code, said["applied"], SupplierEntry.objects.count()) == (422, False, 0)
    assert said["entries"][1]["errors"] == [
        {
            "entry": 1,
            "field": "supplier_no",
            "text": "There is no supplier 7. Import or register the supplier first.",
        }
    ]


def test_without_all_or_nothing_the_good_entries_are_kept(erp):
    answer = erp.post("supplier-entries", [an_entry(), an_entry("F-2", supplier_no=7)], all_or_nothing=False)
    said = answer.json()
    assert (answer.status_code, said["created"], said["refused"]) == (200, 1, 1)
    assert SupplierEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount": "ten"}, "amount"),
        ({"amount": 12.5}, "amount"),
        ({"due_date": "31.12.2026"}, "due_date"),
        ({"amuont": "1"}, "amuont"),
        ({"supplier_no": "x"}, "supplier_no"),
        ({"invoice_no": ""}, "invoice_no"),
        ({"currency": "krone"}, "currency"),
    ],
)
def test_a_call_that_is_not_as_described_names_entry_and_field(erp, facts, field):
    answer = erp.post("supplier-entries", [an_entry(), an_entry("F-2") | facts])
    fault = answer.json()["error"]["fields"][0]
    assert (answer.status_code, fault["entry"], fault["field"]) == (422, 1, field)
    assert SupplierEntry.objects.count() == 0


@pytest.mark.parametrize("body", ["", "{", "[]", '{"entries": []}', '{"entries": 5}', "null"])
def test_a_body_that_is_none_is_refused_in_the_same_form(erp, body):
    answer = erp.client.post("/api/v1/supplier-entries", body, content_type="application/json", headers=erp.headers())
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["text"]


def test_more_than_a_thousand_entries_are_refused(erp):
    answer = erp.post("supplier-entries", [an_entry(f"F-{n}") for n in range(1001)])
    assert (answer.status_code, SupplierEntry.objects.count()) == (422, 0)


def test_a_call_sent_again_is_done_once_and_answered_from_memory(erp):
    first = erp.post("supplier-entries", [an_entry()], once="batch-17")
    again = erp.post("supplier-entries", [an_entry()], once="batch-17")
    assert first.json() == again.json()
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert again.json()["created"] == 1
    assert SupplierEntry.objects.count() == 1


def test_the_same_idempotency_key_with_another_body_is_refused(erp):
    erp.post("supplier-entries", [an_entry()], once="batch-17")
    other = erp.post("supplier-entries", [an_entry("F-2")], once="batch-17")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert SupplierEntry.objects.count() == 1


def test_a_refused_call_may_be_tried_again_under_its_key(erp, company):
    assert erp.post("supplier-entries", [an_entry(supplier_no=7)], once="b").status_code == 422
    assert ApiRequest.objects.count() == 0
    build.a_supplier(company, number=7)
    assert erp.post("supplier-entries", [an_entry(supplier_no=7)], once="b").status_code == 200


def test_another_key_has_idempotency_keys_of_its_own(erp, company):
    erp.post("supplier-entries", [an_entry()], once="b")
    assert Erp(company).post("supplier-entries", [an_entry("F-9")], once="b").status_code == 200


@pytest.mark.parametrize("trouble", ["none", "wrong", "revoked", "expired"])
def test_only_a_valid_key_opens(company, trouble):
    erp = Erp(company, until=timezone.now() - timedelta(seconds=1) if trouble == "expired" else None)
    if trouble == "revoked":
        keys.revoke(erp.key, erp.key.created_by)
    if trouble == "wrong":
        erp.text = "apk_wrong"
    headers = {} if trouble == "none" else erp.headers()
    answer = Client().get("/api/v1/vouchers", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "key")


def test_a_key_does_only_what_it_may(company):
    reader = Erp(company, keys.Rights(reads_vouchers=True))
    assert reader.post("supplier-entries", [an_entry()]).status_code == 403
    assert reader.get("statuses").status_code == 403
    assert reader.get("vouchers").status_code == 200


def test_a_key_is_kept_only_as_a_digest(erp):
    kept = ApiKey.objects.filter(pk=erp.key.pk).values().get()
    assert erp.text not in str(kept)


def test_too_many_calls_in_a_minute_are_sent_away_with_the_seconds_to_wait(erp, settings):
    settings.API_CALLS_A_MINUTE = 2
    answers = [erp.get("vouchers") for _ in range(3)]
    if {one.status_code for one in answers} == {200}:  # the minute turned in between
        answers = [erp.get("vouchers") for _ in range(3)]
    last = next(one for one in answers if one.status_code == 429)
    assert 1 <= int(last.headers["Retry-After"]) <= 61
    assert last.json()["error"]["code"] == "too_many_calls"


def test_another_companys_suppliers_do_not_exist(company, erp):
    other = Erp(build.a_company())
    assert other.post("supplier-entries", [an_entry()]).status_code == 422


def test_every_call_stands_in_the_traffic_log_without_the_key(erp, company):
    erp.post("supplier-entries", [an_entry()], once="b-1")
    erp.post("supplier-entries", [an_entry(supplier_no=7)])
    good, bad = Exchange.objects.filter(company=company, kind="api").order_by("at")
    assert (good.status_code, good.outcome, good.count, good.reference) == (200, "ok", 1, "b-1")
    assert (bad.status_code, bad.outcome) == (422, "refused")
    assert erp.key.name in good.text
    assert erp.text not in f"{good.text}{good.address}{bad.text}"


def test_status_changes_come_once_in_order_page_by_page(erp, company):
    payment = build.a_transferred_payment(company, 5)
    ids = list(payment.lines.order_by("pk").values_list("pk", flat=True))
    lifecycle.move(ids, LineStatus.ACKNOWLEDGED, source="test")
    lifecycle.move(ids[:1], LineStatus.REJECTED, source="test")
    seen, cursor = [], ""
    while True:
        said = erp.get("statuses", cursor=cursor, limit=2).json()
        seen += said["items"]
        cursor = said["next_cursor"]
        if not said["more"]:
            break
    assert [one["change"] for one in seen] == list(LineChange.objects.order_by("pk").values_list("pk", flat=True))
    assert (seen[-1]["status"], seen[-1]["status_text"]) == (4, "Rejected")
    assert erp.get("statuses", cursor=cursor).json() == {"items": [], "next_cursor": cursor, "more": False}


def test_salary_is_seen_only_by_a_key_that_may(company):
    payment = build.a_transferred_payment(company, 2, salary=True)
    lifecycle.move(payment.lines.values_list("pk", flat=True), LineStatus.ACKNOWLEDGED, source="test")
    assert Erp(company).get("statuses").json()["items"] == []
    assert len(Erp(company, keys.Rights(reads_statuses=True, sees_salary=True)).get("statuses").json()["items"]) == 2


def test_posted_vouchers_come_once_with_their_postings(erp, company):
    from tests.integration.api.vouchers import posted

    numbers = [posted(company, n).number for n in range(5)]
    seen, cursor = [], ""
    while True:
        said = erp.get("vouchers", cursor=cursor, limit=2).json()
        seen += said["items"]
        cursor = said["next_cursor"]
        if not said["more"]:
            break
    assert [one["number"] for one in seen] == numbers
    assert [(one["account"], one["debit"], one["credit"]) for one in seen[0]["postings"]] == [
        ("7770", "100.00", "0.00"),
        ("1920", "0.00", "100.00"),
    ]


@pytest.mark.parametrize("query", [{"cursor": "x!"}, {"limit": 0}, {"limit": 5000}, {"since": "2026-11-25T08:00:00"}])
@pytest.mark.parametrize("what", ["statuses", "vouchers"])
def test_a_question_that_cannot_be_asked_is_refused(erp, what, query):
    assert erp.get(what, **query).status_code == 422


def test_the_description_is_open_and_names_every_call(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert set(paths) == {f"/api/v1/{one}" for one in ("supplier-entries", "customer-entries", "statuses", "vouchers")}


def test_a_new_account_on_an_entry_is_asked_for_by_whoever_made_the_key(erp):
    account = build.a_norwegian_account()
    assert erp.post("supplier-entries", [an_entry(account=account)]).status_code == 200
    change = PendingChange.objects.get()
    assert (change.after, change.asked_by) == (account, erp.key.created_by)
