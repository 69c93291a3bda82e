"""Files today against the usual, the work that waits, and where each tile leads."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.choices import InstanceRoleKind
from companies.models import InstanceRole
from integration import health_traffic
from integration.choices import Direction, MessageState, Outcome
from integration.health_parts import Level
from integration.models import Exchange, InboxMessage
from payments.models import IncomingPayment
from tests import build
from tests.payments.web import incoming_world

pytestmark = pytest.mark.django_db
NOON = "2026-11-25T12:00:00+01:00"


def came(weeks, many):
    for _ in range(many):
        Exchange.objects.create(
            at=timezone.now() - timedelta(weeks=weeks, hours=1), direction=Direction.IN, kind="file", outcome=Outcome.OK
        )


def files_in():
    return next(part for part in health_traffic.files_today() if part.code == "files_in")


@time_machine.travel(NOON, tick=False)
def test_a_day_like_the_others_is_good():
    for weeks in range(5):
        came(weeks, 10)
    part = files_in()
    assert (part.level, part.value, part.normal) == (Level.GOOD, 10, "about 10")


@time_machine.travel(NOON, tick=False)
def test_far_fewer_than_usual_is_worth_a_look():
    for weeks in range(1, 5):
        came(weeks, 10)
    came(0, 1)
    assert files_in().level == Level.ATTENTION


@time_machine.travel(NOON, tick=False)
def test_one_holiday_does_not_change_what_is_usual():
    for weeks, many in ((1, 10), (2, 0), (3, 12), (4, 10)):
        came(weeks, many)
    assert files_in().normal == "about 10"


def test_a_new_installation_has_no_usual_figure():
    assert files_in().level == Level.GOOD
    assert files_in().normal == "no usual figure yet"


def test_work_is_counted_by_state_with_its_oldest():
    old = timezone.now() - timedelta(hours=2)
    for number, at in enumerate((old, timezone.now())):
        InboxMessage.objects.create(key=f"k{number}", raw="{}", received_at=at, state=MessageState.FAILED)
    [waiting] = health_traffic.work()
    assert (waiting.count, waiting.oldest) == (2, old)


def test_every_tile_that_can_be_mended_leads_there():
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.OPERATIONS)
    client = Client()
    client.force_login(person)
    page = client.get(reverse("operations")).content.decode()
    for address in (reverse("sending_all"), reverse("messages") + "?view=dead", reverse("file_kinds")):
        assert f'href="{address}"' in page
    assert f'href="{reverse("enable")}"' not in page


def test_readiness_asks_database_and_broker_alone(client):
    assert set(client.get(reverse("readyz")).json()["parts"]) == {"database", "broker"}


@pytest.mark.parametrize(("days", "level"), [(2, Level.GOOD), (8, Level.ATTENTION)])
def test_a_parked_payment_is_daily_work_until_it_waits_too_long(settings, tmp_path, days, level):
    settings.DATA_AREA = tmp_path
    payment = incoming_world.parked(incoming_world.a_company())
    IncomingPayment.objects.filter(pk=payment.pk).update(value_date=timezone.localdate() - timedelta(days=days))
    [part] = health_traffic.parked_payments()
    assert (part.level, part.value) == (level, 1)
    assert part.words == f"1 incoming payment is parked, for {days} days."


def test_without_parked_payments_nothing_is_said_to_wait():
    [part] = health_traffic.parked_payments()
    assert (part.level, part.value, part.words) == (Level.GOOD, 0, "No incoming payment is parked.")
