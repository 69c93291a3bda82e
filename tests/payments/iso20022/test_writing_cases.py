"""Test cases 1 to 19 of the ISO 20022 mapping: what we write, and what we refuse to write."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from payments import reference_rules
from payments.iso20022.checks import Surroundings, problems
from payments.iso20022.order_kinds import ReferenceKind, Scheme
from payments.iso20022.orders import Account, Address, Agent, Creditor, Document, Profile, Reference, Regulatory
from payments.iso20022.payment_types import Wish, decide
from tests.payments.iso20022.order_builders import (
    BANKGIRO_PAYEE,
    DANISH,
    FINNISH,
    FJORDVIK,
    GERMAN_PAYEE,
    KID,
    NORWEGIAN_PAYEE,
    OLD,
    SWEDISH,
    US_BANK,
    US_PAYEE,
    an_item,
    text,
    written,
)

SUNDAY_BEFORE = Surroundings(date(2026, 11, 22))


def codes(item, profile=None, around=SUNDAY_BEFORE):
    return {p.code for p in problems(item, profile or Profile(), around) if p.stops}


def warnings(item, profile=None):
    return {p.code for p in problems(item, profile or Profile(), SUNDAY_BEFORE) if not p.stops}


def test_case_1_a_norwegian_kid_goes_structured_without_text_and_without_bank(tmp_path):
    tree = written(tmp_path, an_item(reference=KID))
    assert text(tree, "CdtrRefInf/Ref") == "00001234500000100011"
    assert text(tree, "CdtrRefInf/Tp/CdOrPrtry/Cd") == "SCOR"
    assert text(tree, "RmtdAmt") == "1012.50"
    assert tree.find(".//Ustrd") is None
    assert tree.find(".//CdtrAgt") is None


def test_case_2_the_older_version_has_a_plain_date_the_old_bic_name_and_no_uetr(tmp_path):
    uetr = "7c7b2f0e-4c0a-4d0e-9c3b-6f6a2b1d5e44"
    tree = written(tmp_path, an_item(reference=KID, uetr=uetr), profile=Profile(version=OLD))
    assert text(tree, "ReqdExctnDt") == "2026-11-25"
    assert text(tree, "FinInstnId/BIC") == "DNBANOKK"
    assert tree.find(".//UETR") is None


def test_case_3_an_rf_reference_names_iso_as_its_issuer(tmp_path):
    tree = written(tmp_path, an_item(reference=Reference("RF798101642", ReferenceKind.RF)))
    assert text(tree, "CdtrRefInf/Tp/Issr") == "ISO"
    assert text(tree, "CdtrRefInf/Ref") == "RF798101642"


def test_case_4_a_kid_ending_in_a_hyphen_is_accepted_and_written_with_it(tmp_path):
    kid = "0006" + reference_rules.mod11_digit("0006")
    item = an_item(reference=Reference(kid, ReferenceKind.KID))
    assert kid == "0006-"
    assert codes(item) == set()
    assert text(written(tmp_path, item), "CdtrRefInf/Ref") == "0006-"


def test_case_5_an_invoice_and_a_credit_note_are_one_payment_that_lists_both(tmp_path):
    documents = (Document("CINV", "12345", Decimal(2500)), Document("CREN", "9001", Decimal(600)))
    item = an_item("1900", documents=documents)
    tree = written(tmp_path, item)
    assert text(tree, "InstdAmt") == "1900.00"
    assert text(tree, "RfrdDocInf/Tp/CdOrPrtry/Cd") == ["CINV", "CREN"]
    assert text(tree, "RmtdAmt") == "2500.00"
    assert text(tree, "CdtNoteAmt") == "600.00"
    assert codes(item) == set()


def test_case_6_two_swedish_ocr_invoices_are_two_transactions_with_one_ocr_each(tmp_path):
    items = [
        an_item(
            amount,
            "SEK",
            SWEDISH,
            BANKGIRO_PAYEE,
            reference=Reference(ocr, ReferenceKind.OCR),
            end_to_end_id=f"1-2045-{ocr}",
        )
        for amount, ocr in (("2500", "1234574"), ("100", reference_rules.make_ocr("999")))
    ]
    tree = written(tmp_path, *items)
    assert len(tree.findall(".//CdtTrfTxInf")) == 2
    assert [len(t.findall(".//CdtrRefInf")) for t in tree.iter("CdtTrfTxInf")] == [1, 1]
    assert text(tree, "CdtrAgt//MmbId") == ["9900", "9900"]
    assert text(tree, "CdtrAgt//ClrSysId/Cd") == ["SESBA", "SESBA"]
    assert text(tree, "CdtrAcct//SchmeNm/Prtry") == ["BGNR", "BGNR"]


def test_case_7_a_bank_may_want_bankgiro_payees_paid_from_our_bankgiro(tmp_path):
    profile = Profile(bankgiro_from_bankgiro=True)
    account = Creditor("Lokal AB", Account("60001234", Scheme.BBAN), "SE", Address(town="Umeå", country="SE"))
    items = [
        an_item("1", "SEK", SWEDISH, BANKGIRO_PAYEE, profile=profile, text="12"),
        an_item("2", "SEK", SWEDISH, account, profile=profile, end_to_end_id="1-2045-2"),
    ]
    tree = written(tmp_path, *items, profile=profile)
    assert len(tree.findall(".//PmtInf")) == 2
    assert text(tree, "DbtrAcct//SchmeNm/Prtry") == "BGNR"
    assert text(tree, "DbtrAcct/Id/Othr/Id") == "50501055"
    assert text(tree, "DbtrAcct/Id/IBAN") == "SE4550000000058398257466"


def test_case_8_a_swedish_salary_takes_no_remittance_and_says_so(tmp_path):
    person = Creditor("Anna Ek", Account("60001234", Scheme.BBAN), "SE", Address(town="Umeå", country="SE"))
    item = an_item("25000", "SEK", SWEDISH, person, category_purpose="SALA", text="November")
    tree = written(tmp_path, item)
    assert text(tree, "PmtTpInf/CtgyPurp/Cd") == "SALA"
    assert text(tree, "BtchBookg") == "true"
    assert tree.find(".//RmtInf") is None
    assert "text_dropped" in warnings(item)


def test_case_9_a_danish_card_line_becomes_creditor_number_and_padded_id(tmp_path):
    card = reference_rules.read_card(f"+71<{reference_rules.make_card_id('1', '71')}+81234567<")
    payee = Creditor("Kontor ApS", Account(card.creditor, Scheme.OCR), "DK", Address(country="DK"))
    reference = Reference(card.reference, ReferenceKind.FIK)
    tree = written(tmp_path, an_item("100", "DKK", DANISH, payee, reference=reference, text="not sent"))
    assert text(tree, "CdtrAcct/Id/Othr/Id") == "81234567"
    assert text(tree, "CdtrAcct//SchmeNm/Prtry") == "OCR"
    assert text(tree, "CdtrRefInf/Ref") == "71/000000000000018"
    assert tree.find(".//Ustrd") is None


def test_case_10_charges_follow_the_scheme_and_each_scheme_has_its_block(tmp_path):
    euro = decide(Wish(FJORDVIK, GERMAN_PAYEE, "EUR", fee_code=1), Profile())
    dollar = decide(Wish(FJORDVIK, US_PAYEE, "USD", fee_code=3), Profile())
    assert [n.code for n in euro.notes + dollar.notes] == ["fee_code_sepa", "fee_code_3"]
    tree = written(
        tmp_path,
        an_item("10", "EUR", creditor=GERMAN_PAYEE, fee_code=1, text="1"),
        an_item("10", "USD", creditor=US_PAYEE, fee_code=3, text="2", end_to_end_id="1-2045-2"),
    )
    assert text(tree, "PmtInf/ChrgBr") == ["SLEV", "SHAR"]
    assert text(tree, "SvcLvl/Cd") == ["SEPA", "URGP"]


def test_case_11_a_euro_payment_to_finland_without_iban_is_stopped():
    payee = Creditor("Suomi Oy", Account("12345600000785", Scheme.BBAN), "FI")
    assert "iban_missing" in codes(an_item("10", "EUR", FINNISH, payee, text="1"))


def test_case_12_a_dollar_payment_names_bank_town_and_what_it_is_for(tmp_path):
    declared = Regulatory("NO", "14", "Purchase of goods from the United States of America")
    item = an_item("18250", "USD", creditor=US_PAYEE, regulatory=declared, text="Invoice 45871")
    tree = written(tmp_path, item)
    assert text(tree, "CdtrAgt//ClrSysId/Cd") == "USABA"
    assert text(tree, "CdtrAgt//MmbId") == "021000021"
    assert text(tree, "CdtrAgt/FinInstnId/Nm") == "First Example Bank"
    assert text(tree, "CdtrAgt//PstlAdr/TwnNm") == "New York"
    assert text(tree, "RgltryRptg/DbtCdtRptgInd") == "DEBT"
    assert text(tree, "RgltryRptg/Dtls/Cd") == "14"
    assert all(len(line) <= 35 for line in text(tree, "RgltryRptg/Dtls/Inf"))
    assert codes(item, around=Surroundings(date(2026, 11, 22), Decimal(190_000))) == set()


def test_case_13_a_wrong_routing_number_is_stopped():
    payee = replace(US_PAYEE, agent=replace(US_BANK, clearing_member="021000022"))
    assert codes(an_item("10", "USD", creditor=payee, text="1")) == {"aba_check"}


def test_case_14_the_limit_of_100_000_itself_needs_a_declaration():
    item = an_item("9000", "USD", creditor=US_PAYEE, text="1")
    at_limit = Surroundings(date(2026, 11, 22), Decimal("100000.00"))
    below = Surroundings(date(2026, 11, 22), Decimal("99999.99"))
    assert codes(item, around=at_limit) == {"declaration_missing"}
    assert codes(item, around=below) == set()


def test_case_15_an_address_in_free_lines_stops_kronor_to_sweden_but_not_within_norway(tmp_path):
    lines = Address(lines=("Box 1", "123 45 Staden"), country="SE")
    swedish = an_item("1", "SEK", SWEDISH, replace(BANKGIRO_PAYEE, address=lines), text="1")
    norwegian = replace(NORWEGIAN_PAYEE, address=replace(lines, country="NO"))
    assert codes(swedish) == {"address_town"}
    assert codes(an_item(creditor=norwegian)) == set()
    address = written(tmp_path, an_item(creditor=norwegian)).find(".//Cdtr/PstlAdr")
    assert [(e.tag, e.text) for e in address] == [("Ctry", "NO")]


def test_case_16_a_name_is_brought_into_the_sepa_alphabet_with_a_note(tmp_path):
    payee = replace(GERMAN_PAYEE, name="Müller & Søn_ApS")
    item = an_item("10", "EUR", creditor=payee, text="1")
    assert text(written(tmp_path, item), "Cdtr/Nm") == "Muller + Son-ApS"
    assert "letters_replaced" in warnings(item)


def test_case_17_yen_have_no_decimals(tmp_path):
    bank = Agent(bic="BOTKJPJT")
    payee = Creditor("Nippon KK", Account("1234567", Scheme.BBAN), "JP", Address(town="Tokyo", country="JP"), bank)
    assert text(written(tmp_path, an_item("1500.00", "JPY", creditor=payee)), "InstdAmt") == "1500"
    assert "amount_decimals" in codes(an_item("1500.50", "JPY", creditor=payee))


def test_case_18_a_saturday_the_17th_of_may_and_a_past_day_are_never_sent_as_they_are():
    may = Surroundings(date(2027, 5, 10))
    assert codes(an_item(execution_date=date(2026, 11, 28))) == {"date_no_bank_day"}
    assert codes(an_item(execution_date=date(2027, 5, 17)), around=may) == {"date_no_bank_day"}
    assert codes(an_item(execution_date=date(2026, 11, 20))) == {"date_past"}


def test_case_19_control_sums_are_exact_in_block_and_file(tmp_path):
    items = [
        an_item(amount, end_to_end_id=f"1-2045-{number}") for number, amount in enumerate(("0.10", "0.20", "1000.00"))
    ]
    tree = written(tmp_path, *items)
    assert text(tree, "CtrlSum") == ["1000.30", "1000.30"]
    assert text(tree, "NbOfTxs") == ["3", "3"]
