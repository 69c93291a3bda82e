"""Entries of camt files: what is booked, when, and on which account."""

from datetime import date
from decimal import Decimal

import pytest

from payments.iso20022.messages import Refused
from payments.iso20022.reading import entries, survey
from tests.payments.iso20022.reading_tools import (
    KID,
    a_detail,
    an_entry,
    camt053,
    camt054,
    read,
    read_text,
)


def test_a_norwegian_notification_gives_its_entries_and_details():
    found = read("camt.054.001.02-credit.xml")
    assert (found.survey.type, found.survey.head.version) == ("camt.054", "001.02")
    assert found.survey.head.message_id == "CAMT054-20261120-0001"
    assert [(entry.amount, len(entry.details)) for entry in found.entries] == [
        (Decimal("4012.50"), 3),
        (Decimal("500.00"), 1),
    ]
    assert found.warnings == []


def test_the_account_is_the_one_in_the_statement():
    account, _ = read("camt.054.001.02-credit.xml").pairs[0]
    assert (account.id, account.bban, account.iban, account.currency) == ("86011117947", "86011117947", "", "NOK")
    assert (account.owner, account.country, account.sequence) == ("Fjordvik Handel AS", "NO", "231")


def test_a_norwegian_iban_also_tells_the_eleven_digits():
    account, _ = read("camt.054.001.08-mixed.xml").pairs[0]
    assert (account.id, account.bban) == ("NO9386011117947", "86011117947")


def test_a_swedish_bankgiro_keeps_its_scheme_and_loses_its_hyphen():
    account, _ = read("camt.052.001.08-intraday.xml").pairs[0]
    assert (account.id, account.scheme, account.country) == ("50501055", "BGNR", "SE")


def test_several_statements_in_a_file_keep_their_entries_apart():
    found = read("camt.052.001.08-intraday.xml")
    assert [(account.currency, entry.amount) for account, entry in found.pairs] == [
        ("SEK", Decimal("750.00")),
        ("EUR", Decimal("216.85")),
    ]


def test_a_statement_without_entries_is_an_empty_day(tmp_path):
    found = read_text(tmp_path, camt053())
    assert found.entries == []
    assert [balance.code for balance in found.survey.accounts[0].balances] == ["OPBD", "CLBD"]


def test_an_overdrawn_balance_is_negative(tmp_path):
    found = read_text(tmp_path, camt053(an_entry(amount="150.00", way="DBIT"), closing="50.00", way="DBIT"))
    assert found.survey.accounts[0].balances[1].amount == Decimal("-50.00")
    assert found.warnings == []


def test_a_date_and_time_is_the_day_as_written():
    assert read("camt.054.001.02-credit.xml").entries[1].booking_date == date(2026, 11, 20)


def test_a_missing_value_date_is_the_booking_date():
    assert read("camt.054.001.02-credit.xml").entries[1].value_date == date(2026, 11, 20)


def test_an_entry_without_dates_takes_the_day_of_the_message_with_a_warning(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(dates="")))
    assert found.entry.booking_date == date(2026, 11, 20)
    assert found.warnings == ["no_entry_dates"]


def test_an_entry_with_only_a_value_date_is_booked_then_with_a_warning(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(dates="<ValDt><Dt>2026-11-23</Dt></ValDt>")))
    assert found.entry.booking_date == date(2026, 11, 23)
    assert found.warnings == ["no_booking_date"]


def test_a_pending_entry_needs_no_booking_date():
    entry = read("camt.052.001.08-intraday.xml").entries[0]
    assert (entry.status, entry.booked, entry.booking_date) == ("PDNG", False, None)


def test_only_booked_entries_are_booked(tmp_path):
    found = read_text(tmp_path, camt054(*(an_entry(status=status) for status in ("BOOK", "PDNG", "INFO", "FUTR"))))
    assert [entry.booked for entry in found.entries] == [True, False, False, False]


def test_an_unknown_status_is_kept_and_never_booked(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(status="DONE")))
    assert (found.entry.status, found.entry.booked) == ("DONE", False)
    assert found.entry.problems == ("status_unknown",)


def test_the_status_of_the_new_version_stands_in_a_code(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(status="<Cd>BOOK</Cd>"), version="08"))
    assert found.entry.booked
    assert found.warnings == []


