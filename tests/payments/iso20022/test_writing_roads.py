"""Each road's codes, accounts and remittance as its country wants them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from payments.iso20022.order_kinds import (
    DanishGiro,
    Netting,
    PaymentType,
    ReferenceKind,
    Scheme,
    SwedishGiro,
    WriteWhen,
)
from payments.iso20022.orders import (
    Account,
    Address,
    Agent,
    Creditor,
    Document,
    Profile,
    Reference,
    Regulatory,
    TextLimit,
)
from payments.iso20022.payment_types import Urgency, Wish, charge_bearer, decide, netting, payment_type
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
    US_PAYEE,
    an_item,
    text,
    written,
)

OCR = Reference("1234574", ReferenceKind.OCR)
DANISH_PAYEE = Creditor("Kontor ApS", Account("81234567", Scheme.OCR), "DK", Address(country="DK"))
FINNISH_PAYEE = Creditor("Suomi Oy", Account("FI2112345600000785"), "FI")
LONDON = Creditor(
    "Thames Ltd",
    Account("GB29NWBK60161331926819"),
    "GB",
    Address(town="London", country="GB"),
    Agent(bic="NWBKGB2L"),
)


def test_a_krone_payment_is_never_marked_sepa(tmp_path):
    assert written(tmp_path, an_item(text="Invoice 1")).find(".//SvcLvl") is None


def test_euro_between_two_countries_of_sepa_is_sepa():
    assert payment_type(Wish(FJORDVIK, GERMAN_PAYEE, "EUR")) is PaymentType.SEPA


def test_pounds_to_britain_go_abroad_with_bic_and_uetr(tmp_path):
    uetr = "7C7B2F0E-4c0a-4d0e-9c3b-6f6a2b1d5e44"
    tree = written(tmp_path, an_item("10", "GBP", creditor=LONDON, text="Invoice 1", uetr=uetr))
    assert text(tree, "UETR") == uetr.lower()
    assert text(tree, "CdtrAgt/FinInstnId/BICFI") == "NWBKGB2L"
    assert text(tree, "SvcLvl/Cd") == "NURG"


def test_an_urgent_payment_abroad_is_urgent_and_an_instant_one_says_inst():
    urgent = decide(Wish(FJORDVIK, LONDON, "GBP", urgency=Urgency.URGENT), Profile()).terms
    instant = decide(Wish(FINNISH, GERMAN_PAYEE, "EUR", urgency=Urgency.INSTANT), Profile()).terms
    assert urgent.service_level.value == "URGP"
    assert (instant.service_level.value, instant.local_instrument.value) == ("SEPA", "INST")


def test_a_foreign_payment_names_our_norwegian_account_by_iban(tmp_path):
    tree = written(tmp_path, an_item("10", "EUR", creditor=GERMAN_PAYEE, text="1"))
    assert text(tree, "DbtrAcct/Id/IBAN") == "NO9386011117947"


@pytest.mark.parametrize(("code", "bearer"), [(0, "SHAR"), (1, "DEBT"), (2, "SHAR"), (3, "SHAR"), (4, "CRED")])
def test_the_charge_bearer_comes_from_the_fee_code(code, bearer):
    assert charge_bearer(PaymentType.US_WIRE, Wish(FJORDVIK, US_PAYEE, "USD", fee_code=code))[0] == bearer


def test_inside_the_eea_charges_are_shared_whatever_the_fee_code_says():
    wish = Wish(FJORDVIK, replace(BANKGIRO_PAYEE, account=SWEDISH.account), "SEK", fee_code=1)
    bearer, note = charge_bearer(payment_type(wish), wish)
    assert (bearer, note.code) == ("SHAR", "fee_code_eea")


def test_a_bank_that_wants_no_charge_bearer_at_home_still_gets_slev():
    profile = Profile(charge_bearer=WriteWhen.NOT_DOMESTIC)
    assert decide(Wish(SWEDISH, BANKGIRO_PAYEE, "SEK"), profile).terms.charge_bearer is None
    assert decide(Wish(SWEDISH, GERMAN_PAYEE, "EUR"), profile).terms.charge_bearer == "SLEV"


def test_a_swedish_account_is_sent_without_its_clearing_number(tmp_path):
    payee = Creditor("Lokal AB", Account("81059123456", Scheme.BBAN), "SE", Address(town="Umeå", country="SE"))
    tree = written(tmp_path, an_item("1", "SEK", SWEDISH, payee, text="1"))
    assert text(tree, "CdtrAgt//MmbId") == "8105"
    assert text(tree, "CdtrAcct/Id/Othr/Id") == "123456"


def test_a_plusgiro_has_its_own_clearing_number(tmp_path):
    payee = replace(BANKGIRO_PAYEE, account=Account("12345674", Scheme.PGNR))
    tree = written(tmp_path, an_item("1", "SEK", SWEDISH, payee, reference=OCR))
    assert text(tree, "CdtrAgt//MmbId") == "9960"
    assert text(tree, "CdtrAcct//SchmeNm/Cd") == "BBAN"


def test_the_other_swedish_dialect_names_the_giro_by_bic(tmp_path):
    profile = Profile(swedish_giro=SwedishGiro.MPNS)
    tree = written(
        tmp_path, an_item("1", "SEK", SWEDISH, BANKGIRO_PAYEE, reference=OCR, profile=profile), profile=profile
    )
    assert text(tree, "SvcLvl/Prtry") == "MPNS"
    assert text(tree, "CdtrAgt/FinInstnId/BICFI") == "BGABSESS"


def test_an_ocr_carries_its_amount_and_seb_gets_it_twice(tmp_path):
    profile = Profile(strd_due_amount=True)
    tree = written(tmp_path, an_item("1", "SEK", SWEDISH, BANKGIRO_PAYEE, reference=OCR), profile=profile)
    assert (text(tree, "DuePyblAmt"), text(tree, "RmtdAmt")) == ("1.00", "1.00")


def test_a_danish_card_73_has_text_and_no_reference(tmp_path):
    item = an_item("1", "DKK", DANISH, DANISH_PAYEE, reference=Reference("73/", ReferenceKind.FIK), text="Faktura 7")
    tree = written(tmp_path, item)
    assert text(tree, "Ustrd") == "Faktura 7"
    assert tree.find(".//Strd") is None


def test_one_danish_dialect_puts_the_card_kind_into_the_service_level(tmp_path):
    profile = Profile(danish_giro=DanishGiro.IBK)
    reference = Reference("71/000000000000018", ReferenceKind.FIK)
    item = an_item("1", "DKK", DANISH, DANISH_PAYEE, reference=reference, profile=profile)
    tree = written(tmp_path, item, profile=profile)
    assert text(tree, "SvcLvl/Prtry") == "IBK71"
    assert text(tree, "CdtrRefInf/Ref") == "000000000000018"


def test_a_danish_number_without_a_card_is_73_or_giro_01():
    giro = replace(DANISH_PAYEE, account=Account("1234567", Scheme.OCR))
    assert payment_type(Wish(DANISH, DANISH_PAYEE, "DKK")) is PaymentType.DK_FIK
    assert payment_type(Wish(DANISH, giro, "DKK")) is PaymentType.DK_GIRO


def test_an_older_norwegian_practice_nets_as_text_without_kid(tmp_path):
    profile = Profile(netting=Netting.AS_TEXT)
    documents = (Document("CINV", "1", Decimal(100), KID), Document("CREN", "2", Decimal(20)))
    tree = written(tmp_path, an_item("80", documents=documents), profile=profile)
    assert netting(PaymentType.NO_ACCOUNT, profile, with_reference=True) is Netting.AS_TEXT
    assert text(tree, "Ustrd") == "1 100,00 2 -20,00"
    assert tree.find(".//Strd") is None


def test_a_danish_giro_04_is_a_giro():
    wish = Wish(DANISH, DANISH_PAYEE, "DKK", Reference("04/0000000000000018", ReferenceKind.FIK))
    assert payment_type(wish) is PaymentType.DK_GIRO


def test_a_danish_account_is_padded_to_fourteen_digits(tmp_path):
    payee = Creditor("Kontor ApS", Account("0040116243", Scheme.BBAN), "DK", Address(country="DK"))
    tree = written(tmp_path, an_item("1", "DKK", DANISH, payee, text="Faktura 12345678 for november og mere til"))
    assert text(tree, "CdtrAcct/Id/Othr/Id") == "00400000116243"
    assert text(tree, "Ustrd") == ["Faktura 12345678 for november og", "mere til"]


def test_a_finnish_reference_stands_alone_in_a_sepa_payment(tmp_path):
    item = an_item("1", "EUR", FINNISH, FINNISH_PAYEE, reference=Reference("12344", ReferenceKind.FI))
    tree = written(tmp_path, item)
    assert item.terms.payment_type is PaymentType.FI_ACCOUNT
    assert text(tree, "CdtrRefInf/Ref") == "12344"
    assert tree.find(".//RfrdDocAmt") is None


def test_structured_remittance_of_a_sepa_payment_keeps_within_140_characters(tmp_path):
    reference = Reference("RF" + "9" * 23, ReferenceKind.RF)
    written(tmp_path, an_item("1", "EUR", creditor=GERMAN_PAYEE, reference=reference))
    raw = (tmp_path / "order.xml").read_text()
    assert len(raw[raw.index("<Strd>") : raw.index("</Strd>") + len("</Strd>")]) <= 140


def test_a_sepa_payment_lists_invoices_and_credit_notes_as_text(tmp_path):
    documents = (Document("CINV", "INV1", Decimal(100)), Document("CREN", "CREN7", Decimal(20)))
    tree = written(tmp_path, an_item("80", "EUR", creditor=GERMAN_PAYEE, documents=documents))
    assert text(tree, "Ustrd") == "INV1 100,00 CREN7 -20,00"


def test_extra_text_beside_a_kid_is_left_out(tmp_path):
    assert written(tmp_path, an_item(reference=KID, text="Hello")).find(".//Ustrd") is None


def test_a_bank_that_takes_both_gets_text_and_reference(tmp_path):
    tree = written(tmp_path, an_item(reference=KID, text="Hello"), profile=Profile(strd_and_ustrd=True))
    assert [e.tag for e in tree.find(".//RmtInf")] == ["Ustrd", "Strd"]


def test_a_message_keeps_to_the_banks_lines(tmp_path):
    profile = Profile(text_limits={PaymentType.NO_ACCOUNT: TextLimit(2, 20)})
    tree = written(tmp_path, an_item(text="Faktura 123456 og 789012 og 555555"), profile=profile)
    assert text(tree, "Ustrd") == ["Faktura 123456 og", "789012 og 555555"]


def test_a_dollar_clearing_payment_to_a_person_says_ppd(tmp_path):
    tree = written(tmp_path, an_item("1", "USD", creditor=US_PAYEE, us_ach=True, category_purpose="SALA"))
    assert text(tree, "LclInstrm/Cd") == "PPD"


def test_sweden_declares_a_code_without_text(tmp_path):
    declared = Regulatory("SE", "101", "Goods")
    tree = written(tmp_path, an_item("1", "USD", SWEDISH, US_PAYEE, regulatory=declared))
    assert text(tree, "RgltryRptg/Dtls/Cd") == "101"
    assert tree.find(".//RgltryRptg/Dtls/Inf") is None


def test_free_lines_stay_beside_town_and_country_which_are_not_said_twice(tmp_path):
    address = Address(town="Berlin", country="DE", lines=("Unter den Linden 1", "Berlin", "Hinterhof"))
    tree = written(tmp_path, an_item("1", "EUR", creditor=replace(GERMAN_PAYEE, address=address)))
    assert text(tree, "Cdtr/PstlAdr/AdrLine") == ["Unter den Linden 1", "Hinterhof"]


def test_an_own_company_payment_names_the_bank(tmp_path):
    payee = replace(NORWEGIAN_PAYEE, agent=Agent(bic="NDEANOKK"))
    tree = written(tmp_path, an_item(creditor=payee, category_purpose="INTC"))
    assert text(tree, "CdtrAgt/FinInstnId/BICFI") == "NDEANOKK"


def test_batch_booked_blocks_hold_one_currency(tmp_path):
    debtor = replace(FJORDVIK, batch_booking=True)
    items = [
        an_item("1", currency, debtor, LONDON, end_to_end_id=f"1-1-{currency}") for currency in ("GBP", "USD", "GBP")
    ]
    assert text(written(tmp_path, *items), "PmtInf/NbOfTxs") == ["2", "1"]


@pytest.mark.parametrize(
    ("kind", "reference", "practice"),
    [
        (PaymentType.NO_ACCOUNT, True, Netting.STRUCTURED),
        (PaymentType.SE_BANKGIRO, True, Netting.NEVER),
        (PaymentType.SE_BANKGIRO, False, Netting.AS_TEXT),
        (PaymentType.DK_FIK, False, Netting.NEVER),
        (PaymentType.SEPA, False, Netting.AS_TEXT),
    ],
)
def test_netting_follows_the_road(kind, reference, practice):
    assert netting(kind, Profile(), with_reference=reference) is practice


def test_every_road_is_valid_in_the_older_version_too(tmp_path):
    old = Profile(version=OLD)
    declared = Regulatory("NO", "14", "Goods")
    items = [
        an_item(reference=KID, end_to_end_id="1"),
        an_item("1", "GBP", creditor=LONDON, text="1", end_to_end_id="2"),
        an_item("1", "EUR", creditor=GERMAN_PAYEE, text="1", end_to_end_id="3"),
        an_item("1", "USD", creditor=US_PAYEE, regulatory=declared, exchange_contract="FX1", end_to_end_id="4"),
    ]
    assert text(written(tmp_path, *items, profile=old), "GrpHdr/NbOfTxs") == "4"
