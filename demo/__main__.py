"""`python -m demo`: what bin/demo runs once the environment is there."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO

from demo.places import ROOT, Stop


def main() -> int:
    """Start the town, run the job, serve until Ctrl-C."""
    options = _options()
    var = Path(os.environ.get("AUTOPAY_VAR", ROOT / "var")).resolve()
    started = time.monotonic()
    try:
        lock = _own(var)
        if options.fresh:
            _start_over(var)
        _port_is_free(options.port)
        os.environ |= {
            "AUTOPAY_MODE": "demo",
            "AUTOPAY_VAR": str(var),
            "PUBLIC_URL": f"http://localhost:{options.port}",
            "DJANGO_SETTINGS_MODULE": "autopay_console.settings",
        }
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        return _run(options, var, started)
    except Stop as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if "lock" in locals():
            lock.close()


def _run(options: argparse.Namespace, var: Path, started: float) -> int:
    from demo import town
    from demo.say import Teller

    signal.signal(signal.SIGTERM, _interrupt)
    tell = Teller()
    with town.open_town(var, options.port, tell) as place:
        from demo import story

        place.serve()
        tell.line(f"The console is up at http://localhost:{options.port} after {time.monotonic() - started:.1f} s.")
        if options.no_job:
            tell.line(f"The sandbox is at {place.sandbox_url}/sandbox/")
            place.watch()
        good = story.run(place, tell)
        if options.once:
            return 0 if good else 1
        tell.people(options.port)
        place.watch()
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/demo", description="The console with two demo companies, on this machine."
    )
    parser.add_argument("--fresh", action="store_true", help="drop the demo's database, files, sandbox and keys first")
    parser.add_argument(
        "--once", action="store_true", help="exit after the job: 0 when every line and øre is as expected"
    )
    parser.add_argument("--no-job", action="store_true", help="serve the companies as loaded; every payment is yours")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="the console's port")
    return parser.parse_args()


def _own(var: Path) -> IO[str]:
    """One demo per folder at a time."""
    try:
        var.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (var / "demo.lock").open("w")
    except OSError as error:
        raise Stop(
            f"The demo cannot write to {var} ({error.strerror}). Clone to another folder, or set AUTOPAY_VAR."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Stop(f"Another demo runs over {var}. Stop it, or set AUTOPAY_VAR.") from error
    return lock


def _start_over(var: Path) -> None:
    for path in var.iterdir():
        if path.name == "demo.lock" or path.name == "broker":
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in (var / "broker").glob("appendonlydir/*"):
        path.unlink()


def _port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Stop(
                f"Port {port} is taken by another program. Stop it, or choose another: PORT={port + 1} bin/demo"
            ) from error


if __name__ == "__main__":
    sys.exit(main())
