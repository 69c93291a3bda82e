"""Health checks of containers ask for the heartbeat of their own machine."""

import socket
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from integration.health_parts import SCHEDULE
from integration.models import WorkerBeat

pytestmark = pytest.mark.django_db


def heard(name, seconds=3, **facts):
    at = timezone.now() - timedelta(seconds=seconds)
    WorkerBeat.objects.create(name=name, kind="worker", started_at=at, beat_at=at, **facts)


def code(*arguments):
    with pytest.raises(SystemExit) as ended:
        call_command("check_process", *arguments)
    return ended.value.code


def test_a_process_that_beats_is_well():
    heard(f"work@{socket.gethostname()}-17")
    assert code() == 0


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        (f"work@{socket.gethostname()}-17", {"seconds": 3600}),
        (f"work@{socket.gethostname()}-17", {"stopping": True}),
        ("work@another-machine-17", {}),
    ],
    ids=["silent", "ending", "elsewhere"],
)
def test_a_process_that_does_not_beat_here_is_ill(name, facts):
    heard(name, **facts)
    assert code() == 1


def test_the_schedule_is_known_by_its_mark():
    assert code("--schedule") == 1
    heard(SCHEDULE, seconds=30)
    assert code("--schedule") == 0
