"""What the schedule does every few minutes beside sending and receiving: places, unfinished exports, old keys."""

from __future__ import annotations

from integration import collecting, company_sync, error_folders, exporting
from integration.gateway import nonces


def keep_house() -> None:
    """Collect files from folders and servers, carry on with exports, forget what is over."""
    company_sync.forget_previous_keys()
    nonces.forget_old()
    exporting.carry_on()
    collecting.collect_all()
    error_folders.look()
