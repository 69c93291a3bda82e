"""A trial says what an import would do and writes nothing, not even the file."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from payments import files
from payments.bank_files import trying
from payments.bank_files.trying import Outcome
from payments.choices import ParkReason, Rule
from payments.models import BankEntry, BankFile, IncomingPayment, Match, MatchingRule
from tests import build
from tests.payments.incoming.bank_files import (
    a_credit,
    a_payment,
    a_receiving_company,
    an_invoice,
    camt054,
    loaded,
)

pytestmark = pytest.mark.django_db
KID = "00001234500000100011"


def test_a_trial_names_what_would_be_matched_parked_and_left_to_a_person():
    company = a_receiving_company()
    an_invoice(company)
    text = camt054(
        a_credit(a_payment(kid=KID)),
        a_credit(a_payment("7.00")),
        a_credit(amount="12.50", way="DBIT", code="PMNT/ICDT/CHRG"),
        a_credit(amount="30.00", way="DBIT", code="PMNT/CCRD/POSD"),
        a_credit(a_payment("8.00"), status="PDNG"),
    )
    trial = trying.try_file(company, text.encode(), "bank.xml")
    assert [line.outcome for line in trial.lines] == [
        Outcome.MATCHED,
        Outcome.PARKED,
        Outcome.FEE,
        Outcome.DEBIT,
        Outcome.NOT_BOOKED,
    ]
    assert (trial.lines[0].rule, trial.lines[0].invoices) == (Rule.WHOLE_KID, ("12345",))
    assert trial.lines[1].reason == ParkReason.NO_REFERENCE
    assert trial.posts


def test_a_trial_sees_that_a_kid_is_paid_twice_in_the_file():
    company = a_receiving_company()
    an_invoice(company)
    text = camt054(a_credit(a_payment(kid=KID, ref="1")), a_credit(a_payment(kid=KID, ref="2")))
    assert [line.outcome for line in trying.try_file(company, text.encode()).lines] == [
        Outcome.MATCHED,
        Outcome.PARKED,
    ]


def test_a_trial_writes_nothing():
    company = a_receiving_company()
    an_invoice(company)
    trying.try_file(company, camt054(a_credit(a_payment(kid=KID))).encode())
    for model in (BankFile, BankEntry, IncomingPayment, Match, MatchingRule):
        assert not model.objects.exists()
    assert list(files.stored_paths()) == []


def test_a_trial_of_a_file_that_was_imported_says_that_its_rows_are_here():
    company = a_receiving_company()
    text = camt054(a_credit(a_payment()), message="M1")
    loaded(company, text)
    trial = trying.try_file(company, text.encode())
    assert [line.outcome for line in trial.lines] == [Outcome.REPEAT]
    assert trial.warnings


def test_a_trial_of_a_bad_file_says_why_it_would_be_refused():
    company = a_receiving_company()
    trial = trying.try_file(company, camt054(a_credit(a_payment()), account="15031234561").encode())
    assert "15031234561" in trial.refused


def test_the_command_imports_a_file_and_says_what_became_of_it(tmp_path):
    company = a_receiving_company()
    an_invoice(company)
    path = tmp_path / "bank.xml"
    path.write_text(camt054(a_credit(a_payment(kid=KID)), a_credit(a_payment("3.00"))))
    out = StringIO()
    call_command("import_bank_file", str(path), company=company.number, stdout=out)
    assert "2 incoming payments: 1 parked" in out.getvalue()
    again = StringIO()
    call_command("import_bank_file", str(path), company=company.number, stdout=again)
    assert "imported before" in again.getvalue()


def test_the_command_ends_with_1_when_the_file_is_refused(tmp_path):
    company = a_receiving_company()
    path = tmp_path / "bank.xml"
    path.write_text("nothing")
    with pytest.raises(SystemExit) as left:
        call_command("import_bank_file", str(path), company=company.number, stderr=StringIO())
    assert left.value.code == 1


def test_the_command_tries_without_writing(tmp_path):
    company = a_receiving_company()
    path = tmp_path / "bank.xml"
    path.write_text(camt054(a_credit(a_payment("3.00"))))
    out = StringIO()
    call_command("import_bank_file", str(path), company=company.number, only_try=True, stdout=out)
    assert "parked: 1, 3.00 NOK" in out.getvalue()
    assert not BankFile.objects.exists()


def test_rules_speak_the_companys_language():
    company = a_receiving_company(language="en")
    trial = trying.try_file(company, camt054(a_credit(a_payment("3.00"))).encode())
    assert trial.lines[0].why.endswith(".")
    assert Decimal(trial.totals[0][3]) == Decimal(3)
    assert build.TODAY
