"""Tasks of the outside world: each is one call, and every one of them may be started twice."""

from __future__ import annotations

from celery import shared_task

from integration import alerts, asking, downloading, exporting, health, housekeeping, sending
from integration.queue import dispatch
from integration.sweep import sweep as sweep_all


@shared_task
def send_transfers(ids: list[int]) -> None:
    """Send files that were released, or ask about those whose answer is unknown."""
    sending.send_transfers(ids)


@shared_task
def handle_messages(ids: list[str]) -> None:
    """Work on queue messages."""
    dispatch.work(ids)


@shared_task
def sweep() -> None:
    """Nudge what is due."""
    health.note_schedule()
    sweep_all()


@shared_task
def download_all() -> None:
    """Fetch the message lists of all companies."""
    downloading.download_all()


@shared_task
def sample_health() -> None:
    """Measure every part and tell people about trouble."""
    alerts.tell(health.sample())


@shared_task
def keep_house() -> None:
    """Collect files from folders and servers, carry on with exports, forget old keys and nonces."""
    housekeeping.keep_house()


@shared_task
def export_companies(ids: list[int]) -> None:
    """Create or update companies in Visma.net that somebody asked for."""
    exporting.work(ids)


@shared_task
def ask_about(ids: list[int], by_id: int) -> None:
    """Ask the bank side about files without an answer, for the person who pressed the button."""
    asking.ask_about(ids, by_id)


@shared_task
def tell_payee_decisions(ids: list[int]) -> None:
    """Tell the bank side what two people decided about payees whose names differ."""
    asking.tell_payee_decisions(ids)
