"""Identifiers made in Python, because bulk inserts return none on SQL Server."""

from __future__ import annotations

import uuid


def new_id() -> uuid.UUID:
    """A random identifier for rows that are written in bulk and for claims."""
    return uuid.uuid4()


def new_token() -> str:
    """The same as 32 plain characters."""
    return uuid.uuid4().hex
