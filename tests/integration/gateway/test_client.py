"""The client against a real gateway over HTTP: every verb, and every way a call can go wrong told apart."""

import io
import socket
import tracemalloc

import pytest

from companies.clock import soon
from companies.models import Company
from integration import traffic
from integration.choices import Outcome
from integration.gateway import client, nonces
from integration.gateway.errors import (
    Malformed,
    Refused,
    Unavailable,
    Unreachable,
    WrongCredentials,
    WrongKey,
    WrongPath,
    WrongService,
)
from integration.models import Exchange, UsedNonce
from tests import build
from tests.integration.linking import (
    ACCOUNT,
    GUID,
    KEY,
    a_linked_company,
    a_released_transfer,
    an_unlinked_company,
    fault,
    pain001,
    sha256,
    the_gateway,
)
from tests.waiting import eventually

pytestmark = [pytest.mark.django_db, pytest.mark.broker]


@pytest.fixture(autouse=True)
def _short_limits(settings, tmp_path):
    settings.GATEWAY_READ_SECONDS, settings.DATA_AREA = 5, tmp_path / "files"


@pytest.fixture
def gateway(sandbox):
    the_gateway(sandbox)
    with client.connect() as connected:
        yield connected


def upload(company, content, msg_id, tmp_path):
    file = tmp_path / "order.xml"
    file.write_bytes(content)
    with client.connect() as gateway:
        return gateway.upload(company, ACCOUNT, msg_id, file, sha256(content))


def test_the_gateway_names_itself_without_credentials(gateway):
    service = gateway.service()
    assert (service.name, service.version) == ("OPGatewayService", 1)


def test_the_status_of_an_instance_is_read(gateway):
    status = gateway.status()
    assert status.connected
    assert (status.queue.registered, status.certificate.state) == (False, "absent")


def test_registering_the_queue_twice_makes_it_once(gateway):
    name = f"vbus-{GUID}"
    first, second = gateway.register_queue(name), gateway.register_queue(name)
    assert (first.created, second.created) == (True, False)
    assert gateway.status().queue.name == name


def test_the_certificate_goes_to_central_for_the_gateway_that_was_looked_at(gateway):
    fingerprint = gateway.status().fingerprint
    assert gateway.upload_certificate(fingerprint).state == "uploaded"
    with pytest.raises(Refused) as refused:
        gateway.upload_certificate("0" * 16)
    assert refused.value.code == "fingerprint-changed"


def test_nothing_listening_is_told(db):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        client.Gateway(f"http://localhost:{port}/OPGatewayService/", GUID) as gateway,
        pytest.raises(Unreachable) as told,
    ):
        gateway.status()
    assert told.value.surely_not_taken


def test_a_server_nobody_knows_is_unreachable(db):
    with (
        client.Gateway("http://no-such-host.invalid:8090/OPGatewayService/", GUID) as gateway,
        pytest.raises(Unreachable),
    ):
        gateway.status()


def test_another_service_is_told(sandbox):
    with client.Gateway(f"{sandbox.address}/sandbox/", GUID) as gateway, pytest.raises(WrongService):
        gateway.service()


@pytest.mark.parametrize("path", ["/OPGatewayService/OPGatewayService/", "/OPGatewayService/wrong/"])
def test_a_wrong_path_is_told(sandbox, path):
    with client.Gateway(sandbox.address + path, GUID) as gateway, pytest.raises(WrongPath):
        gateway.service()


def test_a_wrong_password_is_told(sandbox):
    the_gateway(sandbox, password="guess")
    with client.connect() as gateway, pytest.raises(WrongCredentials):
        gateway.status()


def test_no_address_is_told(db):
    with client.connect() as gateway, pytest.raises(Unreachable) as told:
        gateway.status()
    assert told.value.code == "no-address"


def test_a_wrong_signing_key_shows_as_such(sandbox):
    company = a_linked_company(sandbox)
    company.signing_key = KEY
    with client.connect() as gateway, pytest.raises(WrongKey) as told:
        gateway.ping(company)
    assert told.value.code == "signature-incorrect"


def test_a_company_without_key_is_told_before_anything_is_sent(gateway):
    with pytest.raises(WrongKey) as told:
        gateway.ping(an_unlinked_company())
    assert told.value.code == "no-key"


def test_a_company_unlinked_at_the_other_end_is_told(sandbox):
    company = a_linked_company(sandbox)
    sandbox.post(f"/companies/NO-{company.organisation_no}/unlink")
    with client.connect() as gateway, pytest.raises(WrongKey) as told:
        gateway.ping(company)
    assert told.value.code == "unknown-company"


def test_the_previous_key_is_tried_while_its_grace_lasts(sandbox):
    company = a_linked_company(sandbox)
    company.previous_signing_key, company.signing_key = company.signing_key, KEY
    company.previous_key_until = soon(3600)
    with client.connect() as gateway:
        assert gateway.ping(company)
        company.previous_key_until = soon(-1)
        with pytest.raises(WrongKey):
            gateway.ping(company)


@pytest.mark.parametrize("what", ["unsigned", "wrong-signature"])
def test_an_answer_without_a_true_signature_proves_nothing(sandbox, what):
    company = a_linked_company(sandbox)
    fault(sandbox, "ping", what)
    with client.connect() as gateway, pytest.raises(Malformed) as told:
        gateway.ping(company)
    assert not told.value.surely_not_taken


def test_an_answer_that_is_no_json_is_malformed(sandbox):
    company = a_linked_company(sandbox)
    fault(sandbox, "ping", "garbage")
    with client.connect() as gateway, pytest.raises(Malformed):
        gateway.ping(company)


