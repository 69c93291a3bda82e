"""Tasks of the outside world: each is one call, and every one of them may be started twice."""

from __future__ import annotations

from celery import shared_task

from integration import alerts, downloading, health, housekeeping, sending
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
