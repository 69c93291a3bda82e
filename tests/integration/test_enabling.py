"""Enable Visma.net: status information, certificate, keys, and what a company lacks before it can pay."""

from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from companies import readiness
from companies.models import Company, SystemInformation
from integration import certificates, company_sync, enabling, rotation
from integration.gateway import client
from integration.gateway.errors import Refused
from tests import build
from tests.integration.linking import GUID, a_linked_company, an_unlinked_company, check_link, fault, the_gateway


def lights():
    return {light.code: light for light in enabling.status_information().lights}


@pytest.mark.django_db
@pytest.mark.broker
class TestStatusInformation:
    def test_all_three_are_good_after_set_up(self, sandbox):
        the_gateway(sandbox)
        with client.connect() as gateway:
            gateway.register_queue(f"vbus-{GUID}")
        certificates.upload()
        assert [light.good for light in lights().values()] == [True, True, True]

    def test_a_new_installation_says_what_to_do(self, sandbox):
        the_gateway(sandbox)
        found = lights()
        assert (found["connection"].good, found["queue"].good, found["certificate"].good) == (True, False, False)
        assert "service" in found["queue"].remedy
        assert "Upload OPG Certificate" in found["certificate"].remedy

    def test_without_address_nothing_can_be_asked(self):
        found = enabling.status_information()
        assert [light.good for light in found.lights] == [False, None, None]
        assert not found.connected
        assert "address" in found.lights[0].remedy

    def test_a_doubled_path_is_told(self, sandbox):
        the_gateway(sandbox, address=f"{sandbox.address}/OPGatewayService/OPGatewayService/")
        assert "once" in lights()["connection"].remedy

    def test_another_service_at_the_address_is_told(self, sandbox):
        with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:  # answers 501 to everything
            Thread(target=other.handle_request, daemon=True).start()
            the_gateway(sandbox, address=f"http://127.0.0.1:{other.server_port}/OPGatewayService/")
            assert "server and port" in lights()["connection"].remedy

    def test_a_wrong_password_is_told(self, sandbox):
        the_gateway(sandbox, password="guess")
        assert "user and password" in lights()["connection"].remedy

    def test_a_gateway_without_central_is_not_connected(self, sandbox):
        the_gateway(sandbox)
        sandbox.post("/gateway/central", {"state": "unreachable"})
        assert lights()["connection"].good is False

    def test_an_ip_address_is_a_warning_and_still_works(self, sandbox):
        the_gateway(sandbox)  # the sandbox is reached by 127.0.0.1
        found = enabling.status_information()
        assert found.connected
        assert "gateway_ip" in [problem.code for problem in found.address]

    def test_a_queue_of_another_name_is_told(self, sandbox):
        the_gateway(sandbox)
        with client.connect() as gateway:
            gateway.register_queue("visma.business.queue")
        assert "visma.business.queue" in lights()["queue"].text


@pytest.mark.django_db
@pytest.mark.broker
class TestCertificate:
    def test_a_new_gateway_needs_the_certificate_again(self, sandbox):
        the_gateway(sandbox)
        certificates.upload()
        sandbox.post("/gateway/reinstall")
        assert "anew" in lights()["certificate"].text
        certificates.upload()
        assert lights()["certificate"].good

    def test_the_upload_keeps_for_which_gateway_it_was(self, sandbox):
        the_gateway(sandbox)
        status = certificates.upload()
        assert SystemInformation.objects.get().certificate_opg_fingerprint == status.fingerprint

    def test_a_refused_upload_is_told(self, sandbox):
        the_gateway(sandbox)
        with client.connect() as gateway, pytest.raises(Refused):
            gateway.upload_certificate("0000000000000000")


def a_certificate(start=-1, end=365):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "opg.example")])
    now = timezone.now()
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now + timedelta(days=start))
        .not_valid_after(now + timedelta(days=end))
        .sign(key, hashes.SHA256())
    )
    return key, built


def as_pfx(key, built, password=b"secret"):
    return pkcs12.serialize_key_and_certificates(b"opg", key, built, None, BestAvailableEncryption(password))


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_certificate_file_is_read(encoding):
    _key, built = a_certificate()
    found = certificates.read(built.public_bytes(encoding))
    assert found.subject == "CN=opg.example"
    assert found.fingerprint == built.fingerprint(hashes.SHA256()).hex()


def test_a_pfx_is_read_with_its_password():
    found = certificates.read(as_pfx(*a_certificate()), "secret")
    assert found.subject == "CN=opg.example"


@pytest.mark.parametrize("password", ["", "guess"])
def test_a_pfx_with_a_wrong_password_is_told(password):
    with pytest.raises(certificates.NoCertificate, match="password"):
        certificates.read(as_pfx(*a_certificate()), password)


