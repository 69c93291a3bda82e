"""Every part is measured with a figure, a normal range, words and a remedy; people hear of trouble once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from companies.choices import InstanceRoleKind
from companies.models import InstanceRole, MailOutbox
from integration import alerts, health, metrics
from integration.choices import MessageState
from integration.health import Level, Part
from integration.models import HealthSample, InboxMessage, WorkerBeat
from integration.queue import envelope, inbox, registration
from integration.queue.beating import told
from tests.build import a_person
from tests.integration.linking import the_gateway

pytestmark = pytest.mark.django_db


def parts():
    return {part.code: part for part in health.measure()}


def a_beat(kind, doing="", seconds=0, stopping=False):
    now = timezone.now() - timedelta(seconds=seconds)
    return WorkerBeat.objects.create(
        name=f"{kind}-{WorkerBeat.objects.count()}",
        kind=kind,
        started_at=now,
        beat_at=now,
        doing=doing,
        stopping=stopping,
    )


def a_message(state):
    inbox.hear([envelope.read(f"nonsense {InboxMessage.objects.count()}".encode())])
    row = InboxMessage.objects.latest("received_at")
    InboxMessage.objects.filter(pk=row.pk).update(state=state)


def test_a_part_that_is_not_good_says_what_to_do():
    for part in health.measure():
        assert part.words, part.code
        assert part.level == Level.GOOD or part.remedy, part.code


def test_without_broker_and_processes_these_parts_are_in_trouble():
    found = parts()
    assert {code for code, part in found.items() if not part.good} == {"broker", "consumer", "workers", "schedule"}


def test_while_the_broker_is_away_the_queue_is_said_to_be_not_known_and_no_figure_of_it_is_kept():
    part = parts()["queue"]
    assert (part.good, part.fact, part.words) == (True, "unseen", "Not known while the broker does not answer.")
    health.sample()
    assert HealthSample.objects.filter(part="broker").exists()
    assert not HealthSample.objects.filter(part="queue").exists()


def test_the_page_says_so_in_the_row_and_not_as_a_second_finding(client):
    person = a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.OPERATIONS)
    client.force_login(person)
    page = " ".join(client.get(reverse("operations")).content.decode().split())
    row = page[page.index('id="part-queue"') :].split("</tr>")[0]
    assert "Not known" in row
    assert "Good" not in row
    assert page.count("Not known while the broker does not answer.") == 1


@pytest.mark.broker
def test_the_broker_and_an_old_message_in_the_queue_are_seen(broker):
    from autopay_console.kernel import broker as brokers

    assert parts()["queue"].level == Level.GOOD
    with brokers.client() as line:
        registration.ensure_stream(line, registration.queue_name())
        line.xadd(registration.queue_name(), {"body": "x"}, id="1000-1")
    found = parts()
    assert found["broker"].level == Level.GOOD
    assert (found["queue"].level, found["queue"].value) == (Level.TROUBLE, 1)


@pytest.mark.broker
def test_a_gateway_that_forgot_the_queue_is_trouble(sandbox):
    the_gateway(sandbox)
    found = parts()
    assert (found["gateway"].level, found["registration"].level) == (Level.GOOD, Level.TROUBLE)
    registration.register()
    assert parts()["registration"].level == Level.GOOD
    sandbox.post("/gateway/central", {"state": "unreachable"})
    assert parts()["gateway"].level == Level.TROUBLE


@pytest.mark.broker
def test_a_wrong_gateway_password_is_said_as_such(sandbox):
    the_gateway(sandbox, password="wrong")
    part = parts()["gateway"]
    assert part.level == Level.TROUBLE
    assert "password" in part.words


def test_workers_must_serve_every_queue():
    a_beat("worker", "queues: imports, mail, work")
    assert "settlement" in parts()["workers"].words
    a_beat("worker", "queues: settlement")
    assert parts()["workers"].level == Level.GOOD


def test_a_consumer_counts_only_while_its_heart_beats():
    a_beat("consumer", seconds=60)
    a_beat("consumer", stopping=True)
    assert parts()["consumer"].level == Level.TROUBLE
    a_beat("consumer")
    assert parts()["consumer"].level == Level.GOOD
    registration.pause(a_person())
    assert parts()["consumer"].level == Level.ATTENTION


def test_a_consumer_that_waits_for_the_broker_reads_nothing():
    a_beat("consumer", "waiting 4: Connection refused")
    part = parts()["consumer"]
    assert (part.level, part.value) == (Level.TROUBLE, 0)
    assert "cannot read" in part.words
    a_beat("consumer", "reading vbus-1")
    assert (parts()["consumer"].level, parts()["consumer"].value) == (Level.GOOD, 1)


def test_a_consumer_that_rests_because_too_much_waits_is_worth_a_look():
    a_beat("consumer", "full 5000")
    part = parts()["consumer"]
    assert part.level == Level.ATTENTION
    assert "Do the workers keep up?" in part.remedy


def test_what_a_process_does_is_told_in_the_readers_language():
    assert told("waiting 4: refused") == "tries again after 4 s: refused"
    with translation.override("nb"):
        assert told("reading vbus-1") == "leser vbus-1"
    assert told("something of an older version") == "something of an older version"


def test_nothing_amiss_does_not_read_as_a_fault():
    words = {code: part.words for code, part in parts().items()}
    assert words["dead"] == "No message was given up."
    assert words["files"] == "No bank file was refused."
    assert words["transfers"] == "No payment file waits longer than ten minutes."
    assert words["mail"] == "No mail is held up."
    assert words["files_in"] == "0 files came in today."


def test_the_schedule_is_alive_as_long_as_its_sweep_is_worked_on():
    health.note_schedule()
    assert parts()["schedule"].level == Level.GOOD
    WorkerBeat.objects.update(beat_at=timezone.now() - timedelta(minutes=5))
    assert parts()["schedule"].level == Level.TROUBLE


def test_right_after_a_start_the_schedule_gets_time_for_its_first_run():
    beat = a_beat("worker", "queues: imports, mail, settlement, work", seconds=20)
    assert (parts()["schedule"].level, parts()["schedule"].value) == (Level.ATTENTION, 0)
    assert "has not run yet; the first worker started 2" in parts()["schedule"].words
    WorkerBeat.objects.filter(pk=beat.pk).update(started_at=timezone.now() - timedelta(minutes=3))
    assert parts()["schedule"].level == Level.TROUBLE


def test_a_schedule_that_ran_before_the_last_start_gets_the_same_time():
    health.note_schedule()
    WorkerBeat.objects.update(beat_at=timezone.now() - timedelta(hours=9))
    assert "last ran 9 h ago" in parts()["schedule"].words
    a_beat("worker", seconds=20)
    assert parts()["schedule"].level == Level.ATTENTION


def test_given_up_messages_are_trouble_and_parked_ones_want_attention():
    a_message(MessageState.PARKED)
    a_message(MessageState.DEAD)
    found = parts()
    assert (found["dead"].level, found["dead"].value) == (Level.TROUBLE, 1)
    assert (found["parked"].level, found["parked"].value) == (Level.ATTENTION, 1)


def test_a_check_that_breaks_is_a_part_in_trouble_and_the_others_are_measured(settings):
    settings.DATA_AREA = 5  # no path at all
    found = parts()
    assert found["disk"].level == Level.TROUBLE
    assert "mail" in found


def test_samples_are_kept_for_the_curves():
    measured = health.sample()
    assert HealthSample.objects.count() == len(measured)


# --- Alerts -------------------------------------------------------------------------------------------------------
BAD = Part("queue", Level.TROUBLE, 7, "messages", "0", "The oldest message is 900 s old.", "Start the consumer.")
FINE = Part("queue", Level.GOOD, 0, "messages", "0", "0 messages in the queue.")


@pytest.fixture
def operator():
    person = a_person(email="ops@example.com")
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.OPERATIONS)
    return person


@pytest.fixture
def minutes(operator):
    """Measure one part minute after minute; answers the mails there are."""
    clock = {"at": timezone.now() - timedelta(hours=3)}

    def pass_by(*measured):
        for part in measured:
            clock["at"] += timedelta(minutes=1)
            HealthSample.objects.create(at=clock["at"], part=part.code, good=part.good, value=part.value)
            alerts.tell([part])
        return list(MailOutbox.objects.order_by("id").values_list("subject", flat=True))

    return pass_by


def test_trouble_that_lasts_three_minutes_makes_one_mail(minutes):
    assert minutes(FINE, BAD, BAD) == []
    assert minutes(BAD) == ["AutoPay Console · Trouble: Queue"]
    assert len(minutes(BAD, BAD, BAD, BAD)) == 1
    body = MailOutbox.objects.get().body
    assert "900 s" in body
    assert "Start the consumer." in body
    assert body.endswith(reverse("operations"))


def test_the_end_of_trouble_makes_one_mail(minutes):
    assert minutes(BAD, BAD, BAD, FINE, FINE, FINE) == [
        "AutoPay Console · Trouble: Queue",
        "AutoPay Console · Working again: Queue",
    ]
    assert len(minutes(FINE, FINE)) == 2


def test_a_part_that_comes_and_goes_makes_no_storm(minutes):
    found = minutes(*[BAD, BAD, BAD, FINE, FINE, FINE] * 10)
    assert found == ["AutoPay Console · Trouble: Queue", "AutoPay Console · Working again: Queue"]


def test_short_good_spells_do_not_end_the_trouble(minutes):
    assert len(minutes(BAD, BAD, BAD, FINE, BAD, BAD, FINE, FINE, BAD, BAD, BAD)) == 1


def test_new_trouble_after_a_while_is_told_again(minutes):
    minutes(BAD, BAD, BAD, FINE, FINE, FINE)
    MailOutbox.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert len(minutes(BAD, BAD, BAD)) == 3


def test_everybody_reads_of_trouble_in_their_own_language(operator):
    norwegian = a_person(email="natt@example.com", language="nb")
    InstanceRole.objects.create(person=norwegian, role=InstanceRoleKind.OPERATIONS)
    for state in (False, False, False, True, True, True):
        HealthSample.objects.create(at=timezone.now(), part="workers", good=state)
        if not state:
            alerts.tell([one for one in health.measure() if one.code == "workers"])
    mail = {one.to: one for one in MailOutbox.objects.all()}
    assert mail["ops@example.com"].subject == "AutoPay Console · Trouble: Workers"
    assert mail["natt@example.com"].subject == "AutoPay Console · Problem: Arbeidere"
    assert "Ingen arbeider betjener" in mail["natt@example.com"].body
    a_beat("worker", "queues: imports, mail, settlement, work")
    for _again in range(2):
        alerts.tell([one for one in health.measure() if one.code == "workers"])
    assert MailOutbox.objects.filter(to="natt@example.com").count() == 2
    assert MailOutbox.objects.count() == 4


def test_nobody_to_tell_is_no_error(db):
    for _minute in range(3):
        HealthSample.objects.create(at=timezone.now(), part="queue", good=False)
    assert alerts.tell([BAD]) == 0


# --- From outside -------------------------------------------------------------------------------------------------
def test_the_command_line_answers_with_its_exit_code(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("check_health", "--json")
    assert ended.value.code == 1
    said = json.loads(capsys.readouterr().out)
    assert said["good"] is False
    assert {"code", "level", "value", "words", "remedy"} <= said["parts"][0].keys()


def test_metrics_hold_parts_counts_and_heartbeats_but_no_amounts():
    a_beat("consumer")
    a_message(MessageState.PARKED)
    health.sample()
    text = metrics.text().decode()
    assert 'autopay_part_good{part="database"} 1.0' in text
    assert 'autopay_messages{state="parked"} 1.0' in text
    assert 'autopay_heartbeat_age_seconds{kind="consumer"' in text
    assert "amount" not in text
