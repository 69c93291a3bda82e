"""The signing key and the gateway password reach the gateway and nothing else: no page, log, row, file or message."""

from __future__ import annotations

import base64
import json
import logging
import sys

import pytest
import redis
from django.db import connection
from django.urls import reverse

from autopay_console import logs
from companies.choices import InstanceRoleKind, Role
from companies.models import Company, InstanceRole, SystemInformation
from integration import certificates, company_sync, downloading, enabling, rotation, sending
from integration.gateway.errors import GatewayError
from integration.models import Exchange
from integration.tasks import send_transfers
from tests import build
from tests.guard.world import addresses
from tests.integration.linking import a_linked_company, a_released_transfer, check_link, fault, the_gateway

pytestmark = [pytest.mark.django_db, pytest.mark.broker]
PASSWORD = "Gjemt-Passord-4711-Vinterlys"
WRONG = "Feil-Passord-0815-Sommernatt"


class Listener(logging.Handler):
    """Keeps every line, with all that was handed to it."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(f"{record.getMessage()} {record.__dict__}")


@pytest.fixture
def listener():
    handler, root = Listener(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def deeds(monkeypatch, request, settings, tmp_path, listener, django_capture_on_commit_callbacks):
    """A company that was linked, sent a file, failed in several ways and got a new key, with all callbacks run."""
    monkeypatch.setenv("SANDBOX_GATEWAY_PASSWORD", PASSWORD)
    sandbox = request.getfixturevalue("sandbox")
    settings.DATA_AREA, settings.GATEWAY_READ_SECONDS = tmp_path / "files", 3
    monkeypatch.setitem(the_gateway.__kwdefaults__, "password", PASSWORD)
    with django_capture_on_commit_callbacks(execute=True):
        company = a_linked_company(sandbox)
        keys = {company.signing_key}
        enabling.status_information()
        company_sync.export([company])
        check_link([company])
        transfer = a_released_transfer(company)
        fault(sandbox, "uploadPayment", "drop-answer")
        sending.send_transfer(transfer.pk)
        send_transfers.delay([transfer.pk])
        downloading.download(company)
        rotation.rotate_signing_key(company)
        keys.add(Company.objects.get(pk=company.pk).signing_key)
        the_gateway(sandbox, password=WRONG)
        enabling.status_information()
        with pytest.raises(GatewayError):
            certificates.upload()
        the_gateway(sandbox, password=PASSWORD)
    basic = [base64.b64encode(f"gateway:{one}".encode()).decode() for one in (PASSWORD, WRONG)]
    return company, [*sorted(keys), PASSWORD, WRONG, *basic]


def said(secrets, text):
    """How many of the secrets the text lets slip."""
    return [f"…{secret[-4:]}" for secret in secrets if secret in text]


def test_secrets_are_told_to_the_gateway_only(deeds, listener, broker, client, settings):
    company, secrets = deeds
    assert len(secrets) == 6
    assert Exchange.objects.count() > 5
    assert SystemInformation.objects.get().gateway_password == PASSWORD, "they are really there"
    assert listener.lines
    places = {"log": "\n".join(listener.lines), **stored_files(settings), **rows(), **messages(broker)}
    assert any(place.startswith("queue ") for place in places), "a task was started"
    places |= pages(client, company)
    assert {place: said(secrets, text) for place, text in places.items() if said(secrets, text)} == {}


def stored_files(settings):
    return {
        f"file {path.name}": path.read_text(encoding="utf-8", errors="replace")
        for path in settings.DATA_AREA.rglob("*")
        if path.is_file()
    }


def rows():
    """Every table as the database holds it, not as the models show it: history, mails, sessions too."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[f"table {table}"] = "\n".join(str(row) for row in cursor.fetchall())
    return found


def messages(broker):
    """All that lies at the broker; the arguments of a task travel as base64 of JSON."""
    line, found = redis.Redis.from_url(broker.plain_url), {}
    readers = {
        b"list": lambda key: line.lrange(key, 0, -1),
        b"stream": line.xrange,
        b"string": lambda key: [line.get(key)],
    }
    readers |= {b"hash": lambda key: list(line.hgetall(key).values()), b"set": line.smembers}
    for key in line.keys("*"):
        values = readers.get(line.type(key), lambda key: [])(key)
        for number, value in enumerate(values):
            text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
            if text.startswith("{") and '"body"' in text:
                text += base64.b64decode(json.loads(text)["body"]).decode(errors="replace")
            found[f"queue {key.decode()} {number}"] = text
    line.close()
    return found


def pages(client, company):
    """Every page without a value in its address, and the forms and rows where a secret could stand."""
    person = build.a_person(*Role.values, company=company)
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.ADMINISTRATOR)
    client.force_login(person)
    urls = [reverse(one.name) for one in addresses() if one.scope and "<" not in one.route]
    urls += [reverse("setup_row", args=["company", company.pk])]
    urls += [reverse("exchange", args=[row.pk]) for row in Exchange.objects.all()]
    answers = {f"page {url}": client.get(url) for url in urls}
    shown = {url: answer for url, answer in answers.items() if answer.status_code == 200}
    assert len(shown) > 25
    return {
        url: (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode() + str(answer.headers)
        for url, answer in shown.items()
    }


def test_a_log_line_hides_what_its_name_calls_a_secret():
    event = logs.hide_secrets(None, "info", {"signing_key": "abc", "Authorization": "Basic abc", "payment": 7})
    assert event == {"signing_key": "…", "Authorization": "…", "payment": 7}


@pytest.mark.parametrize("in_json", [True, False], ids=["json", "words"])
def test_a_logged_fault_tells_where_it_happened_and_no_values(settings, in_json):
    settings.LOG_JSON = in_json
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        logs.configure()
        [formatter] = [one.formatter for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    finally:
        settings.LOG_JSON = False
        logs.configure()
        logging.getLogger().handlers[:], logging.getLogger().level = handlers, level
    try:
        held = PASSWORD
        raise ValueError(f"{len(held)} letters")
    except ValueError:
        record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "broken", (), sys.exc_info())
    line = formatter.format(record)
    assert "ValueError" in line
    assert "test_secrets.py" in line
    assert PASSWORD not in line
