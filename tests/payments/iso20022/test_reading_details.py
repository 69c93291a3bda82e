"""Who paid, for what, and with which references."""

from datetime import date
from decimal import Decimal

import pytest

from payments.iso20022.messages import Detail
from payments.iso20022.references import reference
from tests.payments.iso20022.reading_tools import a_detail, an_entry, camt054, read, read_text


def test_the_payer_stands_directly_or_inside_a_party():
    old = read("camt.054.001.02-credit.xml").entries[0].details[0]
    new = read("camt.054.001.08-mixed.xml").entries[0].details[0]
    assert (old.debtor.name, old.debtor.account) == (new.debtor.name, new.debtor.account)
    assert (new.debtor.name, new.debtor.account) == ("Nordlys Kafé AS", "12345678903")


def test_a_party_may_be_a_bank():
    assert read("camt.054.001.08-mixed.xml").entries[1].details[0].debtor.name == "Vestnes Sparebank"


def test_the_ultimate_debtor_is_the_payer():
    detail = read("camt.054.001.04-finnish.xml").entry.details[1]
    assert (detail.debtor.name, detail.payer) == ("Virtanen Ky", "Aino Virtanen")


def test_an_end_to_end_id_not_provided_is_empty():
    assert read("camt.054.001.02-credit.xml").entries[0].details[0].end_to_end_id == ""


def test_the_uetr_is_read():
    assert read("camt.054.001.08-mixed.xml").entries[0].details[0].uetr == "7c7b2f0e-4c0a-4d0e-9c3b-6f6a2b1d5e44"


def test_the_day_the_payer_ordered_it_is_kept():
    assert read("camt.054.001.02-credit.xml").entries[0].details[0].ordered_on == date(2026, 11, 19)


def test_invoices_and_credit_notes_keep_their_signs():
    documents = read("camt.054.001.04-finnish.xml").entry.details[0].documents
    assert [(paper.kind, paper.number, paper.amount) for paper in documents] == [
        ("CINV", "000123", Decimal("2500.00")),
        ("CREN", "7", Decimal("-600.00")),
    ]
    assert sum(paper.amount for paper in documents) == Decimal("1900.00")


def test_amounts_beside_references_alone_are_shares_without_number(tmp_path):
    strd = (
        '<RmtInf><Strd><RfrdDocAmt><RmtdAmt Ccy="NOK">2500.00</RmtdAmt></RfrdDocAmt><CdtrRefInf><Ref>2345676</Ref>'
        '</CdtrRefInf></Strd><Strd><RfrdDocAmt><CdtNoteAmt Ccy="NOK">600.00</CdtNoteAmt></RfrdDocAmt></Strd></RmtInf>'
    )
    documents = read_text(tmp_path, camt054(an_entry(a_detail("1000.00", more=strd)))).detail.documents
    assert [(paper.kind, paper.number, paper.reference) for paper in documents] == [
        ("CINV", "", "2345676"),
        ("CREN", "", ""),
    ]


def test_text_cut_by_the_bank_is_joined_without_a_blank():
    full = "x" * 35
    assert Detail(Decimal(1), "NOK", "credit", text=(full, "rest", "next")).message == f"{full}rest next"


def test_the_pieces_of_the_text_are_kept_as_sent():
    assert read("camt.054.001.02-credit.xml").entries[1].details[0].text == (
        "Faktura 12347 og kreditn",
        "ota 511",
    )


def test_the_banks_own_text_is_taken_when_there_is_no_other(tmp_path):
    detail = a_detail("1000.00", more="<AddtlTxInf>Invoice 12345</AddtlTxInf>")
    assert read_text(tmp_path, camt054(an_entry(detail))).detail.text == ("Invoice 12345",)


@pytest.mark.parametrize(
    ("value", "code", "country", "kind", "valid"),
    [
        ("00001234500000100011", "SCOR", "NO", "KID", True),
        ("00001234500000100012", "SCOR", "NO", "KID", False),
        ("0006-", "SCOR", "NO", "KID", True),
        ("123456785", "SCOR", "NO", "KID", True),
        ("1234574", "SCOR", "SE", "OCR", True),
        ("1234575", "SCOR", "SE", "OCR", False),
        ("00000000000000123453", "SCOR", "FI", "FI", True),
        ("1234561", "SCOR", "FI", "FI", True),
        ("RF798101642", "SCOR", "FI", "RF", True),
        ("RF79 8101 642", "SCOR", "NO", "RF", True),
        ("RF788101642", "SCOR", "NO", "RF", False),
        ("71/000000000000018", "SCOR", "DK", "FIK", True),
        ("71/000000000000019", "SCOR", "DK", "FIK", False),
        ("73/", "SCOR", "DK", "FIK", None),
        ("210000000003139471430009017", "QRR", "CH", "QRR", True),
        ("INV-77", "SCOR", "NO", "SCOR", False),
        ("INV-77", "", "", "SCOR", None),
    ],
)
def test_references_have_their_trade_name_and_check_digits(value, code, country, kind, valid):
    found = reference(value, code, country)
    assert (found.kind, found.valid) == (kind, valid)


def test_a_reference_without_a_type_is_still_a_reference(tmp_path):
    strd = "<RmtInf><Strd><CdtrRefInf><Ref>2345676</Ref></CdtrRefInf></Strd></RmtInf>"
    found = read_text(tmp_path, camt054(an_entry(a_detail("1000.00", more=strd)))).detail.references
    assert [(reference.kind, reference.valid) for reference in found] == [("KID", True)]


def test_the_banks_agent_is_the_partys_bic():
    assert read("camt.054.001.08-mixed.xml").entries[0].details[0].debtor.bic == "DNBANOKK"
