"""Files that may not be used, and that the refusal names file, entry and line."""

import pytest

from payments.iso20022.messages import Refused
from payments.iso20022.reading import survey
from tests.payments.iso20022.reading_tools import MESSAGES, a_detail, an_entry, camt054, refused

BROKEN = {
    "bad-date.xml": ("date_bad", 2, 73),
    "comma-amount.xml": ("amount_bad", 2, 70),
    "doctype.xml": ("doctype", 0, 2),
    "element-in-amount.xml": ("amount_has_elements", 2, 70),
    "empty.xml": ("empty", 0, 0),
    "entity.xml": ("doctype", 0, 2),
    "include.xml": ("xinclude", 0, 78),
    "negative-amount.xml": ("amount_bad", 2, 70),
    "no-account.xml": ("account_missing", 0, 13),
    "no-currency.xml": ("currency_missing", 2, 70),
    "not-xml.csv": ("not_well_formed", 0, 1),
    "too-many-decimals.xml": ("decimals", 2, 70),
    "truncated.xml": ("not_well_formed", 0, 44),
    "two-documents.xml": ("not_well_formed", 0, 87),
    "unknown-encoding.xml": ("encoding_unknown", 0, 1),
    "unknown-type.xml": ("unknown_type", 0, 2),
    "wrong-direction.xml": ("direction_bad", 2, 71),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_entry_and_line(name):
    with pytest.raises(Refused) as caught:
        survey(MESSAGES / "broken" / name)
    refusal = caught.value
    assert (refusal.code, refusal.entry, refusal.line) == BROKEN[name]
    assert refusal.file == name
    assert name in str(refusal)


def test_every_broken_file_is_in_the_table():
    assert {path.name for path in (MESSAGES / "broken").iterdir()} == set(BROKEN)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", "amount_missing"),
        (" ", "amount_missing"),
        (".", "amount_missing"),
        ("-1.00", "amount_bad"),
        ("1,00", "amount_bad"),
        ("1 000.00", "amount_bad"),
        ("1e3", "amount_bad"),
        ("NaN", "amount_bad"),
        ("٣", "amount_bad"),
        ("1.001", "decimals"),
        ("1" * 16, "amount_too_large"),
    ],
)
def test_what_is_no_exact_amount_is_refused(tmp_path, amount, code):
    assert refused(tmp_path, camt054(an_entry(amount=amount))).code == code


@pytest.mark.parametrize(("currency", "code"), [("", "currency_missing"), ("kr", "currency_bad")])
def test_an_amount_without_a_real_currency_is_refused(tmp_path, currency, code):
    assert refused(tmp_path, camt054(an_entry(currency=currency))).code == code


def test_yen_have_no_decimals(tmp_path):
    assert refused(tmp_path, camt054(an_entry(amount="1500.50", currency="JPY"))).code == "decimals"


def test_decimals_of_a_detail_count_as_well(tmp_path):
    assert refused(tmp_path, camt054(an_entry(a_detail("1000.001")))).code == "decimals"


def test_an_entry_without_amount_is_refused(tmp_path):
    text = camt054(an_entry()).replace('<Amt Ccy="NOK">1000.00</Amt>', "")
    assert refused(tmp_path, text).code == "amount_missing"


def test_an_entry_with_two_amounts_is_refused(tmp_path):
    amount = '<Amt Ccy="NOK">1000.00</Amt>'
    text = camt054(an_entry()).replace(amount, amount + amount.replace("1000", "9000"))
    assert refused(tmp_path, text).code == "amount_repeated"


def test_an_entry_with_two_directions_is_refused(tmp_path):
    both = "<CdtDbtInd>CRDT</CdtDbtInd><CdtDbtInd>DBIT</CdtDbtInd>"
    text = camt054(an_entry()).replace("<CdtDbtInd>CRDT</CdtDbtInd>", both)
    assert refused(tmp_path, text).code == "amount_repeated"


def test_an_entry_without_direction_is_refused(tmp_path):
    text = camt054(an_entry()).replace("<CdtDbtInd>CRDT</CdtDbtInd>", "")
    assert refused(tmp_path, text).code == "direction_bad"


def test_an_unclear_reversal_mark_is_refused(tmp_path):
    text = camt054(an_entry()).replace("<Sts>", "<RvslInd>maybe</RvslInd><Sts>")
    assert refused(tmp_path, text).code == "truth_bad"


def test_a_day_that_does_not_exist_is_refused(tmp_path):
    assert refused(tmp_path, camt054(an_entry(dates="<BookgDt><Dt>2026-02-30</Dt></BookgDt>"))).code == "date_bad"


def test_another_iso_message_is_not_read(tmp_path):
    text = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.02"><CstmrDrctDbtInitn/></Document>'
    assert refused(tmp_path, text).code == "unknown_type"


def test_a_namespace_that_names_no_message_is_not_read(tmp_path):
    text = camt054(an_entry()).replace("camt.054.001.02", "camt")
    assert refused(tmp_path, text).code == "unknown_type"


def test_too_deep_a_file_is_refused_and_does_not_crash(tmp_path):
    text = camt054(an_entry()).replace("<NtryRef>", "").replace("<Ntry>", "<Ntry>" + "<a>" * 400, 1)
    assert refused(tmp_path, text).code == "not_well_formed"


def test_bytes_that_are_not_the_declared_encoding_are_refused(tmp_path):
    text = camt054(an_entry(after="<AddtlNtryInf>Åse</AddtlNtryInf>")).encode("latin-1")
    assert refused(tmp_path, text).code == "not_well_formed"


def test_a_character_xml_does_not_have_is_refused(tmp_path):
    assert refused(tmp_path, camt054(an_entry(before="<NtryRef>&#1;</NtryRef>"))).code == "not_well_formed"


def test_an_external_entity_is_never_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    text = f'<!DOCTYPE Document [<!ENTITY e SYSTEM "{secret.as_uri()}">]>' + camt054(
        an_entry(after="<AddtlNtryInf>&e;</AddtlNtryInf>")
    )
    refusal = refused(tmp_path, text)
    assert refusal.code == "doctype"
    assert "secret" not in refusal.text


def test_a_late_refusal_still_names_its_entry(tmp_path):
    entries = [an_entry() for _ in range(40)]
    entries[36] = "\n" * 5 + an_entry(amount="1,00")
    refusal = refused(tmp_path, camt054(*entries))
    assert (refusal.entry, refusal.line) == (37, 6)
