"""docker-compose.yml run for real, but for the engine: every service starts by its command, turns healthy by its own
check, works together with the others, and ends by itself when asked to.

AUTOPAY_COMPOSE_DATABASE names another database than SQLite, AUTOPAY_COMPOSE_PYTHON an environment that holds nothing
but requirements.txt.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess

import pytest

from autopay_console.kernel.queues import QUEUES
from tests.stories.composed import Installation
from tests.waiting import eventually

pytestmark = [pytest.mark.story, pytest.mark.xdist_group("stories")]
WORKERS = [f"worker-{queue}" for queue in QUEUES]


@pytest.fixture
def installation(tmp_path):
    database = os.environ.get("AUTOPAY_COMPOSE_DATABASE", f"sqlite:///{tmp_path}/console.sqlite3")
    kept = {
        "secret_key": secrets.token_urlsafe(60),
        "field_keys": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "metrics_token": secrets.token_urlsafe(32),
        "email_url": "smtp+tls://mail.example.com:587",
    }
    place = Installation(tmp_path, database, kept)
    yield place
    for name in list(place.running):
        place.running.pop(name).kill()


def health(place):
    """The parts `check_health` measures, from inside the installation."""
    command = ["python", "manage.py", "check_health", "--json"]
    said = subprocess.run(command, cwd=place.app, env=place.env_of("web"), capture_output=True, text=True)
    return {part["code"]: part["level"] for part in json.loads(said.stdout)["parts"]}


def test_every_service_starts_turns_healthy_and_ends_when_asked(installation):
    place = installation
    place.build()
    place.start("broker")
    place.wait_for("broker")
    migrated = place.once("migrate")
    assert migrated.returncode == 0, migrated.stderr
    for name in ("sandbox", "web", "beat", "consumer", *WORKERS):
        place.start(name)
        if name != "beat":  # its mark is made by a worker
            place.wait_for(name)
    place.wait_for("beat")
    good = {"database", "broker", "queue", "consumer", "workers", "schedule"}
    eventually(lambda: good <= {code for code, level in health(place).items() if level == "good"}, every=1)
    for name in (*WORKERS, "consumer", "beat", "web", "sandbox", "broker"):
        assert place.stop(name) == 0, name
