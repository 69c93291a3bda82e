"""Migrations are complete and run on this engine; their SQL compiles for SQL Server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[2]


def test_the_models_have_no_change_without_a_migration(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_all_migrations_run_on_an_empty_database(tmp_path):
    environment = {**os.environ, "AUTOPAY_MODE": "test", "DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3"}
    environment["DJANGO_SETTINGS_MODULE"] = "autopay_console.settings"
    run = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr[-2000:]


REFUSED_BY_SQL_SERVER = {
    "expression index": re.compile(r"INDEX .*\(\("),
    "filtered index with NOT, OR or LIKE": re.compile(r"INDEX .*WHERE .*(NOT \(|NOT IN| OR |LIKE)"),
    "boolean in SELECT": re.compile(r"SELECT [^F]* = (%s|\?) AS"),
    "text longer than 4000": re.compile(r"nvarchar\((4[1-9]\d\d|[5-9]\d{3})"),
    "regular expression": re.compile(r"REGEXP_LIKE"),
    "temporary parameter table": re.compile(r"#Temp_params"),
    "rounded decimals": re.compile(r"DECLARE @var\d+ NUMERIC "),
}


@pytest.fixture(scope="module")
def statements_for_sql_server():
    run = subprocess.run(
        [sys.executable, "tests/guard/compile_for_sql_server.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        env={
            **{name: value for name, value in os.environ.items() if name != "AUTOPAY_TEST_DATABASE"},
            "AUTOPAY_MODE": "test",
            "DJANGO_SETTINGS_MODULE": "autopay_console.settings",
            "DATABASE_URL": "mssql://sa:x@localhost:1433/autopay",
        },
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout.splitlines()


def test_every_migration_compiles_for_sql_server(statements_for_sql_server):
    text = "\n".join(statements_for_sql_server)
    for table in ("companies_company", "payments_paymentline", "payments_voucher", "integration_inboxmessage"):
        assert f"CREATE TABLE [{table}]" in text
    assert "numeric(19, 4)" in text


@pytest.mark.parametrize("shape", REFUSED_BY_SQL_SERVER)
def test_no_statement_has_a_shape_that_sql_server_refuses(statements_for_sql_server, shape):
    pattern = REFUSED_BY_SQL_SERVER[shape]
    assert [line for line in statements_for_sql_server if pattern.search(line)] == []
