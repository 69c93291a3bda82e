"""Operations, queue, traffic log and Enable Visma.net in the browser."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.choices import InstanceRoleKind, Role
from companies.models import Company, InstanceRole, SystemInformation
from integration import traffic
from integration.choices import Direction, MessageState, Outcome
from integration.models import InboxMessage, WorkerBeat
from tests import build

pytestmark = pytest.mark.django_db


def somebody(client, *instance, roles=(), company=None):
    person = build.a_person(*roles, company=company)
    for role in instance:
        InstanceRole.objects.create(person=person, role=role)
    client.force_login(person)
    return person


def a_message(**facts):
    facts = {"key": f"m{build.a_number()}", "message_id": "M-1", "raw": "{}", "received_at": timezone.now()} | facts
    return InboxMessage.objects.create(**facts)


@pytest.mark.parametrize("name", ["operations", "messages", "exchanges"])
def test_operations_people_see_the_pages_of_the_installation(client, name):
    somebody(client, InstanceRoleKind.OPERATIONS)
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["operations", "messages", "enable"])
def test_people_without_an_instance_role_get_404(client, name):
    somebody(client, roles=(Role.ADMINISTRATOR,), company=build.a_company())
    assert client.get(reverse(name)).status_code == 404


def test_enabling_is_for_instance_administrators(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    assert client.get(reverse("enable")).status_code == 403
    somebody(client, InstanceRoleKind.ADMINISTRATOR)
    assert client.get(reverse("enable")).status_code == 200


def test_the_dialog_uses_the_words_of_the_guide(client):
    somebody(client, InstanceRoleKind.ADMINISTRATOR)
    text = client.get(reverse("enable")).content.decode()
    for words in (
        "Enable Visma.net",
        "Status information",
        "Integration setup",
        "OPG address",
        "Export/update companies",
        "Upload OPG Certificate",
        "http://[ServerAddress]:[Port]/OPGatewayService/",
    ):
        assert words in text


def test_a_gateway_that_is_not_there_is_said_and_what_to_do(client):
    somebody(client, InstanceRoleKind.ADMINISTRATOR)
    SystemInformation.objects.update_or_create(
        pk=1,
        defaults={"opg_address": "http://localhost:9/OPGatewayService/", "gateway_user": "u", "gateway_password": "p"},
    )
    text = client.get(reverse("enable_lights")).content.decode()
    assert "Connection to Visma.net" in text
    assert "Down" in text


def test_a_wrong_address_is_refused_and_kept_in_the_form(client):
    somebody(client, InstanceRoleKind.ADMINISTRATOR)
    answer = client.post(reverse("enable_save"), {"opg_address": "opg:8080", "gateway_user": "u"})
    assert answer.status_code == 422
    assert b"opg:8080" in answer.content


def test_an_empty_password_keeps_the_one_that_is_stored_and_it_is_never_shown(client):
    somebody(client, InstanceRoleKind.ADMINISTRATOR)
    SystemInformation.objects.update_or_create(pk=1, defaults={"gateway_password": "planted-secret"})
    client.post(
        reverse("enable_save"),
        {"opg_address": "http://opg01:8080/OPGatewayService/", "gateway_user": "u", "gateway_password": ""},
    )
    assert SystemInformation.objects.get(pk=1).gateway_password == "planted-secret"
    assert b"planted-secret" not in client.get(reverse("enable")).content


def test_exporting_without_a_gateway_leaves_the_company_in_a_true_state(client):
    somebody(client, InstanceRoleKind.ADMINISTRATOR)
    company = build.a_company(organisation_no="918234578", link_state="not_linked", signing_key="", visma_company_id="")
    client.post(reverse("enable_export"), {"company": [company.pk]})
    assert Company.objects.get(pk=company.pk).link_state in ("linking", "failed")


def test_a_dead_message_can_be_tried_again(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    message = a_message(state=MessageState.DEAD, attempts=9)
    client.post(reverse("resolve_message", args=[message.pk]), {"what": "again"})
    message.refresh_from_db()
    assert message.state != MessageState.DEAD


def test_putting_a_message_aside_needs_a_reason(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    message = a_message(state=MessageState.PARKED)
    answer = client.post(reverse("resolve_message", args=[message.pk]), {"what": "aside"})
    assert answer.status_code == 422
    client.post(reverse("resolve_message", args=[message.pk]), {"what": "aside", "reason": "test of the bank"})
    message.refresh_from_db()
    assert message.state == MessageState.ASIDE


def test_ticked_messages_are_tried_again_together(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    ticked, other = [a_message(state=MessageState.DEAD) for _one in range(2)], a_message(state=MessageState.DEAD)
    page = client.get(reverse("messages")).content.decode()
    assert all(f'value="{one.pk}"' in page for one in ticked)
    client.post(reverse("resolve_messages"), {"what": "again", "pick": [one.pk for one in ticked]})
    left = InboxMessage.objects.filter(state=MessageState.DEAD)
    assert [one.pk for one in left] == [other.pk]


def test_ticking_one_message_can_try_all_that_failed_like_it(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    ticked = a_message(state=MessageState.DEAD, reason="gone")
    a_message(state=MessageState.DEAD, reason="gone")
    unlike = a_message(state=MessageState.DEAD, reason="another fault")
    client.post(reverse("resolve_messages"), {"what": "all", "pick": [ticked.pk]})
    assert [one.pk for one in InboxMessage.objects.filter(state=MessageState.DEAD)] == [unlike.pk]


def test_what_is_parked_again_at_once_is_not_said_to_be_tried(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    ticked = [a_message(state=MessageState.DEAD, raw="nonsense") for _one in range(2)]
    picks = {"what": "again", "pick": [one.pk for one in ticked]}
    page = client.post(reverse("resolve_messages"), picks, follow=True).content.decode()
    assert "2 messages are parked again: nothing is mended." in page
    assert "messages will be tried again" not in page


def test_ticked_messages_are_put_aside_for_one_reason_and_keep_their_faults(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    rows = [a_message(state=MessageState.DEAD, reason=why) for why in ("gone", "foreign")]
    handled = a_message(state=MessageState.HANDLED)
    picks = [one.pk for one in (*rows, handled)]
    client.post(reverse("resolve_messages"), {"what": "aside", "pick": picks, "reason": " "})
    assert not InboxMessage.objects.filter(state=MessageState.ASIDE).exists()
    client.post(reverse("resolve_messages"), {"what": "aside", "pick": picks, "reason": "told the bank"})
    aside = InboxMessage.objects.filter(state=MessageState.ASIDE).values_list("reason", flat=True)
    assert sorted(aside) == ["told the bank (foreign)", "told the bank (gone)"]


def test_an_envelope_with_script_in_it_is_shown_as_text(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    message = a_message(raw="<script>alert(1)</script>")
    assert b"<script>alert(1)" not in client.get(reverse("message", args=[message.pk])).content


def test_a_stranger_does_not_find_the_exchange_of_a_company(client):
    company = build.a_company()
    row = traffic.record(direction=Direction.OUT, kind="upload", outcome=Outcome.OK, company=company, reference="AP1-1")
    somebody(client, roles=(Role.READER,), company=build.a_company())
    assert client.get(reverse("exchange", args=[row.pk])).status_code == 404
    somebody(client, roles=(Role.READER,), company=company)
    assert client.get(reverse("exchange", args=[row.pk])).status_code == 200


def test_metrics_are_closed_without_the_token(client, settings):
    assert client.get(reverse("metrics")).status_code == 404
    settings.METRICS_TOKEN = "planted-token"
    answer = client.get(reverse("metrics"), headers={"Authorization": "Bearer planted-token"})
    assert answer.status_code == 200


def test_the_list_of_messages_costs_few_queries(client, django_assert_max_num_queries):
    somebody(client, InstanceRoleKind.OPERATIONS)
    for number in range(60):
        a_message(message_id=f"M-{number}", company=build.a_company() if number < 3 else None)
    client.get(reverse("messages"))  # makes the rows of the installation
    with django_assert_max_num_queries(12):
        client.get(reverse("messages"))


def test_the_traffic_log_names_who_sends_and_reads_for_the_service(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    row = traffic.record(Direction.OUT, "status", Outcome.OK)
    assert b"Service (system)" in client.get(reverse("exchanges")).content
    assert b"Service (system)" in client.get(reverse("exchange", args=[row.pk])).content
    found = client.get(reverse("exchanges") + "?q=person:system").content
    assert b"Service (system)" in found


def test_what_is_in_trouble_leads_to_its_remedy_and_silent_processes_stand_first(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    a_message(state=MessageState.DEAD)
    now = timezone.now()
    for name, age, stopping in (("alive", 1, False), ("ended", 9, True), ("silent", 900, False)):
        at = now - timedelta(seconds=age)
        WorkerBeat.objects.create(
            name=name, kind="worker", started_at=now - timedelta(hours=1), beat_at=at, stopping=stopping
        )
    page = client.get(reverse("operations"))
    finding = page.content.decode().split('class="findings"')[1].split("</section>")[0]
    assert f"{reverse('messages')}?view=dead" in finding
    assert [one["beat"].name for one in page.context["workers"]] == ["silent", "alive", "ended"]


def test_a_killed_process_is_no_alarm_any_more_once_another_took_its_place(client):
    somebody(client, InstanceRoleKind.OPERATIONS)
    now = timezone.now()
    killed = now - timedelta(minutes=10)
    WorkerBeat.objects.create(name="killed", kind="worker", started_at=killed, beat_at=killed)
    states = {one["beat"].name: one["state"] for one in client.get(reverse("operations")).context["workers"]}
    assert states == {"killed": "silent"}
    WorkerBeat.objects.create(name="next", kind="worker", started_at=now - timedelta(minutes=9), beat_at=now)
    states = {one["beat"].name: one["state"] for one in client.get(reverse("operations")).context["workers"]}
    assert states == {"next": "alive", "killed": "replaced"}
