"""Every bank file that can be read can be imported, and every øre of every booked entry is somewhere."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from companies.choices import BookingSource
from companies.models import CurrencyRate
from payments.choices import FileState
from payments.iso20022.messages import Refused
from payments.iso20022.reading import survey
from payments.models import BankEntry, IncomingPayment, OpenDebit, RepeatedEntry
from payments.receiving import plans
from tests import build
from tests.payments.incoming.bank_files import MESSAGES, load

SAMPLES = os.environ.get("AUTOPAY_SAMPLES", "")
OURS = sorted(path for path in MESSAGES.glob("*.xml") if path.name.startswith(("camt", "vip")))
THEIRS = sorted(path for path in Path(SAMPLES).rglob("*") if path.is_file()) if SAMPLES else []
pytestmark = pytest.mark.django_db


def a_company_with_the_accounts_of(path):
    """The file's accounts are ours and booked by it; there is a rate for every currency."""
    company = build.a_company()
    found = survey(path)
    source = BookingSource.STATEMENT if found.type == "camt.053" else BookingSource.NOTIFICATION
    for account in found.accounts:
        currency = build.a_currency(account.currency or "NOK")
        if not company.bank_partners.filter(account=account.id).exists():
            partner = build.a_bank_partner(
                company, account=account.id[:35], currency=currency, auto_update_incoming=True
            )
            build.an_agreement(partner, booking_source=source)
    for code in {row.currency for row in found.sums} - {"NOK"}:
        CurrencyRate.objects.create(
            company=company, currency=build.a_currency(code), valid_from=date(2000, 1, 1), rate=10
        )
    return company


def accounted(entry):
    """What the rows of an entry say the account was changed by."""
    paid = sum((row.amount - row.fee for row in IncomingPayment.objects.filter(entry=entry)), Decimal(0))
    debited = sum((row.amount for row in OpenDebit.objects.filter(entry=entry)), Decimal(0))
    planned = sum((change for change, _text in plans.fees_of(entry) + plans.transfers_of(entry)), plans.planned(entry))
    return paid - debited + planned


def check(path):
    company = a_company_with_the_accounts_of(path)
    found = survey(path)
    file = load(company, path)
    if any(warning.code == "test_file" for warning in found.warnings):
        assert (file.state, file.error_code) == (FileState.ERROR, "test_file")
        return
    assert file.state == FileState.IMPORTED, file.error
    rows = BankEntry.objects.filter(file=file)
    assert rows.count() + RepeatedEntry.objects.filter(file=file).count() == found.entries
    for entry in rows.filter(books=True):
        assert accounted(entry) == entry.amount, entry.line


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_own_files_are_imported_to_the_last_oere(path):
    check(path)


@pytest.mark.samples
@pytest.mark.skipif(not SAMPLES, reason="AUTOPAY_SAMPLES is not set: no shared sample files")
def test_shared_sample_files_are_imported_to_the_last_oere(subtests_of_samples):
    for path in subtests_of_samples:
        check(path)


@pytest.fixture
def subtests_of_samples():
    """Samples that hold entries; those the reader refuses are its own tests' matter."""
    found = []
    for path in THEIRS:
        try:
            if survey(path).type in ("camt.052", "camt.053", "camt.054"):
                found.append(path)
        except (Refused, OSError):
            continue
    assert found, "AUTOPAY_SAMPLES is set, but there is no camt file below it"
    return found
