"""Which amount a detail has, whether details add up, charges and currency exchange."""

from decimal import Decimal

import pytest

from tests.payments.iso20022.reading_tools import a_detail, an_entry, camt054, read, read_text


def test_a_charge_inside_the_entry_is_found_by_arithmetic():
    entry = read("camt.054.001.02-debit.xml").entries[1]
    assert (entry.amount, entry.details[0].amount) == (Decimal("1526.00"), Decimal("1500.00"))
    assert (entry.adds_up, entry.charges_included) == (True, True)


def test_a_charge_beside_the_entry_is_not_taken_from_it(tmp_path):
    fee = '<Chrgs><Amt Ccy="NOK">20.00</Amt></Chrgs>'
    entry = read_text(tmp_path, camt054(an_entry(a_detail("500.00", more=fee) + a_detail("500.00")))).entry
    assert (entry.adds_up, entry.charges_included) == (True, False)


def test_a_charge_taken_from_a_credit_is_found_by_arithmetic(tmp_path):
    fee = '<Chrgs><Amt Ccy="NOK">20.00</Amt></Chrgs>'
    entry = read_text(tmp_path, camt054(an_entry(a_detail("1020.00", more=fee)))).entry
    assert (entry.adds_up, entry.charges_included) == (True, True)


def test_a_refunded_charge_counts_the_other_way(tmp_path):
    fee = '<Chrgs><Amt Ccy="NOK">20.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Chrgs>'
    entry = read_text(tmp_path, camt054(an_entry(a_detail("980.00", more=fee)))).entry
    assert (entry.adds_up, entry.charges_included) == (True, True)


def test_records_count_and_the_total_does_not_double_them(tmp_path):
    fee = '<Chrgs><TtlChrgsAndTaxAmt Ccy="NOK">5.00</TtlChrgsAndTaxAmt><Rcrd><Amt Ccy="NOK">5.00</Amt></Rcrd></Chrgs>'
    entry = read_text(tmp_path, camt054(an_entry(parts=fee), version="04")).entry
    assert [charge.amount for charge in entry.charges] == [Decimal("5.00")]


def test_the_total_counts_when_there_is_no_record(tmp_path):
    fee = '<Chrgs><TtlChrgsAndTaxAmt Ccy="NOK">5.00</TtlChrgsAndTaxAmt></Chrgs>'
    entry = read_text(tmp_path, camt054(an_entry(parts=fee), version="08")).entry
    assert [charge.amount for charge in entry.charges] == [Decimal("5.00")]


def test_details_that_contradict_the_entry_are_an_exception_with_entry_and_line(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(), "\n" + an_entry(a_detail("250.00"), amount="300.00")))
    (warning,) = found.survey.warnings
    assert (warning.code, warning.entry, warning.line) == ("details_do_not_add_up", 2, 2)
    assert [entry.adds_up for entry in found.entries] == [True, False]
    assert found.survey.not_adding_up == 1


def test_a_detail_in_the_other_direction_is_counted_against(tmp_path):
    back = a_detail("200.00").replace("<AmtDtls>", "<CdtDbtInd>DBIT</CdtDbtInd><AmtDtls>")
    assert read_text(tmp_path, camt054(an_entry(a_detail("1200.00") + back), version="08")).entry.adds_up


def test_a_wrong_count_of_payments_is_an_exception(tmp_path):
    batch = "<Btch><NbOfTxs>3</NbOfTxs></Btch>"
    entry = read_text(tmp_path, camt054(an_entry(batch + a_detail("400.00") + a_detail("600.00")))).entry
    assert (entry.adds_up, entry.problems) == (False, ("batch_count",))


def test_a_wrong_batch_total_is_an_exception(tmp_path):
    batch = '<Btch><TtlAmt Ccy="NOK">900.00</TtlAmt></Btch>'
    entry = read_text(tmp_path, camt054(an_entry(batch))).entry
    assert (entry.adds_up, entry.problems) == (False, ("batch_total",))


def test_a_detail_of_zero_is_lawful(tmp_path):
    entry = read_text(tmp_path, camt054(an_entry(a_detail("1000.00") + a_detail("0.00")))).entry
    assert entry.adds_up


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ('<InstdAmt><Amt Ccy="NOK">1.00</Amt></InstdAmt><TxAmt><Amt Ccy="NOK">1000.00</Amt></TxAmt>', "1000.00"),
        ('<InstdAmt><Amt Ccy="NOK">1000.00</Amt></InstdAmt>', "1000.00"),
        (
            '<TxAmt><Amt Ccy="EUR">90.00</Amt></TxAmt><CntrValAmt><Amt Ccy="NOK">1000.00</Amt></CntrValAmt>',
            "1000.00",
        ),
        ("", "1000.00"),
    ],
    ids=["transaction before instructed", "instructed alone", "counter value", "a lone detail without any"],
)
def test_the_amount_of_a_detail_is_chosen_in_the_account_currency(tmp_path, amounts, expected):
    found = read_text(tmp_path, camt054(an_entry(a_detail(amounts=amounts))))
    assert found.detail.amount == Decimal(expected)
    assert found.entry.adds_up


