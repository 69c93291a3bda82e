"""Watch and steer the sandbox: /sandbox/… as JSON (docs/sandbox.md). The pages use the same functions."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from integration.sandbox import agreements, central, companies, customers, incoming, ledger
from integration.sandbox.box import Box
from integration.sandbox.clock import wall_stamp
from integration.sandbox.rules import as_json
from integration.sandbox.store import packed
from integration.sandbox.wire import Answer, Problem, Request, Routes, json_answer

BASE = "/sandbox"


def routes(box: Box, table: Routes) -> None:
    """Register the JSON calls."""
    for method, path, function in (
        ("GET", "/state", state),
        ("GET", "/clock", clock),
        ("POST", "/clock", set_clock),
        ("GET", "/rules", rules),
        ("PUT", "/rules", replace_rules),
        ("POST", "/rules", add_rule),
        ("DELETE", "/rules/{rule}", remove_rule),
        ("GET", "/agreements", list_agreements),
        ("POST", "/agreements", load_agreements),
        ("GET", "/rates", rates),
        ("POST", "/rates", set_rates),
        ("POST", "/incoming", pay),
        ("POST", "/incoming/generate", generate),
        ("POST", "/mandates", mandates),
        ("GET", "/ledger", whole_ledger),
        ("GET", "/uploads", uploads),
        ("POST", "/uploads/{upload}/approve", approve),
        ("POST", "/uploads/{upload}/cancel", cancel),
        ("POST", "/gateway/reinstall", reinstall),
        ("POST", "/gateway/central", set_central),
        ("POST", "/companies/{keyid}/unlink", unlink),
        ("GET", "/mails.json", list_mails),
        ("POST", "/mails", take_mail),
    ):
        table.add(method, BASE + path, function.__name__, partial(function, box))


def facts(box: Box) -> dict[str, Any]:
    """Where everything stands, in a few numbers."""
    store = box.store
    return {
        "time": box.clock.stamp(),
        "standsStill": box.clock.is_set(),
        "seed": box.seed,
        "next": store.value("SELECT min(due) FROM event WHERE state = 'due'"),
        "eventsDue": store.value("SELECT count(*) FROM event WHERE state = 'due'"),
        "eventsFailed": store.value("SELECT count(*) FROM event WHERE state = 'failed'"),
        "messages": store.value("SELECT count(*) FROM message"),
        "notDelivered": box.post.waiting(),
        "queueReachable": box.post.reachable(),
        "companies": store.value("SELECT count(*) FROM company"),
        "agreements": store.value("SELECT count(*) FROM agreement"),
        "uploads": {row[0]: row[1] for row in store.rows("SELECT state, count(*) FROM upload GROUP BY state")},
        "payments": {row[0]: row[1] for row in store.rows("SELECT outcome, count(*) FROM item GROUP BY outcome")},
    }


def state(box: Box, request: Request) -> Answer:
    """Where everything stands."""
    return json_answer(facts(box))


def clock(box: Box, request: Request) -> Answer:
    """The business clock and when something happens next."""
    return json_answer(
        {"time": box.clock.now().isoformat(), "standsStill": box.clock.is_set(), "next": box.schedule.next_due()}
    )


def set_clock(box: Box, request: Request) -> Answer:
    """`{"to": time}`, `{"advance": {"days": 1}}`, `{"until": "next"}`, `{"run": true}` or `{"follow": "wall"}`.

    Everything due on the way happens in order, and what it sends is in the queue (when that can be reached)
    before the answer.
    """
    return json_answer(move_clock(box, request.object()))


def move_clock(box: Box, asked: dict[str, Any]) -> dict[str, Any]:
    """Move the business clock; answers the new time and how many events ran."""
    now = box.clock.now()
    if asked.get("follow") == "wall":
        box.clock.set(None)
        target = None
    elif "to" in asked:
        target = incoming.moment_of(str(asked["to"]))
    elif "advance" in asked:
        try:
            target = now + timedelta(**{str(k): float(v) for k, v in dict(asked["advance"]).items()})
        except (TypeError, ValueError) as error:
            raise Problem(400, "malformed-request", 'advance is an object like {"days": 1} or {"hours": 2}.') from error
    elif asked.get("until") == "next":
        target = max(now, incoming.moment_of(box.schedule.next_due() or now.isoformat()))
    elif asked.get("run"):
        target = None
    else:
        raise Problem(400, "malformed-request", "Say to, advance, until, run or follow.")
    if target is not None and target < now:
        if not asked.get("back"):
            raise Problem(
                409, "backwards", f"It is {now.isoformat()} already; going back needs back: true and a fresh mind."
            )
        box.clock.set(target)
    ran = box.schedule.run_due(target)
    while box.post.flush():
        pass
    return {
        "time": box.clock.now().isoformat(),
        "events": ran,
        "next": box.schedule.next_due(),
        "notDelivered": box.post.waiting(),
    }


def rules(box: Box, request: Request) -> Answer:
    """The rules in the order in which they are tried."""
    return json_answer({"rules": [as_json(rule) for rule in box.rules.all()]})


def replace_rules(box: Box, request: Request) -> Answer:
    """These rules and no others: a list, or an object with `rules`."""
    given = request.json()
    box.rules.replace(given if isinstance(given, list) else given.get("rules") or [])
    return rules(box, request)


def add_rule(box: Box, request: Request) -> Answer:
    """One more rule; with `first` it is tried before all others."""
    given = request.object()
    box.rules.add(given, first=bool(given.get("first")))
    return rules(box, request)


def remove_rule(box: Box, request: Request, rule: str) -> Answer:
    """Take a rule away."""
    box.rules.remove(_number(rule))
    return rules(box, request)


def list_agreements(box: Box, request: Request) -> Answer:
    """All agreements."""
    return json_answer(
        {"agreements": [agreements.shown(row) for row in box.store.rows("SELECT * FROM agreement ORDER BY account")]}
    )


def load_agreements(box: Box, request: Request) -> Answer:
    """Create or change agreements: a list, or an object with `agreements`."""
    given = request.json()
    count = agreements.load(box, given if isinstance(given, list) else given.get("agreements") or [])
    return json_answer({"loaded": count})


def rates(box: Box, request: Request) -> Answer:
    """NOK for one unit of each currency."""
    return json_answer(box.rates())


def set_rates(box: Box, request: Request) -> Answer:
    """Change rates, as texts: `{"EUR": "11.52"}`."""
    box.store.put("rates", packed({**box.rates(), **{str(k): str(v) for k, v in request.object().items()}}))
    return json_answer(box.rates())


def pay(box: Box, request: Request) -> Answer:
    """Customer payments as listed."""
    return json_answer(incoming.pay(box, request.object()), 202)


def generate(box: Box, request: Request) -> Answer:
    """Customer payments drawn from open invoices."""
    return json_answer(customers.generate(box, request.object()), 202)


def mandates(box: Box, request: Request) -> Answer:
    """Direct-debit mandates."""
    return json_answer(incoming.mandates(box, request.object()), 202)


def whole_ledger(box: Box, request: Request) -> Answer:
    """The ledger of truth."""
    return Answer(200, ledger.whole(box, request.asked("msgId"), request.asked("account")))


def uploads(box: Box, request: Request) -> Answer:
    """All uploads, newest first."""
    rows = box.store.rows(
        "SELECT id, keyid, msgid, batch, state, account, transactions, received_at FROM upload"
        " ORDER BY id DESC LIMIT 1000"
    )
    return json_answer({"uploads": [dict(row) for row in rows]})


def approve(box: Box, request: Request, upload: str) -> Answer:
    """A person at central lets a waiting batch go."""
    if not central.approve(box, _number(upload)):
        raise Problem(409, "not-waiting", "This batch does not wait for approval.")
    box.schedule.nudge()
    return json_answer({"approved": True})


def cancel(box: Box, request: Request, upload: str) -> Answer:
    """A person at central cancels a batch."""
    if not central.cancel(box, _number(upload), "a person at AutoPay central", ""):
        raise Problem(409, "already-sent", "This batch cannot be cancelled any more.")
    return json_answer({"cancelled": True})


def reinstall(box: Box, request: Request) -> Answer:
    """Install the gateway anew: another fingerprint."""
    companies.reinstall_gateway(box)
    return json_answer({"fingerprint": companies.opg_fingerprint(box)})


def set_central(box: Box, request: Request) -> Answer:
    """`{"state": "connected"}` or `unreachable`, as the status call will say."""
    wanted = request.object().get("state")
    if wanted not in ("connected", "unreachable"):
        raise Problem(400, "malformed-request", "state is connected or unreachable.")
    box.store.put("central", wanted)
    return json_answer({"central": wanted})


def unlink(box: Box, request: Request, keyid: str) -> Answer:
    """As if a person removed the company's link in Visma.net."""
    with box.store.writing() as db:
        db.execute("UPDATE company SET linked = 0 WHERE keyid = ?", (keyid,))
    return json_answer({"unlinked": keyid})


def list_mails(box: Box, request: Request) -> Answer:
    """Mails of the demo, newest first."""
    return json_answer(
        {"mails": [dict(row) for row in box.store.rows("SELECT * FROM mail ORDER BY id DESC LIMIT 500")]}
    )


def take_mail(box: Box, request: Request) -> Answer:
    """A mail to show: `to` (text or list), `subject`, `body`."""
    given = request.object()
    receiver = given.get("to", "")
    text = ", ".join(map(str, receiver)) if isinstance(receiver, list) else str(receiver)
    with box.store.writing() as db:
        db.execute(
            "INSERT INTO mail(received_at, receiver, subject, body) VALUES (?, ?, ?, ?)",
            (wall_stamp(), text, str(given.get("subject", "")), str(given.get("body", ""))),
        )
    return json_answer({"taken": True}, 201)


def _number(text: str) -> int:
    if not text.lstrip("-").isdigit():
        raise Problem(404, "unknown-path", f"{text} is no number.")
    return int(text)
