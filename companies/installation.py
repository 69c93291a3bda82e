"""The installation's own row, System information: one for all companies."""

from __future__ import annotations

from autopay_console.kernel.once import once
from companies.models import SystemInformation


def row() -> SystemInformation | None:
    """The row, read once a page; None before the first set-up."""
    return once("installation", lambda: SystemInformation.objects.filter(pk=1).first())
