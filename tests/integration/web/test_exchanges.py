"""The traffic log on the screen: found, understood, shown as text, downloaded by those who may."""

import pytest
from django.test import Client
from django.urls import reverse

from companies.choices import InstanceRoleKind, Role
from companies.models import InstanceRole
from integration import traffic
from integration.choices import Direction, Outcome
from integration.models import FileKind
from payments.models import Payment
from tests import build
from tests.payments.incoming import bank_files

pytestmark = pytest.mark.django_db
EVIL = b'<?xml version="1.0"?>\n<Document><Nm><script>alert(1)</script></Nm></Document>'


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    return bank_files.a_receiving_company(bank_files.ACCOUNT, auto=False)


def client_of(*roles, company=None, instance=()):
    person = build.a_person(*roles, company=company)
    for role in instance:
        InstanceRole.objects.create(person=person, role=role)
    client = Client()
    client.force_login(person)
    return client


def an_exchange(company, content, **facts):
    stored = traffic.keep(company, "camt", content)
    return traffic.record(Direction.IN, "file", Outcome.OK, company=company, file=stored, **facts)


def test_a_file_is_shown_as_source_with_line_numbers_and_nothing_in_it_can_run(company):
    row = an_exchange(company, EVIL)
    text = client_of(Role.READER, company=company).get(reverse("exchange_source", args=[row.pk])).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert '<span class="no" aria-hidden="true">2</span>' in text


def test_a_file_is_shown_as_the_console_understands_it(company):
    content = bank_files.camt054(bank_files.a_credit(bank_files.a_payment("700.00")))
    row = an_exchange(company, content if isinstance(content, bytes) else content.encode())
    text = client_of(Role.READER, company=company).get(reverse("exchange_understood", args=[row.pk])).content.decode()
    assert "700" in text


@pytest.mark.parametrize("name", ["exchange_source", "exchange_understood", "exchange_file"])
def test_a_salary_file_is_for_the_payroll_role_alone(company, name):
    payment = build.an_uploaded_payment(company)
    Payment.objects.update(salary=True)
    with traffic.on_occasion(transfer=payment.transfers.get()):
        row = an_exchange(company, EVIL)
    url = reverse(name, args=[row.pk])
    assert client_of(Role.ACCOUNTANT, company=company).get(url).status_code == 404
    assert client_of(Role.PAYROLL, company=company).get(url).status_code == 200


def test_operations_sees_no_file_of_a_company(company):
    row = an_exchange(company, EVIL)
    operations = client_of(instance=[InstanceRoleKind.OPERATIONS])
    assert operations.get(reverse("exchange_source", args=[row.pk])).status_code == 404


def test_a_file_that_retention_took_is_not_found(company, settings):
    row = an_exchange(company, EVIL)
    (settings.DATA_AREA / row.file.path).unlink()
    assert client_of(Role.READER, company=company).get(reverse("exchange_file", args=[row.pk])).status_code == 404


def test_a_refused_file_can_be_imported_again_from_the_log(company):
    file = bank_files.load(company, "<Document/>")
    with traffic.on_occasion(bank_file=file):
        row = traffic.record(
            Direction.IN, "file", Outcome.OK, company=company, file=traffic.keep_bank_file(file), reference=file.name
        )
    page = client_of(Role.ACCOUNTANT, company=company).get(reverse("exchange", args=[row.pk])).content.decode()
    assert reverse("import_bank_file", args=[file.pk]) in page
    page = client_of(Role.READER, company=company).get(reverse("exchange", args=[row.pk])).content.decode()
    assert reverse("import_bank_file", args=[file.pk]) not in page


def test_the_log_is_searched_on_the_screen(company):
    an_exchange(company, EVIL, reference="AP1-20261125-0001")
    page = client_of(Role.READER, company=company).get(reverse("exchanges"), {"q": "AP1-2026"}).content.decode()
    assert "AP1-20261125-0001" in page
    page = client_of(Role.READER, company=company).get(reverse("exchanges"), {"q": "AP2"}).content.decode()
    assert "AP1-20261125-0001" not in page


def test_kinds_of_files_are_changed_by_the_instance_administrator(db):
    FileKind.objects.get_or_create(kind="camt", defaults={"extension": "xml", "description": "Statements"})
    url = reverse("file_kind", args=["camt"])
    chief = client_of(instance=[InstanceRoleKind.ADMINISTRATOR])
    chief.post(url, {"extension": "c54", "description": "Statements", "keep_days": "4000"})
    assert FileKind.objects.get(pk="camt").extension == "c54"
    bad = chief.post(url, {"extension": "../x", "description": "Statements", "keep_days": "0"})
    assert bad.status_code == 422
    assert client_of(instance=[InstanceRoleKind.OPERATIONS]).post(url).status_code == 403


def test_the_dry_run_deletes_nothing_and_names_what_would_go(company, settings):
    old = settings.DATA_AREA / str(company.number) / "2001" / "01" / "camt-0123456789abcdef.xml"
    old.parent.mkdir(parents=True)
    old.write_text("<Document/>")
    chief = client_of(instance=[InstanceRoleKind.ADMINISTRATOR])
    page = chief.get(reverse("file_kinds"), {"dry": "1"}).content.decode()
    assert "camt-0123456789abcdef.xml" in page
    assert old.exists()
    chief.post(reverse("purge_files"))
    assert not old.exists()
