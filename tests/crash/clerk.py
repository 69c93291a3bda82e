"""A person at the web pages whose server dies by SIGKILL in the midst of a click.

`python -m tests.crash.clerk LOG`: reads one click a line (JSON: person, url, data, point), does it through the whole
web stack in a process of its own that dies at the given point, and answers `killed` or the status code.
"""

# ruff: noqa: E402  (Django must be set up before the console is imported)

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

django.setup()

from django.conf import settings
from django.test import Client

from companies.models import Person
from tests.crash.nursery import Fate, fork

GONE = 99


def click(asked: dict, log: Path) -> None:
    """One click; ends the process with a sign of the answer."""
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(Person.objects.get(pk=asked["person"]))
    fate = Fate("web", {"web": asked["point"]}, log)
    fate.kind, fate.task = "web", asked["url"].strip("/").split("/")[0]
    fate.watch()
    answer = client.post(asked["url"], asked["data"])
    os._exit(0 if answer.status_code < 400 else GONE)


def main() -> None:
    """Click until nobody asks any more."""
    log = Path(sys.argv[1])
    print("ready", flush=True)
    for line in sys.stdin:
        _pid, state = os.waitpid(fork(click, json.loads(line), log), 0)
        print("killed" if os.WIFSIGNALED(state) else os.waitstatus_to_exitcode(state), flush=True)


if __name__ == "__main__":
    main()
