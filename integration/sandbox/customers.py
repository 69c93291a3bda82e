"""Customers as they are: most pay right, some do not. Payments drawn from open invoices, the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from integration.sandbox.box import Box
from integration.sandbox.incoming import pay
from integration.sandbox.rules import lot
from integration.sandbox.wire import Problem

# kind of payment -> weight; the caller may give another mix
MIX: dict[str, int] = {
    "good": 70,
    "wrong-reference": 4,
    "invoice-in-text": 8,
    "no-reference": 3,
    "several": 5,
    "over": 2,
    "under": 3,
    "double": 2,
    "fee": 3,
}


def generate(box: Box, request: Mapping[str, Any]) -> dict[str, Any]:
    """Pay `invoices` (number, amount, reference, debtor) into `account` by the mix; answers what each customer did."""
    invoices, mix = request.get("invoices"), request.get("mix") or MIX
    if not isinstance(invoices, list) or not all(
        isinstance(one, dict) and {"number", "amount"} <= set(one) for one in invoices
    ):
        raise Problem(400, "malformed-request", "invoices must be a list of objects with number and amount.")
    if not isinstance(mix, dict) or set(mix) - set(MIX) or not any(mix.values()):
        raise Problem(400, "malformed-request", f"mix gives weights to {', '.join(MIX)}.")
    made: list[dict[str, Any]] = []
    used: set[int] = set()
    for place, invoice in enumerate(invoices):
        if place in used:
            continue
        kind = _draw(mix, box.seed, str(invoice["number"]))
        chosen = [place]
        if kind == "several":
            chosen += _others(invoices, place, used)
        used.update(chosen)
        paid = [invoices[number] for number in chosen]
        made.append({"kind": kind, "invoices": [str(one["number"]) for one in paid], "payment": _payment(kind, paid)})
    if not made:
        raise Problem(400, "malformed-request", "There is no invoice to pay.")
    planned = pay(
        box,
        {
            **{k: v for k, v in request.items() if k in ("account", "date", "format")},
            "payments": [m["payment"] for m in made],
        },
    )
    return {**planned, "made": made}


def _draw(mix: Mapping[str, int], seed: str, number: str) -> str:
    point = lot(seed, "customer", number) * sum(mix.values())
    for kind, weight in mix.items():
        point -= weight
        if point < 0:
            return kind
    return "good"


def _others(invoices: Sequence[Mapping[str, Any]], place: int, used: set[int]) -> list[int]:
    debtor = invoices[place].get("debtor")
    return [
        n for n in range(place + 1, len(invoices)) if n not in used and debtor and invoices[n].get("debtor") == debtor
    ][:2]


def _payment(kind: str, invoices: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = invoices[0]
    amount = sum((Decimal(str(one["amount"])) for one in invoices), Decimal(0))
    paid: dict[str, Any] = {"amount": str(amount), "debtor": first.get("debtor") or {}}
    reference, number = first.get("reference"), str(first["number"])
    by_reference = {"reference": reference} if reference else {"invoices": [number]}
    if kind == "several" or kind == "invoice-in-text":
        numbers = ", ".join(str(one["number"]) for one in invoices)
        return {**paid, "text": [f"Faktura {numbers}"]}
    if kind == "no-reference":
        return {**paid, "text": ["Takk for handelen"]}
    if kind == "wrong-reference" and reference:
        return {**paid, "reference": spoiled(str(reference))}
    if kind == "over":
        return {**paid, **by_reference, "amount": str(amount + 100)}
    if kind == "under":
        return {**paid, **by_reference, "amount": str((amount * Decimal("0.9")).quantize(Decimal("0.01")))}
    if kind == "double":
        return {**paid, **by_reference, "times": 2}
    if kind == "fee":
        return {**paid, **by_reference, "fee": "5.00"}
    return {**paid, **by_reference}


def spoiled(reference: str) -> str:
    """The reference with its last digit one too high, so that no check digit system fits as before."""
    last = reference[-1]
    return reference[:-1] + (str((int(last) + 1) % 10) if last.isdigit() else "0")