def test_a_reversal_keeps_the_direction_the_bank_booked(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(way="DBIT").replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")))
    assert (found.entry.reversal, found.entry.direction, found.entry.signed) == (True, "debit", Decimal("-1000.00"))


def test_a_return_carries_the_code_of_the_return_list():
    entry = read("camt.054.001.08-mixed.xml").entries[1]
    returned = entry.details[0].returned
    assert (entry.reversal, entry.is_return, returned.code) == (True, True, "AC04")
    assert returned.text == "Konto avsluttet"
    assert entry.details[0].end_to_end_id == "1-2045-2"


def test_a_debit_batch_without_details_keeps_its_payment_id_and_count():
    entry = read("camt.054.001.02-debit.xml").entries[2]
    assert (entry.batch.payment_id, entry.batch.count, entry.details) == ("C1-B2046-01", 12, ())
    assert entry.adds_up


def test_a_debit_batch_names_our_message_payment_and_transactions():
    entry = read("camt.054.001.02-debit.xml").entries[0]
    assert (entry.batch.message_id, entry.batch.total) == ("AP1-20261122-000017", Decimal("6000.00"))
    assert [detail.end_to_end_id for detail in entry.details] == ["1-2045-1", "1-2045-2", "1-2045-3"]
    assert {(detail.message_id, detail.payment_id) for detail in entry.details} == {
        ("AP1-20261122-000017", "C1-B2045-01")
    }


def test_details_of_several_groups_in_one_entry_are_all_read(tmp_path):
    groups = f"{a_detail('400.00')}</NtryDtls><NtryDtls>{a_detail('600.00')}"
    assert len(read_text(tmp_path, camt054(an_entry(groups))).entry.details) == 2


def test_counts_and_totals_of_several_batches_are_added(tmp_path):
    batch = '<Btch><PmtInfId>P1</PmtInfId><NbOfTxs>1</NbOfTxs><TtlAmt Ccy="NOK">500.00</TtlAmt></Btch>'
    groups = f"{batch}{a_detail('500.00')}</NtryDtls><NtryDtls>{batch}{a_detail('500.00')}"
    entry = read_text(tmp_path, camt054(an_entry(groups))).entry
    assert (entry.batch.payment_id, entry.batch.count, entry.batch.total) == ("P1", 2, Decimal("1000.00"))
    assert entry.adds_up


def test_an_entry_tells_the_line_it_stands_on():
    assert [entry.line for entry in read("camt.054.001.02-credit.xml").entries] == [22, 68]


def test_lines_beyond_65535_are_still_right(tmp_path):
    text = camt054(an_entry()).replace("<Ntry>", "\n" * 70_000 + "<Ntry>")
    assert read_text(tmp_path, text).entry.line == 70_001


def test_a_copy_is_marked_as_one():
    account, _ = read("camt.054.001.08-mixed.xml").pairs[0]
    assert account.copy == "COPY"


def test_two_equal_entries_on_a_day_are_two_entries():
    found = read("camt.053.001.02-page2.xml")
    assert [(entry.amount, entry.direction) for entry in found.entries] == [(Decimal("100.00"), "debit")] * 2


def test_pages_are_told_by_the_header():
    pages = [read(f"camt.053.001.02-page{number}.xml").survey for number in (1, 2)]
    assert [(page.head.page, page.head.last_page) for page in pages] == [(1, False), (2, True)]


def test_two_pages_together_make_the_closing_balance():
    first, second = (read(f"camt.053.001.02-page{number}.xml") for number in (1, 2))
    opening, closing = first.survey.accounts[0].balances[0], second.survey.accounts[0].balances[1]
    booked = [entry.signed for entry in (*first.entries, *second.entries) if entry.booked]
    assert (opening.code, closing.code) == ("OPBD", "CLBD")
    assert opening.amount + sum(booked) == closing.amount


def test_bank_transaction_codes_are_kept_as_hints():
    codes = read("camt.054.001.02-credit.xml").entries[0].codes
    assert (codes.domain, codes.family, codes.sub_family, codes.proprietary, codes.issuer) == (
        "PMNT",
        "RCDT",
        "VCOM",
        "230",
        "NETS",
    )


def test_the_kid_is_read_with_its_check_digit():
    reference = read("camt.054.001.02-credit.xml").entries[0].details[0].references[0]
    assert (reference.kind, reference.value, reference.valid) == ("KID", KID, True)


def test_the_sums_of_the_survey_count_booked_entries_only():
    sums = read("camt.053.001.02-page1.xml").survey.sums[0]
    assert (sums.credits, sums.credit_sum, sums.debits) == (2, Decimal("4512.50"), 0)


def test_a_second_pass_refuses_another_file(tmp_path):
    path = tmp_path / "bank.xml"
    path.write_text(camt054(an_entry()))
    found = survey(path)
    path.write_text(camt054(an_entry(amount="9000.00")))
    with pytest.raises(Refused) as caught:
        list(entries(path, found))
    assert caught.value.code == "changed"
