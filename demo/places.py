"""Where the demo stands, and how it says that it cannot go on."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Stop(Exception):
    """A sentence for the person at the keyboard; the demo ends with code 1."""
