"""The page on which a person watches and steers: clock, rules, payments, uploads, mails. Plain HTML, no script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from integration.sandbox import admin, central, incoming
from integration.sandbox.box import Box
from integration.sandbox.customers import generate
from integration.sandbox.rules import ACTIONS, Rule
from integration.sandbox.wire import Answer, Problem, Request, Routes

STYLE = Path(__file__).with_name("style.css")
FAULTS = sorted(ACTIONS["call"][1])


STEPS = (("Next event", "next"), ("One hour", "hour"), ("One day", "day"))
EXAMPLE = """{"stage": "item", "name": "closed account", "when": {"name": "*fjord*"},
 "then": {"outcome": "reject", "code": "AC04"}, "times": 1}"""
LINKS = """<p><a href="/sandbox/mails">Mails</a> · <a href="/sandbox/ledger">Ledger</a> ·
<a href="/sandbox/state">State as JSON</a></p>"""


def routes(box: Box, table: Routes) -> None:
    """Register the pages and the forms on them."""
    for method, path, function in (
        ("GET", "/", overview),
        ("GET", "/style.css", style),
        ("GET", "/mails", mails),
        ("POST", "/do/clock", do_clock),
        ("POST", "/do/rule", do_rule),
        ("POST", "/do/remove-rule", do_remove_rule),
        ("POST", "/do/fault", do_fault),
        ("POST", "/do/incoming", do_incoming),
        ("POST", "/do/thousand", do_thousand),
        ("POST", "/do/upload", do_upload),
    ):
        table.add(method, admin.BASE + path, function.__name__, partial(function, box))


def style(box: Box, request: Request) -> Answer:
    """The sheet of the pages."""
    return Answer(200, STYLE.read_bytes(), "text/css")


def overview(box: Box, request: Request) -> Answer:
    """Everything on one page."""
    facts = admin.facts(box)
    rows = [(name, json.dumps(value) if isinstance(value, dict) else value) for name, value in facts.items()]
    uploads = box.store.rows("SELECT * FROM upload ORDER BY id DESC LIMIT 20")
    parts = [
        _said(request),
        "<h2>Business clock</h2>",
        _form("clock", *(_button(label, "step", step) for label, step in STEPS)),
        _form("clock", _input("to", "Time", facts["time"][:16], "datetime-local"), "<button>Go to</button>"),
        "<h2>State</h2>",
        _table(("", ""), rows),
        "<h2>Uploads</h2>",
        _table(("Batch", "MsgId", "Company", "Payments", "State", ""), map(_upload_row, uploads), raw_last=True),
        "<h2>Customer payments</h2>",
        _payment_forms(box),
        "<h2>Rules, the first that fits decides</h2>",
        _table(("Stage", "Name", "When", "Then", "Used", ""), map(_rule_row, box.rules.all()), raw_last=True),
        _form("rule", _area("rule", "One rule as JSON", EXAMPLE), "<button>Add first</button>"),
        "<h2>Trouble on the line</h2>",
        _form("fault", *_fault_fields(), "<button>Make it so</button>"),
        LINKS,
    ]
    return _page("AutoPay sandbox", parts)


def mails(box: Box, request: Request) -> Answer:
    """The mails of the demo."""
    rows = box.store.rows("SELECT * FROM mail ORDER BY id DESC LIMIT 200")
    table = _table(
        ("Received", "To", "Subject", "Text"),
        [(r["received_at"], r["receiver"], r["subject"], r["body"]) for r in rows],
    )
    return _page("Mails", [table, '<p><a href="/sandbox/">Back</a></p>'])


def do_clock(box: Box, request: Request) -> Answer:
    """Form: move the clock."""
    fields = request.form()
    steps: dict[str, dict[str, Any]] = {
        "next": {"until": "next"},
        "hour": {"advance": {"hours": 1}},
        "day": {"advance": {"days": 1}},
    }
    result = admin.move_clock(box, steps.get(fields.get("step", "")) or {"to": fields.get("to", "")})
    return _back(f"{result['events']} events, it is {result['time']}")


def do_rule(box: Box, request: Request) -> Answer:
    """Form: a rule before all others."""
    try:
        rule = json.loads(request.form().get("rule", ""))
    except ValueError as error:
        raise Problem(400, "malformed-request", f"The rule is not JSON: {error}.") from error
    if not isinstance(rule, dict):
        raise Problem(400, "malformed-request", "A rule is a JSON object.")
    box.rules.add(rule, first=True)
    return _back("Rule added")


def do_remove_rule(box: Box, request: Request) -> Answer:
    """Form: a rule less."""
    box.rules.remove(int(request.form().get("rule", "0")))
    return _back("Rule removed")


def do_fault(box: Box, request: Request) -> Answer:
    """Form: let the next calls go wrong."""
    fields = request.form()
    times = int(fields["times"]) if fields.get("times", "").isdigit() else 1
    when = {"operation": fields.get("operation") or "*"}
    box.rules.add(
        {"stage": "call", "when": when, "then": {"fault": fields.get("fault", "")}, "times": max(times, 1)}, first=True
    )
    return _back("The next calls will go wrong")


def do_incoming(box: Box, request: Request) -> Answer:
    """Form: one customer payment."""
    fields = request.form()
    paid: dict[str, Any] = {"amount": fields.get("amount", ""), "debtor": {"name": fields.get("name", "")}}
    paid |= {name: fields[name] for name in ("reference", "text") if fields.get(name)}
    result = incoming.pay(box, {"account": fields.get("account", ""), "payments": [paid]})
    return _back(f"Payment comes at {result['due']}")


def do_thousand(box: Box, request: Request) -> Answer:
    """Form: many customer payments for invoices numbered from a first one."""
    fields = request.form()
    first, count = int(fields.get("first") or 1), min(int(fields.get("count") or 1000), 100_000)
    invoices = [{"number": str(first + n), "amount": f"{100 + n % 900}.00"} for n in range(count)]
    result = generate(box, {"account": fields.get("account", ""), "invoices": invoices})
    return _back(f"{result['payments']} payments come at {result['due']}")


def do_upload(box: Box, request: Request) -> Answer:
    """Form: approve or cancel a waiting batch."""
    fields = request.form()
    number = int(fields.get("upload") or 0)
    person = "a person at AutoPay central"
    done = central.approve(box, number) if fields.get("do") == "approve" else central.cancel(box, number, person, "")
    box.schedule.nudge()
    return _back("Done" if done else "Too late")


def _upload_row(row: Any) -> tuple[object, ...]:
    buttons = ""
    if row["state"] == "waiting":
        hidden = f'<input type="hidden" name="upload" value="{row["id"]}">'
        buttons = _form("upload", hidden, _button("Approve", "do", "approve"), _button("Cancel", "do", "cancel"))
    return row["batch"], row["msgid"], row["keyid"], row["transactions"], row["state"], buttons


def _rule_row(rule: Rule) -> tuple[object, ...]:
    used = f"{rule.used} of {rule.times}" if rule.times else rule.used
    remove = _form("remove-rule", f'<input type="hidden" name="rule" value="{rule.id}"><button>Remove</button>')
    return rule.stage, rule.name, json.dumps(rule.when), json.dumps(rule.then), used, remove


def _payment_forms(box: Box) -> str:
    accounts = [row[0] for row in box.store.rows("SELECT account FROM agreement ORDER BY account")]
    if not accounts:
        return "<p>No agreements yet.</p>"
    select = _select("account", "Account", accounts)
    one = [select, *(_input(name, name.capitalize()) for name in ("amount", "reference", "text", "name"))]
    many = [select, _input("first", "First invoice", "10001", "number"), _input("count", "How many", "1000", "number")]
    return _form("incoming", *one, "<button>Pay</button>") + _form(
        "thousand", *many, "<button>Pay by the thousand</button>"
    )


def _back(said: str) -> Answer:
    return Answer(303, b"", "text/html", {"Location": f"/sandbox/?said={quote(said)}"})


def _said(request: Request) -> str:
    said = request.asked("said")
    return f'<p class="note">{escape(said)}</p>' if said else ""


def _page(title: str, parts: Iterable[str]) -> Answer:
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    head += (
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/sandbox/style.css"></head>'
    )
    body = f"{head}<body><h1>{escape(title)}</h1>{''.join(parts)}</body></html>"
    policy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
    return Answer(200, body.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": policy})


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, raw_last: bool = False) -> str:
    def cells(row: Sequence[object]) -> str:
        shown = [escape(str(cell)) for cell in row]
        if raw_last:
            shown[-1] = str(row[-1])
        return "".join(f"<td>{cell}</td>" for cell in shown)

    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{cells(row)}</tr>' for row in rows)}</table>"


def _form(action: str, *parts: str) -> str:
    return f'<form method="post" action="/sandbox/do/{action}">{"".join(parts)}</form>'


def _input(name: str, label: str, value: str = "", kind: str = "text") -> str:
    return f'<label>{escape(label)}<input name="{name}" type="{kind}" value="{escape(value)}"></label>'


def _fault_fields() -> list[str]:
    times = _input("times", "Calls", "1", "number")
    return [_select("fault", "Fault", FAULTS), times, _input("operation", "Operation", "*")]


def _area(name: str, label: str, value: str) -> str:
    return f'<label>{escape(label)}<textarea name="{name}">{escape(value)}</textarea></label>'


def _select(name: str, label: str, values: Iterable[str]) -> str:
    options = "".join(f"<option>{escape(value)}</option>" for value in values)
    return f'<label>{escape(label)}<select name="{name}">{options}</select></label>'


def _button(label: str, name: str, value: str) -> str:
    return f'<button name="{name}" value="{value}">{escape(label)}</button>'
