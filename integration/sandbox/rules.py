"""The readable rules by which central, banks, delivery and the line itself behave. docs/sandbox.md is their manual."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import Any

from integration.sandbox.store import Store, packed, unpacked
from integration.sandbox.wire import Problem

TEXT_CONDITIONS = {
    "item": {"account", "name", "currency", "bank", "company", "msgId", "endToEndId", "reference"},
    "file": {"account", "bank", "company", "msgId"},
    "delivery": {"company", "messageType", "fileKind"},
    "call": {"company", "operation"},
}
OTHER_CONDITIONS = {
    "item": {"amountFrom", "amountTo", "share"},
    "file": {"share"},
    "delivery": {"share"},
    "call": {"share"},
}
# stage -> the word that names the outcome, its values, the further keys
ACTIONS: dict[str, tuple[str, set[str], set[str]]] = {
    "item": (
        "outcome",
        {"settle", "reject", "return", "silent", "cancel", "deficient", "leave-out", "pending", "lower", "other-name"},
        {"code", "text", "at", "days", "fee", "feeBooking", "rate", "amount"},
    ),
    "file": ("outcome", {"hold", "refuse", "refuse-at-bank"}, {"code", "text"}),
    "delivery": ("deliver", {"twice", "copy", "late", "out-of-order", "lost"}, {"minutes"}),
    "call": (
        "fault",
        {"down", "slow", "drop-answer", "garbage", "unsigned", "wrong-signature", "error"},
        {"seconds"},
    ),
}
AMOUNTS = ("amountFrom", "amountTo", "share", "fee", "rate", "amount")
WHOLE_NUMBERS = ("days", "minutes")


@dataclass(frozen=True)
class Rule:
    """When all conditions hold, do the action; the first rule that fits decides. `times` None: always."""

    id: int
    stage: str
    name: str
    when: Mapping[str, Any]
    then: Mapping[str, Any]
    times: int | None
    used: int

    def fits(self, facts: Mapping[str, str], amount: Decimal | None, seed: str, key: str) -> bool:
        """Texts compare with * and ?, without regard to case; a share falls by seed, rule and key, not by order."""
        for name, wanted in self.when.items():
            if name == "amountFrom":
                fit = amount is not None and amount >= Decimal(str(wanted))
            elif name == "amountTo":
                fit = amount is not None and amount <= Decimal(str(wanted))
            elif name == "share":
                fit = lot(seed, self.name, key) < float(wanted)
            else:
                fit = fnmatchcase(facts.get(name, "").lower(), str(wanted).lower())
            if not fit:
                return False
        return True


def lot(*parts: str) -> float:
    """A number in [0, 1) that depends on the parts alone: the same seed draws the same outcomes in any order."""
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:6]) / 2**48


class RuleBook:
    """The rules in force, in order, with what is left of those that hold a number of times."""

    def __init__(self, store: Store, seed: str) -> None:
        self._store, self._seed = store, seed

    def all(self, stage: str | None = None) -> list[Rule]:
        """Rules in the order in which they are tried."""
        rows = self._store.rows("SELECT * FROM rule WHERE ? IS NULL OR stage = ? ORDER BY id", stage, stage)
        return [_rule(row) for row in rows]

    def chooser(self, stage: str) -> Chooser:
        """One look at the rules for many decisions; call `commit` afterwards."""
        return Chooser(self.all(stage), self._seed, self._store)

    def choose(self, stage: str, facts: Mapping[str, str], key: str) -> Rule | None:
        """The rule that decides, counted as used."""
        chooser = self.chooser(stage)
        rule = chooser.choose(facts, None, key)
        chooser.commit()
        return rule

    def add(self, facts: Mapping[str, Any], *, first: bool = False) -> None:
        """Append a rule, or put it before all others. Problem 400 names what is wrong in it."""
        stage, name, when, then, times = checked(facts)
        with self._store.writing() as db:
            number = None
            if first:
                number = self._store.value("SELECT coalesce(min(id), 1) - 1 FROM rule")
            db.execute(
                "INSERT INTO rule(id, stage, name, conditions, action, times) VALUES (?, ?, ?, ?, ?, ?)",
                (number, stage, name, packed(when), packed(then), times),
            )

    def replace(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """These rules and no others."""
        with self._store.writing() as db:
            db.execute("DELETE FROM rule")
            for facts in rules:
                self.add(facts)

    def remove(self, rule_id: int) -> None:
        """Take one rule away."""
        with self._store.writing() as db:
            db.execute("DELETE FROM rule WHERE id = ?", (rule_id,))


class Chooser:
    """Decides many cases by one reading of the rules."""

    def __init__(self, rules: list[Rule], seed: str, store: Store) -> None:
        self._rules, self._seed, self._store = rules, seed, store
        self._used: dict[int, int] = {}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def choose(self, facts: Mapping[str, str], amount: Decimal | None, key: str) -> Rule | None:
        """The first rule that fits and is not used up."""
        for rule in self._rules:
            if rule.times is not None and rule.used + self._used.get(rule.id, 0) >= rule.times:
                continue
            if rule.fits(facts, amount, self._seed, key):
                self._used[rule.id] = self._used.get(rule.id, 0) + 1
                return rule
        return None

    def commit(self) -> None:
        """Write down how often each rule was used."""
        if self._used:
            with self._store.writing() as db:
                db.executemany(
                    "UPDATE rule SET used = used + ? WHERE id = ?",
                    [(n, key) for key, n in self._used.items()],
                )
            self._used = {}


def checked(facts: Mapping[str, Any]) -> tuple[str, str, dict[str, Any], dict[str, Any], int | None]:
    """Stage, name, conditions, action and times of a rule as given, or Problem 400."""
    if not isinstance(facts, Mapping):
        raise _wrong("it must be an object")
    stage = str(facts.get("stage", ""))
    if stage not in ACTIONS:
        raise _wrong(f"stage must be one of {', '.join(sorted(ACTIONS))}")
    when, then, times = facts.get("when") or {}, facts.get("then") or {}, facts.get("times")
    if not isinstance(when, dict) or not isinstance(then, dict):
        raise _wrong("when and then must be objects")
    if unknown := set(when) - TEXT_CONDITIONS[stage] - OTHER_CONDITIONS[stage]:
        raise _wrong(f"stage {stage} knows no condition {', '.join(sorted(unknown))}")
    word, values, more = ACTIONS[stage]
    if then.get(word) not in values:
        raise _wrong(f"then.{word} must be one of {', '.join(sorted(values))}")
    if unknown := set(then) - more - {word}:
        raise _wrong(f"stage {stage} knows no {', '.join(sorted(unknown))} in then")
    for name, value in [*when.items(), *then.items()]:
        if not _fits_kind(name, value):
            raise _wrong(f"{name} is {value!r}, which is not a number of the right kind")
    if times is not None and (not isinstance(times, int) or times < 1):
        raise _wrong("times must be a whole number from 1, or left out")
    name = str(facts.get("name") or then[word])
    return stage, name, when, then, times


def _fits_kind(name: str, value: object) -> bool:
    if name in WHOLE_NUMBERS:
        return isinstance(value, int) and value >= 0
    if name in AMOUNTS:
        try:
            return Decimal(str(value)) >= 0
        except InvalidOperation:
            return False
    return isinstance(value, int | float) if name == "seconds" else isinstance(value, str)


def _wrong(sentence: str) -> Problem:
    return Problem(400, "malformed-request", f"In the rule: {sentence}.")


def _rule(row: sqlite3.Row) -> Rule:
    when, then = unpacked(row["conditions"]), unpacked(row["action"])
    return Rule(row["id"], row["stage"], row["name"], when, then, row["times"], row["used"])


def as_json(rule: Rule) -> dict[str, Any]:
    """A rule as /sandbox/rules shows it."""
    shown: dict[str, Any] = {
        "id": rule.id,
        "stage": rule.stage,
        "name": rule.name,
        "when": rule.when,
        "then": rule.then,
    }
    return {**shown, "times": rule.times, "used": rule.used}
