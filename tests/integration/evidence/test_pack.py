"""The evidence pack: complete, checkable without the console, silent about salaries to those who may not see them."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from companies.choices import Role
from companies.models import Supplier
from integration.evidence import pack
from payments import lifecycle
from payments.choices import LineStatus
from payments.models import LineChange, Payment, Transfer
from payments.releasing import approval
from payments.releasing.uploading import upload
from tests import build
from tests.payments.incoming import bank_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    return bank_files.a_receiving_company(bank_files.ACCOUNT, auto=False)


@pytest.fixture
def payment(company):
    approvers = [build.an_approver(company) for _ in range(2)]
    payment = build.an_estimate(company, 2, bank_partner=company.bank_partners.get())
    upload(payment, build.an_accountant(company))
    payment.refresh_from_db()
    approval.approve(payment, approvers[0], payment.digest)
    return Payment.objects.get(pk=payment.pk)


def unpacked(pieces, folder):
    folder.mkdir()
    zipfile.ZipFile(io.BytesIO(b"".join(pieces))).extractall(folder)
    return folder


def of_payment(payment, payroll=False):
    return pack.of_payment(payment, person="Anna Berg", payroll=payroll)


def verified(folder):
    return subprocess.run([sys.executable, "verify.py"], cwd=folder, capture_output=True, text=True, timeout=30)


def test_the_pack_holds_the_sealed_bytes_and_can_be_checked_without_the_console(payment, tmp_path):
    folder = unpacked(of_payment(payment), tmp_path / "pack")
    transfer = Transfer.objects.get()
    sealed = folder / f"payment-{payment.number}" / "sealed" / f"{transfer.msg_id}.xml"
    assert sealed.stat().st_size == transfer.size
    manifest = json.loads((folder / "manifest.json").read_text())
    assert transfer.digest in [one["sha256"] for one in manifest["files"]]
    answer = verified(folder)
    assert (answer.returncode, answer.stdout.strip()) == (0, "everything fits")
    sums = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    assert sums.returncode == 0


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("changes.csv", ",upload", ",uplift", "does not fit its seal"),
        ("files.csv", None, None, "approval"),
        ("lines.csv", "NOK", "EUR", "was changed"),
    ],
)
def test_what_is_altered_in_the_pack_is_found(payment, tmp_path, name, before, after, said):
    folder = unpacked(of_payment(payment), tmp_path / "pack")
    place = folder / f"payment-{payment.number}" / name
    text = place.read_text()
    digest = Transfer.objects.get().digest
    changed = text.replace(before, after) if before else text.replace(digest, "0" * 64)
    assert changed != text
    place.write_text(changed)
    answer = verified(folder)
    assert answer.returncode == 1
    assert said in answer.stdout


@pytest.mark.parametrize("said", ["=HYPERLINK(1)", "'=already", "-12", "plain"])
def test_no_text_in_the_pack_runs_in_a_spreadsheet_and_seals_still_fit(payment, tmp_path, said):
    Supplier.objects.update(name=said)
    lines = payment.lines.values_list("pk", flat=True)
    lifecycle.move(lines, LineStatus.REFUSED, source="report", reason=lifecycle.Reason("X", said))

    folder = unpacked(of_payment(payment), tmp_path / "pack")
    with (folder / f"payment-{payment.number}" / "lines.csv").open(newline="") as source:
        names = {row["supplier"] for row in csv.DictReader(source)}

    assert names == {said if said == "plain" else f"'{said}"}
    assert verified(folder).stdout.strip() == "everything fits"


def test_a_status_change_altered_in_the_database_shows_in_the_pack(payment, tmp_path):
    LineChange.objects.filter(payment=payment).update(source="nobody")
    answer = verified(unpacked(of_payment(payment), tmp_path / "pack"))
    assert "does not fit its seal" in answer.stdout


def test_a_sealed_file_that_is_gone_is_named_as_left_out(payment, settings, tmp_path):
    (settings.DATA_AREA / Transfer.objects.get().path).unlink()
    folder = unpacked(of_payment(payment), tmp_path / "pack")
    [left_out] = json.loads((folder / "manifest.json").read_text())["left_out"]
    assert "no longer in the data area" in left_out["why"]


def of_today(company, payroll=False):
    day = Payment.objects.filter(uploaded_at__isnull=False).latest("uploaded_at").uploaded_at.date()
    first, last = day - timedelta(days=1), day + timedelta(days=1)
    return pack.of_period(company, first, last, person="Anna Berg", payroll=payroll)


def test_a_period_holds_its_payments_and_the_banks_files(company, payment, tmp_path):
    file = bank_files.loaded(company, bank_files.camt054(bank_files.a_credit(bank_files.a_payment("700.00"))))
    folder = unpacked(of_today(company), tmp_path / "pack")
    assert (folder / f"payment-{payment.number}" / "approvals.csv").is_file()
    [kept] = (folder / "period" / "bank-files").iterdir()
    assert kept.name.startswith(file.digest[:12])
    assert verified(folder).returncode == 0


def test_salary_is_left_out_without_the_payroll_role_and_counted(company, payment, tmp_path):
    Payment.objects.filter(pk=payment.pk).update(salary=True)
    folder = unpacked(of_today(company), tmp_path / "pack")
    assert not list(folder.glob("payment-*"))
    assert {"what": "1 salary payments", "why": "role payroll is needed"} in json.loads(
        (folder / "manifest.json").read_text()
    )["left_out"]
    assert list(unpacked(of_today(company, payroll=True), tmp_path / "whole").glob("payment-*"))


def test_the_pack_is_made_in_pieces(payment):
    assert sum(1 for piece in of_payment(payment) if piece) > 5


def client_of(*roles, company):
    client = Client()
    client.force_login(build.a_person(*roles, company=company))
    return client


def test_an_accountant_gets_a_payments_pack_and_a_periods_pack(company, payment):
    anna = client_of(Role.ACCOUNTANT, company=company)
    answer = anna.get(reverse("evidence_of_payment", args=[payment.number]))
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).testzip() is None
    day = payment.uploaded_at.date()
    answer = anna.post(reverse("evidence"), {"first": day, "last": day})
    assert answer["Content-Type"] == "application/zip"
    refused = anna.post(reverse("evidence"), {"first": "2026-11-02", "last": "2026-11-01"})
    assert refused.status_code == 422


def test_a_salary_payments_pack_is_for_the_payroll_role(company, payment):
    Payment.objects.filter(pk=payment.pk).update(salary=True)
    url = reverse("evidence_of_payment", args=[payment.number])
    assert client_of(Role.ACCOUNTANT, company=company).get(url).status_code == 404
    assert client_of(Role.PAYROLL, company=company).get(url).status_code == 200


def test_the_command_writes_one_and_never_over_another(company, payment, tmp_path):
    out = tmp_path / "pack.zip"
    call_command("evidence_pack", str(out), company=company.number, payment=payment.number)
    assert zipfile.ZipFile(out).testzip() is None
    with pytest.raises(CommandError, match="there already"):
        call_command("evidence_pack", str(out), company=company.number, payment=payment.number)
