"""The rows of approvals: who signed which digest, each chained to the one before, so that a changed row shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from companies.models import Person
from payments.choices import Decision
from payments.models import AcceptedFinding, Approval, Payment
from payments.preparing.mandates import Mandate
from payments.validation import Finding


@dataclass(frozen=True, slots=True)
class Signature:
    """What is signed, and how surely it was the person."""

    digest: str
    second_factor: bool
    decision: Decision = Decision.APPROVED


def keep(payment: Payment, mandate: Mandate, signature: Signature) -> None:
    """The approval's row, chained to the one before it by digest, so that a row taken out or changed shows."""
    before = Approval.objects.filter(payment=payment).order_by("-pk").values_list("seal", flat=True).first() or ""
    row = Approval(
        payment=payment,
        round=payment.round,
        person=mandate.person,
        on_behalf_of=mandate.for_whom,
        digest=signature.digest,
        decision=signature.decision,
        second_factor=signature.second_factor,
        at=timezone.now(),
    )
    row.seal = seal_of(row, before)
    row.save(force_insert=True)


def remember(payment: Payment, warnings: Sequence[Finding], by: Person) -> None:
    """Warnings the approver took on by name."""
    now = timezone.now()
    AcceptedFinding.objects.bulk_create(
        AcceptedFinding(payment=payment, code=one.code, severity=one.severity, text=one.text, person=by, at=now)
        for one in warnings
    )


def seal_of(row: Approval, before: str) -> str:
    """SHA-256 over the seal before and everything the row says."""
    at = row.at.astimezone(tz=timezone.get_fixed_timezone(0)).isoformat(timespec="milliseconds")
    said = (before, row.payment_id, row.round, row.person_id, row.on_behalf_of_id or "", row.digest, row.decision)
    return hashlib.sha256("\n".join(map(str, (*said, int(row.second_factor), at))).encode()).hexdigest()


def broken_seals(payment: Payment) -> list[int]:
    """Approvals whose row is not what was sealed; empty when nobody touched them."""
    return [row.pk for row in broken(Approval.objects.filter(payment=payment).order_by("pk"))]


def broken(rows: Iterable[Approval]) -> Iterator[Approval]:
    """Those of the approvals that are not what was sealed; `rows` come payment by payment, the oldest first."""
    payment_id, before = 0, ""
    for row in rows:
        if row.payment_id != payment_id:
            payment_id, before = row.payment_id, ""
        if row.seal != seal_of(row, before):
            yield row
        before = row.seal