def test_the_share_of_the_entry_comes_before_every_other_amount(tmp_path):
    detail = a_detail("7.00").replace("<AmtDtls>", '<Amt Ccy="NOK">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><AmtDtls>')
    assert read_text(tmp_path, camt054(an_entry(detail), version="08")).detail.amount == Decimal("1000.00")


def test_several_details_without_amounts_have_none_and_do_not_add_up(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(a_detail() + a_detail())))
    assert [detail.amount_known for detail in found.entry.details] == [False, False]
    assert (found.entry.adds_up, found.entry.problems) == (False, ("detail_without_amount",))


def test_an_entry_in_another_currency_than_the_account_is_an_exception(tmp_path):
    entry = read_text(tmp_path, camt054(an_entry(currency="EUR"))).entry
    assert entry.problems == ("entry_currency",)


def test_booked_instructed_and_counter_amount_are_told_apart():
    entry = read("camt.054.001.08-mixed.xml").entries[2]
    traded = entry.details[0].exchange
    assert (traded.booked.amount, traded.booked.currency) == (Decimal("11400.00"), "NOK")
    assert (traded.instructed.amount, traded.instructed.currency) == (Decimal("1000.00"), "EUR")
    assert (traded.counter.amount, traded.counter.currency) == (Decimal("11500.00"), "NOK")
    assert (traded.rate, traded.effective) == (Decimal("11.5"), Decimal("11.4"))


def test_an_exchange_without_rate_keeps_the_effective_one_and_no_warning():
    found = read("camt.052.001.08-intraday.xml")
    traded = found.entries[1].details[0].exchange
    assert found.entries[1].amount == Decimal("216.85")
    assert str(traded.effective).startswith("0.10412")
    assert found.warnings == []


@pytest.mark.parametrize("rate", ["10.00", "0.10", "1000"], ids=["r", "1/r", "r per 100"])
def test_a_rate_is_accepted_in_either_direction_and_unit(tmp_path, rate):
    exchange = f"<CcyXchg><SrcCcy>EUR</SrcCcy><XchgRate>{rate}</XchgRate></CcyXchg>"
    amounts = f'<InstdAmt><Amt Ccy="EUR">100.00</Amt>{exchange}</InstdAmt>'
    assert read_text(tmp_path, camt054(an_entry(a_detail("1000.00", amounts=amounts)))).warnings == []


def test_a_rate_that_fits_neither_way_is_warned_of(tmp_path):
    exchange = "<CcyXchg><SrcCcy>EUR</SrcCcy><XchgRate>7.5</XchgRate></CcyXchg>"
    amounts = f'<InstdAmt><Amt Ccy="EUR">100.00</Amt>{exchange}</InstdAmt>'
    found = read_text(tmp_path, camt054(an_entry(a_detail("1000.00", amounts=amounts))))
    assert found.warnings == ["exchange_rate"]
    assert found.entry.adds_up


def test_trailing_zeros_are_no_decimals(tmp_path):
    assert read_text(tmp_path, camt054(an_entry(amount="18.150"))).entry.amount == Decimal("18.15")


@pytest.mark.parametrize(
    ("currency", "amount", "expected"), [("JPY", "1500", "1500"), ("KWD", "1.234", "1.234"), ("NOK", ".5", "0.50")]
)
def test_each_currency_has_its_own_decimals(tmp_path, currency, amount, expected):
    account = f"<Id><IBAN>NO9386011117947</IBAN></Id><Ccy>{currency}</Ccy>"
    text = camt054(an_entry(amount=amount, currency=currency), account=account)
    assert str(read_text(tmp_path, text).entry.amount) == expected


def test_blanks_around_values_are_nothing(tmp_path):
    entry = read_text(
        tmp_path, camt054(an_entry(amount="\n 100.00 \n", reference="<AcctSvcrRef> R1 </AcctSvcrRef>"))
    ).entry
    assert (entry.amount, entry.bank_reference) == (Decimal("100.00"), "R1")
