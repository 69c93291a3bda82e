"""Identifiers made in Python, because bulk inserts return none on SQL Server."""

from __future__ import annotations

import os
import time
import uuid

_VERSION_7 = 0x7000_8000_0000_0000_0000  # version and variant bits of RFC 9562
_RANDOM = 0x0FFF_3FFF_FFFF_FFFF_FFFF
_CHANCE = 0x3FFF_FFFF_FFFF_FFFF


def new_id() -> uuid.UUID:
    """An identifier for rows that are written in bulk and for claims: the moment, then chance (UUID version 7).

    Rows of one file lie beside each other in the key's index, however long the table has grown. The moment is told to
    a quarter of a microsecond (RFC 9562 6.2, method 3), so that a list in the order of its keys is in the order made.
    """
    moment, rest = divmod(time.time_ns(), 1_000_000)
    finer = rest * 4096 // 1_000_000
    chance = int.from_bytes(os.urandom(8), "big") & _CHANCE
    return uuid.UUID(int=moment << 80 | _VERSION_7 | finer << 64 | chance)


def new_keys(count: int) -> list[str]:
    """As many such identifiers at once, as 32 hexadecimal characters in ascending order: for rows stored in bulk."""
    head = time.time_ns() // 1_000_000 << 80 | _VERSION_7
    chance = os.urandom(10 * count)
    pieces = [chance[place : place + 10] for place in range(0, 10 * count, 10)]
    return sorted([f"{head | int.from_bytes(piece, 'big') & _RANDOM:032x}" for piece in pieces])


def new_token() -> str:
    """What nobody can guess, as 32 plain characters."""
    return uuid.uuid4().hex
