"""Backup while the console works, and a restore that is the same installation again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from integration import traffic
from integration.backup import making, restoring
from integration.models import WorkerBeat
from payments import files
from payments.models import Transfer
from payments.releasing.uploading import upload
from tests import build
from tests.conftest import database_url
from tests.payments.incoming import bank_files

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backup")]


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    company = bank_files.a_receiving_company(bank_files.ACCOUNT, auto=False)
    for _ in range(2):
        build.an_approver(company)
    payment = build.an_estimate(company, 2, bank_partner=company.bank_partners.get())
    upload(payment, build.an_accountant(company))
    traffic.keep(company, "camt", b"<Document/>")
    return company


@pytest.fixture
def made(company, tmp_path):
    if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not installed")
    folder = tmp_path / "backup"
    call_command("backup", str(folder))
    return folder


def run(*command, env):
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**os.environ, "AUTOPAY_MODE": "test", "DJANGO_SETTINGS_MODULE": "autopay_console.settings", **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def elsewhere(tmp_path, transactional_db):
    """An installation with nothing in it, on the same kind of database server."""
    places = {"AUTOPAY_DATA": str(tmp_path / "new" / "files"), "AUTOPAY_VAR": str(tmp_path / "new")}
    if connection.vendor == "sqlite":
        yield {**places, "DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'console.sqlite3'}"}
        return
    name = f"{connection.settings_dict['NAME']}_restored"
    base = database_url().rpartition("/")[0]
    with psycopg.connect(f"{base.replace('postgres://', 'postgresql://')}/postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        yield {**places, "DATABASE_URL": f"{base}/{name}"}
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def numbers(installation):
    """The payments in another database."""
    url, query = installation["DATABASE_URL"], "SELECT number FROM payments_payment ORDER BY number"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as line:
            return line.execute(query).fetchall()
    with psycopg.connect(url.replace("postgres://", "postgresql://")) as line:
        return line.execute(query).fetchall()


def test_a_backup_names_every_file_with_its_digest(made, company):
    paths = {path for _digest, path in making.listed(made)}
    assert {f"files/{path}" for path in files.stored_paths()} < paths
    assert making.read(made).files == 2
    assert list(making.verify(made)) == []


def test_no_key_is_in_the_manifest(made, settings):
    text = (made / "manifest.json").read_text()
    assert all(str(key) not in text for key in settings.FIELD_KEYS)


def test_an_unfinished_backup_never_stands_under_its_name(company, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "key_marks", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        making.backup(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_what_is_there_already_is_not_written_over(made):
    with pytest.raises(CommandError, match="there already"):
        call_command("backup", str(made))


@pytest.mark.parametrize("harm", ["changed", "gone", "database"])
def test_a_damaged_backup_is_found_and_not_restored(made, harm, elsewhere):
    place = next(path for _digest, path in making.listed(made) if path.startswith("files/"))
    if harm == "changed":
        (made / place).write_bytes(b"other")
    elif harm == "gone":
        (made / place).unlink()
    else:
        (made / making.read(made).database).write_bytes(b"other")
    with pytest.raises(CommandError):
        call_command("backup", str(made), verify=True)
    answer = run("restore", str(made), env=elsewhere)
    assert answer.returncode == 1
    assert "damaged" in answer.stderr
    assert not Path(elsewhere["AUTOPAY_DATA"]).exists()


def test_a_file_changed_on_the_disk_is_told_by_the_backup(company, tmp_path, capsys):
    files.full_path(Transfer.objects.get().path).write_bytes(b"other bytes")
    call_command("backup", str(tmp_path / "backup"))
    assert "changed on the disk" in capsys.readouterr().out


def test_a_restored_installation_has_the_same_rows_and_files_and_clean_books(made, company, elsewhere):
    answer = run("restore", str(made), env=elsewhere)
    assert answer.returncode == 0, answer.stderr
    assert "2 files" in answer.stdout
    assert "have no file" not in answer.stdout
    assert numbers(elsewhere) == [(company.payments.get().number,)]
    books = run("check_books", env=elsewhere)
    assert books.returncode == 0, books.stdout + books.stderr
    orphans = run("purge_files", "--orphans", env=elsewhere)
    assert "0 rows without a file" in orphans.stdout


def test_a_second_restore_needs_replace_and_puts_the_first_aside(made, elsewhere, tmp_path):
    assert run("restore", str(made), env=elsewhere).returncode == 0
    refused = run("restore", str(made), env=elsewhere)
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    again = run("restore", str(made), "--replace", env=elsewhere)
    assert again.returncode == 0, again.stderr
    [aside] = (tmp_path / "new" / "files").glob(".before-restore-*")
    assert (aside / making.read(made).database).is_file()
    assert len([path for path in aside.rglob("*") if path.is_file()]) == 3


def test_a_running_installation_is_never_restored_over(made, company):
    now = timezone.now()
    WorkerBeat.objects.create(name="worker@here-1", kind="worker", started_at=now, beat_at=now)
    with pytest.raises(CommandError, match="is running"):
        call_command("restore", str(made), replace=True)


def test_other_field_keys_are_told_before_somebody_wonders(made, settings):
    assert not any("FIELD_KEYS" in one for one in restoring._warnings(making.read(made)))
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert any("FIELD_KEYS" in one for one in restoring._warnings(making.read(made)))


def test_a_backup_taken_while_others_write_is_whole(company, tmp_path):
    """Rows are written by another connection between copying the database and the files."""
    before = making._copy

    def late(path, *rest):
        traffic.keep(company, "camt", f"<Document>{path}</Document>".encode())
        return before(path, *rest)

    making._copy = late
    try:
        made = making.backup(tmp_path / "backup")
    finally:
        making._copy = before
    assert list(making.verify(tmp_path / "backup")) == []
    assert made.files >= 2
