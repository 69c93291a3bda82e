"""Customer payments: right, wrong and strange, in both formats, always adding up to the ledger."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.integration.sandbox.caller import ACCOUNT

pytestmark = pytest.mark.broker

PAYMENTS = [
    {
        "amount": "1500.00",
        "reference": "00001234500000100011",
        "debtor": {"name": "Fjord Bygg AS", "account": "12345678903"},
    },
    {"amount": "99.50", "reference": "RF18539007547034"},
    {
        "amount": "750.00",
        "invoices": ["12346", {"number": "12347", "amount": "250.00"}],
        "creditNotes": [{"number": "90", "amount": "10"}],
    },
    {"amount": "80.00", "text": "Faktura 12348 og 12349"},
    {"amount": "400.00", "type": "CARD", "fee": "4.00"},
    {"amount": "100.00", "currency": "EUR", "rate": "11.50", "text": "Invoice 12350"},
]
TOTAL = 150000 + 9950 + 75000 + 8000 + 39600 + 115000


def pay(sandbox, **more) -> dict:
    return sandbox.steer("POST", "/incoming", {"account": ACCOUNT, "payments": PAYMENTS, **more})


def groups(xml: bytes) -> list[tuple[str, str]]:
    return [(g.findtext("{*}Type"), g.findtext("{*}Amount")) for g in etree.fromstring(xml).iter("{*}TransactionGroup")]


def test_listed_payments_are_booked_and_told_as_vip_with_cards_apart(sandbox):
    pay(sandbox)
    sandbox.clock(run=True)
    payments, cards = sandbox.files("vip")
    assert groups(payments) == [
        ("KID", "1599.50"),
        ("INVOICE", "750.00"),
        ("UNSTRUCTURED", "80.00"),
        ("UNSTRUCTURED", "1150.00"),
    ]
    assert groups(cards) == [("CARD", "396.00")]
    assert sum(m["amount"] for m in sandbox.movements()) == TOTAL


def test_an_agreement_can_split_its_files_by_kind(a_sandbox):
    sandbox = a_sandbox()
    sandbox.link(options={"split": True, "batchCredits": False})
    pay(sandbox)
    sandbox.clock(run=True)
    assert [{kind for kind, _ in groups(file)} for file in sandbox.files("vip")] == [
        {"KID"},
        {"INVOICE"},
        {"UNSTRUCTURED"},
        {"CARD"},
    ]


def test_the_same_payments_as_camt_add_up_to_the_same_sum(sandbox):
    pay(sandbox, format="camt.054")
    sandbox.clock(run=True)
    root = etree.fromstring(sandbox.files("camt.054")[0])
    amounts = [round(float(e.findtext("{*}Amt")) * 100) for e in root.iter("{*}Ntry")]
    assert sum(amounts) == TOTAL == sum(m["amount"] for m in sandbox.movements())
    assert [e.text for e in root.iter("{*}Ref")][:2] == ["00001234500000100011", "RF18539007547034"]
    assert [e["messageType"] for e in sandbox.messages()] == ["IncomingPayments"]


def test_payments_come_on_the_day_asked_for_and_the_statement_follows(sandbox):
    assert pay(sandbox, date="2026-03-05")["due"] == "2026-03-05T06:00:00"
    sandbox.clock(to="2026-03-06T06:00")
    assert {m["bookingDate"] for m in sandbox.movements()} == {"2026-03-05"}
    closing = [b.findtext("{*}Amt") for b in etree.fromstring(sandbox.files("camt.053")[0]).iter("{*}Bal")]
    assert closing == ["100000.00", f"{100000 + TOTAL / 100:.2f}"]


def test_a_double_payment_is_two_payments(sandbox):
    sandbox.steer("POST", "/incoming", {"account": ACCOUNT, "payments": [{"amount": "10.00", "text": "x", "times": 2}]})
    sandbox.clock(run=True)
    assert [m["amount"] for m in sandbox.movements()] == [1000, 1000]


def test_customers_behave_the_same_for_the_same_seed(a_sandbox):
    invoices = [
        {"number": str(n), "amount": "100.00", "reference": f"{n}9", "debtor": {"name": f"Kunde {n % 40}"}}
        for n in range(10000, 10400)
    ]
    seen = []
    for seed in ("7", "7", "8"):
        sandbox = a_sandbox(seed=seed)
        sandbox.link()
        made = sandbox.steer("POST", "/incoming/generate", {"account": ACCOUNT, "invoices": invoices})["made"]
        seen.append([(one["kind"], one["payment"]) for one in made])
    assert seen[0] == seen[1] != seen[2]
    kinds = [kind for kind, _ in seen[0]]
    assert {
        "good",
        "wrong-reference",
        "invoice-in-text",
        "no-reference",
        "several",
        "over",
        "under",
        "double",
        "fee",
    } == set(kinds)
    assert kinds.count("good") > 200


@pytest.mark.parametrize(
    "payment",
    [
        {},
        {"amount": "x"},
        {"amount": "-1"},
        {"amount": "1.005"},
        {"amount": "1", "kid": "1"},
        {"amount": "1", "currency": "EUR"},
    ],
)
def test_a_payment_that_cannot_be_is_refused_with_its_place(sandbox, payment):
    import requests

    body = {"account": ACCOUNT, "payments": [{"amount": "1"}, payment]}
    answer = requests.post(f"{sandbox.address}/sandbox/incoming", json=body, timeout=10)
    assert answer.status_code == 400
    assert "Payment 2" in answer.json()["detail"]


def test_mandates_reach_the_company(sandbox):
    customer = {"reference": "00001234500000100011", "customer": "10001", "status": "ACTIVE"}
    sandbox.steer("POST", "/mandates", {"company": "NO-918234567", "customers": [customer]})
    assert [m["messageType"] for m in sandbox.messages()] == ["DirectDebitMandates"]
