"""Customer payments into the companies' accounts: as listed by the caller, or drawn from open invoices by the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from integration.sandbox import money, vip
from integration.sandbox.agreements import agreement, habit, options_of
from integration.sandbox.booking import Books
from integration.sandbox.box import Box
from integration.sandbox.clock import at_time
from integration.sandbox.notices import notify
from integration.sandbox.wire import Problem

KINDS = ("KID", "INVOICE", "UNSTRUCTURED", "CARD")
KNOWN = {
    "amount", "reference", "invoices", "creditNotes", "text", "debtor", "fee", "type", "currency", "rate",
    "endToEndId", "times",
}  # fmt: skip


def pay(box: Box, request: Mapping[str, Any]) -> dict[str, Any]:
    """Plan customer payments into `account` on `date` (now when left out); answers how many and when."""
    row = agreement(box, str(request.get("account", "")))
    given = request.get("payments")
    if not isinstance(given, list) or not given:
        raise Problem(400, "malformed-request", "payments must be a list with at least one payment.")
    checked = [_checked(facts, row["currency"], place) for place, facts in enumerate(given, 1)]
    payments = [facts for facts, times in checked for _ in range(times)]
    moment = box.clock.now()
    if request.get("date"):
        try:
            moment = max(moment, at_time(date.fromisoformat(str(request["date"])), 6))
        except ValueError as error:
            raise Problem(400, "malformed-request", f"date: {error}.") from error
    kind = str(request.get("format") or habit(row).incoming)
    if kind not in ("vip", "camt.054"):
        raise Problem(400, "malformed-request", "format is vip or camt.054.")
    facts = {"account": row["account"], "format": kind, "payments": payments}
    box.schedule.add(moment, "credits", facts)
    box.schedule.nudge()
    return {"payments": len(payments), "due": moment.isoformat()}


def _checked(facts: Any, currency: str, place: int) -> tuple[dict[str, Any], int]:
    if not isinstance(facts, dict) or "amount" not in facts or set(facts) - KNOWN:
        raise Problem(
            400, "malformed-request", f"Payment {place}: amount is needed; known are {', '.join(sorted(KNOWN))}."
        )
    try:
        paid = {"type": facts.get("type") or _kind(facts), **_amounts(facts, currency)}
    except (ValueError, KeyError, TypeError) as error:
        raise Problem(400, "malformed-request", f"Payment {place}: {error}") from error
    if paid["type"] not in KINDS or paid["amount"] <= 0:
        raise Problem(400, "malformed-request", f"Payment {place}: type is one of {', '.join(KINDS)}, amount above 0.")
    text = facts.get("text") or []
    debtor = facts.get("debtor") or {}
    remittance = {
        "text": [text] if isinstance(text, str) else list(text),
        "documents": _documents(facts, currency),
        "reference": [str(facts["reference"])] if facts.get("reference") else [],
    }
    paid |= {
        "remittance": remittance,
        "name": debtor.get("name", ""),
        "account": str(debtor.get("account", "")).replace(" ", ""),
    }
    paid["e2e"] = str(facts.get("endToEndId", ""))
    return paid, int(facts.get("times", 1))


def _kind(facts: Mapping[str, Any]) -> str:
    if facts.get("reference"):
        return "KID"
    return "INVOICE" if facts.get("invoices") else "UNSTRUCTURED"


def _amounts(facts: Mapping[str, Any], currency: str) -> dict[str, Any]:
    foreign = str(facts.get("currency") or currency)
    fee = {"fee": money.minor(str(facts["fee"]), currency)} if facts.get("fee") else {}
    amount = money.minor(str(facts["amount"]), foreign)
    if foreign == currency:
        return {"amount": amount, **fee}
    if "rate" not in facts:
        raise ValueError(f"A payment in {foreign} needs a rate (units of {currency} for one {foreign}).")
    rate = Decimal(str(facts["rate"]))
    booked = money.exchange(amount, foreign, currency, rate)
    return {"amount": booked, "instructed": amount, "currency": foreign, "rate": str(rate), **fee}


def _documents(facts: Mapping[str, Any], currency: str) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = []
    for name, credit_note in (("invoices", False), ("creditNotes", True)):
        for given in facts.get(name) or []:
            named = given if isinstance(given, dict) else {"number": given}
            document: dict[str, Any] = {"number": str(named["number"])}
            if credit_note:
                document["creditNote"] = True
            if "amount" in named:
                document["amount"] = money.minor(str(named["amount"]), currency)
            documents.append(document)
    return documents


def credits(box: Box, facts: dict[str, Any]) -> None:
    """Event: customer payments arrive; book them and send the file."""
    account = agreement(box, facts["account"])
    books = Books(box, account, box.clock.today())
    books.value_day = books.day
    options = options_of(account)
    for kind in KINDS:
        _book(
            books,
            kind,
            [paid for paid in facts["payments"] if paid["type"] == kind],
            lump=options.get("batchCredits", True),
        )
    if not (booked := books.close()):
        return
    if facts["format"] == "camt.054":
        notify(box, account, account["keyid"], "IncomingPayments", *booked)
        return
    parts = [(kind,) for kind in KINDS] if options.get("split") else [("KID", "INVOICE", "UNSTRUCTURED"), ("CARD",)]
    for kinds in parts:
        vip.send(box, account, *booked, kinds)


def _book(books: Books, kind: str, payments: Sequence[dict[str, Any]], *, lump: bool) -> None:
    """References and cards come as one sum (as banks do with OCR giro), the rest one by one."""
    if lump and kind in ("KID", "CARD") and len(payments) > 1:
        number = books.reserve()
        for paid in payments:
            books.detail(number, paid["amount"], {**paid, "bankReference": books.reference("R")})
        total = sum(paid["amount"] - paid.get("fee", 0) for paid in payments)
        books.movement(total, kind, {"batch": {"count": len(payments)}}, books.reference(), number)
        return
    for paid in payments:
        facts = {"fee": paid["fee"]} if paid.get("fee") else {}
        number = books.movement(paid["amount"] - paid.get("fee", 0), kind, facts, books.reference())
        books.detail(number, paid["amount"], {**paid, "bankReference": books.reference("R")})


def mandates(box: Box, request: Mapping[str, Any]) -> dict[str, Any]:
    """Send what customers agreed to direct debit: `company` and a list of `customers` with reference and status."""
    keyid, customers = str(request.get("company", "")), request.get("customers")
    if not box.store.value("SELECT 1 FROM company WHERE keyid = ?", keyid) or not isinstance(customers, list):
        raise Problem(400, "malformed-request", "Name a linked company and a list of customers.")
    return {"file": vip.send_mandates(box, keyid, customers)}


def moment_of(text: str) -> datetime:
    """A business time as given by a caller, Problem 400 when it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise Problem(400, "malformed-request", f"{text!r} is not a time like 2026-03-02T10:00.") from error