@pytest.mark.parametrize("content", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_is_told(content):
    with pytest.raises(certificates.NoCertificate):
        certificates.read(content)


@pytest.mark.parametrize(
    ("start", "end", "codes"),
    [
        (-1, 365, []),
        (-1, 29, ["certificate_soon"]),
        (-10, -1, ["certificate_expired"]),
        (1, 365, ["certificate_early"]),
    ],
)
def test_validity_is_checked_with_a_month_of_warning(start, end, codes):
    found = certificates.read(a_certificate(start, end)[1].public_bytes(Encoding.PEM))
    assert [problem.code for problem in certificates.check(found)] == codes


@pytest.mark.django_db
def test_only_public_facts_of_a_pfx_are_kept():
    key, built = a_certificate()
    certificates.note(certificates.read_valid(as_pfx(key, built), "secret"))
    row = SystemInformation.objects.get()
    assert (row.certificate_subject, row.certificate_fingerprint) == (
        "CN=opg.example",
        built.fingerprint(hashes.SHA256()).hex(),
    )


@pytest.mark.django_db
def test_an_expired_certificate_is_not_kept():
    with pytest.raises(certificates.NoCertificate, match="expired"):
        certificates.read_valid(a_certificate(-10, -1)[1].public_bytes(Encoding.PEM))
    assert not SystemInformation.objects.exclude(certificate_subject="").exists()


@pytest.mark.django_db
@pytest.mark.broker
class TestKeys:
    def test_a_changed_key_is_proven_and_kills_the_old_one(self, sandbox):
        company = a_linked_company(sandbox)
        before = company.signing_key
        done = rotation.rotate_signing_key(company)
        assert done.after == company_sync.key_fingerprint(Company.objects.get(pk=company.pk)) != done.before
        Company.objects.filter(pk=company.pk).update(signing_key=before, previous_signing_key="")
        [check] = check_link([Company.objects.get(pk=company.pk)])
        assert check.remedy == "key"

    def test_a_lost_answer_locks_nobody_out(self, sandbox):
        company = a_linked_company(sandbox)
        fault(sandbox, "rotateSigningKey", "drop-answer")
        with pytest.raises(CommandError):
            call_command("rotate_signing_key", str(company.number))
        with client.connect() as gateway:
            assert gateway.ping(Company.objects.get(pk=company.pk))
        call_command("rotate_signing_key", str(company.number))
        [check] = check_link([Company.objects.get(pk=company.pk)])
        assert check.good

    def test_a_proof_that_is_lost_leaves_both_keys_usable(self, sandbox):
        company = a_linked_company(sandbox)
        fault(sandbox, "ping", "down")
        with pytest.raises(CommandError):
            call_command("rotate_signing_key", str(company.number))
        with client.connect() as gateway:
            assert gateway.ping(Company.objects.get(pk=company.pk))


def stored_token(company):
    with connection.cursor() as cursor:
        cursor.execute('SELECT "ApSigKey" FROM companies_company WHERE id = %s', [company.pk])
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_secrets_are_written_anew_with_the_newest_field_key(settings):
    company = build.a_company(signing_key="the secret")
    SystemInformation.objects.create(pk=1, gateway_password="the password")
    new = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, *settings.FIELD_KEYS]
    call_command("reencrypt_secrets")
    settings.FIELD_KEYS = [new]
    assert Company.objects.get(pk=company.pk).signing_key == "the secret"
    assert SystemInformation.objects.get().gateway_password == "the password"
    assert "the secret" not in stored_token(company)


@pytest.mark.django_db
class TestReadiness:
    def test_a_company_that_was_never_exported_lacks_gateway_link_and_key(self):
        found = {condition.code for condition in readiness.missing(an_unlinked_company())}
        assert {"gateway_address", "gateway_user", "linked", "signing_key"} <= found

    def test_every_missing_thing_says_what_to_do(self):
        assert all(condition.remedy for condition in readiness.missing(an_unlinked_company()))

    def test_a_company_that_uses_a_folder_needs_no_gateway(self):
        company = an_unlinked_company()
        build.an_agreement(build.a_bank_partner(company), channel="folder", channel_address="/srv/bank")
        assert not {"gateway_address", "gateway_user"} & {condition.code for condition in readiness.missing(company)}

    @pytest.mark.parametrize(
        ("facts", "says"),
        [
            ({"channel": "folder"}, "no folder"),
            ({"channel": "sftp", "channel_address": "sftp://us@bank/x"}, "host key"),
        ],
    )
    def test_an_agreement_without_a_place_is_told(self, facts, says):
        company = an_unlinked_company()
        build.an_agreement(build.a_bank_partner(company), **facts)
        assert any(says in condition.text for condition in readiness.missing(company))