@pytest.mark.parametrize("what", ["down", "error", "drop-answer"])
def test_a_gateway_in_trouble_is_unavailable_and_leaves_it_open_what_happened(sandbox, what):
    company = a_linked_company(sandbox)
    fault(sandbox, "ping", what)
    with client.connect() as gateway, pytest.raises(Unavailable) as told:
        gateway.ping(company)
    assert not told.value.surely_not_taken


def test_a_gateway_that_takes_too_long_is_unavailable(sandbox, settings):
    company = a_linked_company(sandbox)
    settings.GATEWAY_READ_SECONDS = 1
    fault(sandbox, "ping", "slow", seconds=3)
    with client.connect() as gateway, pytest.raises(Unavailable) as told:
        gateway.ping(company)
    assert told.value.code == "timeout"


def test_a_nonce_counts_once(db):
    assert nonces.spend("NO-918234567", "a" * 20)
    assert not nonces.spend("NO-918234567", "a" * 20)
    assert nonces.spend("SE-5566778899", "a" * 20)


def test_every_signed_answer_uses_up_its_nonce(sandbox):
    company = a_linked_company(sandbox)
    with client.connect() as gateway:
        gateway.ping(company)
        gateway.ping(company)
    assert UsedNonce.objects.filter(keyid="NO-918234567").count() == 2


def test_a_file_is_accepted_and_known_again(sandbox, tmp_path):
    company = a_linked_company(sandbox)
    transfer = a_released_transfer(company)
    content = pain001(transfer)
    first, second = (upload(company, content, transfer.msg_id, tmp_path) for _time in range(2))
    assert (first.state, first.digest, first.repeat, second.repeat) == ("received", sha256(content), False, True)
    assert list(Exchange.objects.filter(kind="upload").order_by("at").values_list("outcome", flat=True)) == [
        Outcome.OK,
        Outcome.REPEAT,
    ]


def test_other_bytes_under_a_known_message_id_are_refused(sandbox, tmp_path):
    company = a_linked_company(sandbox)
    transfer = a_released_transfer(company)
    upload(company, pain001(transfer), transfer.msg_id, tmp_path)
    with pytest.raises(Refused) as refused:
        upload(company, pain001(transfer, padding=1), transfer.msg_id, tmp_path)
    assert refused.value.code == "msgid-other-bytes"


def test_a_file_that_is_no_payment_order_is_refused_with_its_reason(sandbox, tmp_path):
    company = a_linked_company(sandbox)
    with pytest.raises(Refused) as refused:
        upload(company, b"<Document/>", "AP-1", tmp_path)
    assert refused.value.code == "not-pain001"
    with client.connect() as gateway:
        assert gateway.upload_status(company, "AP-1").state == "refused"


def test_a_message_id_central_never_saw_is_not_there(sandbox):
    company = a_linked_company(sandbox)
    with client.connect() as gateway:
        assert gateway.upload_status(company, "AP-never") is None


@pytest.mark.parametrize("msg_id", ["AP/1:2?3", "Ærlig 1", "A+B (1)"])
def test_odd_signs_in_a_message_id_survive_the_address(sandbox, msg_id):
    company = a_linked_company(sandbox)
    with client.connect() as gateway:
        assert gateway.upload_status(company, msg_id) is None


def test_a_file_far_larger_than_memory_pieces_is_streamed(sandbox, tmp_path):
    company = a_linked_company(sandbox)
    transfer = a_released_transfer(company)
    content = pain001(transfer, padding=30_000_000)
    file = tmp_path / "large.xml"
    file.write_bytes(content)
    digest = sha256(content)
    del content
    tracemalloc.start()
    with client.connect() as gateway:
        answer = gateway.upload(company, ACCOUNT, transfer.msg_id, file, digest)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.digest == digest
    assert peak < 5_000_000


def test_messages_and_their_files_are_fetched_by_hand(sandbox, tmp_path):
    company = a_linked_company(sandbox)
    transfer = a_released_transfer(company)
    upload(company, pain001(transfer), transfer.msg_id, tmp_path)
    with client.connect() as gateway:
        page = eventually(lambda: found if (found := gateway.messages_after(company, 0)).messages else None)
        message = page.messages[0]["message"]
        into = io.BytesIO()
        reply = gateway.fetch_file(company, message["fileId"], into)
        assert reply.digest == message["sha256"] == sha256(into.getvalue())
        later = gateway.messages_after(company, page.next).messages
        assert all(one["position"] > page.next for one in later)


def test_a_file_of_another_company_is_not_given_out(sandbox):
    company = a_linked_company(sandbox)
    with client.connect() as gateway, pytest.raises(Refused) as refused:
        gateway.fetch_file(company, "f-000000000099", io.BytesIO())
    assert refused.value.code == "unknown-file"


def test_every_call_is_in_the_log_without_any_secret(sandbox):
    company = a_linked_company(sandbox)
    with client.connect() as gateway:
        gateway.status()
        gateway.ping(company)
    rows = list(Exchange.objects.order_by("at"))
    assert [row.kind for row in rows] == ["export", "instance", "ping"]
    assert all(row.outcome == Outcome.OK and row.by_service and row.status_code in (200, 201) for row in rows)
    kept = " ".join(f"{row.text} {row.address} {row.reference}" for row in rows)
    assert Company.objects.get(pk=company.pk).signing_key not in kept
    assert "sandbox:" not in kept
    assert rows[2].company == company


def test_a_person_who_does_it_by_hand_is_named_in_the_log(sandbox):
    the_gateway(sandbox)
    anna = build.a_person()
    with traffic.on_occasion(person=anna), client.connect() as gateway:
        gateway.status()
    row = Exchange.objects.get()
    assert (row.person, row.by_service) == (anna, False)
