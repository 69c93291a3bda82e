"""The broker dies and comes back empty: workers go on by themselves."""

from __future__ import annotations

import shutil

import pytest
from django.utils import timezone

from integration.health_parts import SCHEDULE
from integration.models import WorkerBeat
from tests.waiting import eventually

pytestmark = [
    pytest.mark.broker,
    pytest.mark.story,
    pytest.mark.xdist_group("stories"),
    pytest.mark.django_db(transaction=True),
]


def swept_since(moment):
    return WorkerBeat.objects.filter(name=SCHEDULE, beat_at__gt=moment).exists()


@pytest.mark.parametrize(("pool", "wiped"), [("solo", True), ("prefork", False)])
def test_a_worker_works_again_after_the_broker_came_back(broker, run_worker, wiped, pool):
    run_worker(beat=False, pool=pool)
    run_worker(beat=True, pool=pool, queues=["mail"])
    for _ in range(2):
        moment = timezone.now()
        eventually(lambda at=moment: swept_since(at), 30)
        broker.running.kill()
        if wiped:
            for left in broker.folder.glob("appendonlydir"):
                shutil.rmtree(left)
        broker.start_again()
    moment = timezone.now()
    eventually(lambda: swept_since(moment), 40)
