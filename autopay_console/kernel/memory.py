"""Python's own housekeeping, where a job makes very many small values at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_looking_for_cycles() -> Iterator[None]:
    """Memory is given back as ever, only the search for rings waits: over 100 000 plain rows it costs a tenth of the
    job and finds nothing."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()
