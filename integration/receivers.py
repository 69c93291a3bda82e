"""Answers to signals of payments: the row is committed, now tell a worker."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from autopay_console.kernel.nudging import nudge
from payments.events import payee_check_decided, status_asked, transfer_released


@receiver(transfer_released, dispatch_uid="send-released-transfers")
def send_released(transfer_ids: Iterable[int], **said: Any) -> None:
    """Files may leave. A file that is held for a while yet is found by the sweep when its time has come."""
    nudge("integration.tasks.send_transfers", transfer_ids)


@receiver(status_asked, dispatch_uid="ask-about-silent-transfers")
def ask_about_files(transfer_ids: Iterable[int], by_id: int, **said: Any) -> None:
    """Somebody wants to know now what became of files without an answer."""
    nudge("integration.tasks.ask_about", transfer_ids, by_id)


@receiver(payee_check_decided, dispatch_uid="tell-payee-decisions")
def tell_payee_decisions(decision_ids: Iterable[int], **said: Any) -> None:
    """Two people decided about payees whose names differ: the bank side is told."""
    nudge("integration.tasks.tell_payee_decisions", decision_ids)
