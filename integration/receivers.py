"""Answers to signals of payments: the row is committed, now tell a worker."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from autopay_console.kernel.nudging import nudge
from payments.events import transfer_released


@receiver(transfer_released, dispatch_uid="send-released-transfers")
def send_released(transfer_ids: Iterable[int], **said: Any) -> None:
    """Files may leave. A file that is held for a while yet is found by the sweep when its time has come."""
    nudge("integration.tasks.send_transfers", transfer_ids)
