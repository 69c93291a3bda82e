"""The other side, dying by SIGKILL at its own commits and coming back over the same state.

`python -m tests.crash.mortal_sandbox PLAN.json`: the plan holds the sandbox's arguments and, for each life, after how
many points it ends; the last life goes on. A point is the moment before and after a commit.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

from integration.sandbox.__main__ import main as sandbox
from integration.sandbox.store import Store


def watch(points: int, log: Path) -> None:
    """Count points in this process and end it at the last one."""
    left, writing = [points], Store.writing

    def passes(what: str) -> None:
        left[0] -= 1
        if left[0] <= 0:
            with log.open("a") as out:
                out.write(f"sandbox\tanswering and booking\t{what}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def watched(store: Store):
        inside = store.connection().in_transaction
        with writing(store) as db:
            yield db
            if not inside:
                passes("before commit")
        if not inside:
            passes("after commit")

    Store.writing = watched


def main() -> None:
    """Lives, one after the other."""
    plan = json.loads(Path(sys.argv[1]).read_text())
    for points in [*plan["lives"], None]:
        if not (pid := os.fork()):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            if points is not None:
                watch(points, Path(plan["log"]))
            os._exit(sandbox(plan["arguments"]))
        signal.signal(signal.SIGTERM, lambda *_, child=pid: (os.kill(child, signal.SIGKILL), os._exit(0)))
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
