"""Bank agreements: the accounts the sandbox's banks hold for the companies."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from integration.sandbox import money
from integration.sandbox.box import Box
from integration.sandbox.habits import ANSWERS, BOOKINGS, FEES, Habit, habit_of
from integration.sandbox.store import packed, unpacked
from integration.sandbox.wire import Problem

CHOICES: dict[str, tuple[str, ...]] = {
    "booking": BOOKINGS,
    "fee": FEES,
    "answers": ANSWERS,
    "camt": ("02", "08"),
    "pain002": ("03", "10"),
    "incoming": ("vip", "camt.054"),
    "statement": ("details", "lumps", "none"),
}
FURTHER = ("aliases", "notify", "split", "batchCredits", "finalReport", "narrative")
REQUIRED = ("company", "account", "currency", "bic")


def load(box: Box, agreements: Sequence[Mapping[str, Any]]) -> int:
    """Create or change agreements, keyed by account; the opening balance of a known account is left alone."""
    with box.store.writing() as db:
        for facts in agreements:
            values = _checked(facts)
            db.execute(
                "INSERT INTO agreement VALUES (:account, :keyid, :bban, :iban, :currency, :bic, :owner, :country,"
                " :opening, :active, :options) ON CONFLICT(account) DO UPDATE SET"
                " keyid = :keyid, bban = :bban, iban = :iban,"
                " currency = :currency, bic = :bic, owner = :owner, country = :country,"
                " active = :active, options = :options",
                values,
            )
    return len(agreements)


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(facts, Mapping):
        raise Problem(400, "malformed-request", "An agreement is an object.")
    if missing := [name for name in REQUIRED if not facts.get(name)]:
        raise Problem(400, "malformed-request", f"An agreement needs {', '.join(missing)}.")
    account, currency = str(facts["account"]).replace(" ", ""), str(facts["currency"])
    options = dict(facts.get("options") or {})
    for name, value in options.items():
        if name not in CHOICES and name not in FURTHER:
            raise Problem(400, "malformed-request", f"Agreement {account}: there is no option {name}.")
        if name in CHOICES and value not in CHOICES[name]:
            raise Problem(
                400, "malformed-request", f"Agreement {account}: {name} is one of {', '.join(CHOICES[name])}."
            )
    iban = str(facts.get("iban") or (account if account[:2].isalpha() else "")).replace(" ", "")
    bban = str(facts.get("bban") or ("" if account[:2].isalpha() else account))
    try:
        opening = money.minor(str(facts.get("opening", "0")), currency)
    except ValueError as error:
        raise Problem(400, "malformed-request", f"Agreement {account}: opening: {error}") from error
    return {
        "account": account,
        "keyid": str(facts["company"]),
        "bban": bban or (iban[4:] if iban.startswith("NO") else ""),
        "iban": iban,
        "currency": currency,
        "bic": str(facts["bic"]).upper(),
        "owner": str(facts.get("owner") or ""),
        "country": str(facts.get("country") or str(facts["bic"])[4:6]).upper(),
        "opening": opening,
        "active": int(facts.get("active", True) is not False),
        "options": packed(options),
    }


def agreement(box: Box, account: str) -> sqlite3.Row:
    """The agreement of an account in any of its forms; Problem 404 when there is none."""
    row = box.store.row(
        "SELECT * FROM agreement WHERE account = ? OR bban = ? OR iban = ?", account, account, account.replace(" ", "")
    )
    if row is None:
        raise Problem(404, "unknown-account", f"There is no agreement for the account {account}.")
    return row


def options_of(row: sqlite3.Row) -> dict[str, Any]:
    """What was agreed beyond the bank's habit."""
    found: dict[str, Any] = unpacked(row["options"]) or {}
    return found


def habit(row: sqlite3.Row) -> Habit:
    """The bank's habit for this agreement."""
    return habit_of(row["bic"], options_of(row))


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """An agreement as /sandbox/agreements shows it."""
    return {
        "company": row["keyid"],
        "account": row["account"],
        "bban": row["bban"],
        "iban": row["iban"],
        "currency": row["currency"],
        "bic": row["bic"],
        "bank": habit(row).name,
        "owner": row["owner"],
        "country": row["country"],
        "opening": money.text(row["opening"], row["currency"]),
        "active": bool(row["active"]),
        "options": options_of(row),
    }
