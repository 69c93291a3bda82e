"""manage.py read_bank_file: exit codes and what it shows."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

MESSAGES = Path(__file__).parents[1] / "messages"


def run(*arguments):
    """Exit code, standard output and error of the command."""
    out, error = StringIO(), StringIO()
    try:
        call_command("read_bank_file", *(str(argument) for argument in arguments), stdout=out, stderr=error)
    except SystemExit as end:
        return end.code, out.getvalue(), error.getvalue()
    return 0, out.getvalue(), error.getvalue()


def test_a_read_file_ends_with_zero_and_is_shown():
    code, out, _ = run(MESSAGES / "camt.054.001.02-credit.xml")
    assert code == 0
    assert "+4012.50 NOK" in out
    assert "KID 00001234500000100011" in out


def test_warnings_are_shown_and_still_end_with_zero(tmp_path):
    path = tmp_path / "bank.xml"
    path.write_text((MESSAGES / "camt.054.001.02-credit.xml").read_text().replace("<Sum>4512.50", "<Sum>1.00"))
    code, out, _ = run(path)
    assert code == 0
    assert "warning summary" in out


def test_a_refused_file_ends_with_one_and_tells_the_line():
    code, out, error = run(MESSAGES / "broken" / "no-currency.xml")
    assert (code, out) == (1, "")
    assert "no-currency.xml, entry 2, line 70" in error


def test_a_missing_file_ends_with_two(tmp_path):
    assert run(tmp_path / "nothing.xml")[0] == 2


def test_wrong_use_ends_with_two():
    assert run()[0] == 2


@pytest.mark.parametrize("name", ["camt.054.001.02-credit.xml", "pain.002.001.03-partly.xml", "vip.xml"])
def test_json_is_one_document(name):
    code, out, _ = run(MESSAGES / name, "--json")
    assert code == 0
    assert json.loads(out)["file"]["name"] == name


def test_an_answer_is_shown_with_plain_words_and_the_next_step():
    _, out, _ = run(MESSAGES / "pain.002.001.03-partly.xml")
    assert "AC04: Kontoen er avsluttet" in out
    assert "next: get a new account from the supplier" in out
