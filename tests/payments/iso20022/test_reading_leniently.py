"""What is read although it is not as it should be: always with a warning, never silently."""

import pytest

from tests.payments.iso20022.reading_tools import a_detail, an_entry, camt053, camt054, read, read_text


@pytest.mark.parametrize("version", ["02", "04", "08"])
def test_verified_versions_are_read_without_a_warning(tmp_path, version):
    status = "<Cd>BOOK</Cd>" if version == "08" else "BOOK"
    assert read_text(tmp_path, camt054(an_entry(status=status), version=version)).warnings == []


@pytest.mark.parametrize("version", ["05", "06", "10", "13"])
def test_other_versions_are_read_with_a_warning(tmp_path, version):
    status = "<Cd>BOOK</Cd>" if version > "07" else "BOOK"
    found = read_text(tmp_path, camt054(an_entry(status=status), version=version))
    assert found.warnings == ["unverified_version"]
    assert found.entry.booked


def test_a_file_without_namespace_is_read_by_its_elements(tmp_path):
    text = camt054(an_entry()).replace(' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"', "")
    found = read_text(tmp_path, text)
    assert (found.survey.type, found.survey.head.version, found.warnings) == ("camt.054", "", ["no_namespace"])


def test_another_namespace_that_names_the_message_is_read_with_a_warning(tmp_path):
    text = camt054(an_entry()).replace("urn:iso:std:iso:20022:tech:xsd:", "urn:example:bank:")
    assert read_text(tmp_path, text).warnings == ["foreign_namespace"]


def test_content_wins_over_a_namespace_of_another_message(tmp_path):
    found = read_text(tmp_path, camt054(an_entry()).replace("xsd:camt.054", "xsd:camt.053"))
    assert (found.survey.type, found.warnings) == ("camt.054", ["namespace_differs"])


def test_any_prefix_is_read():
    assert read("camt.054.001.08-mixed.xml").warnings == []


def test_children_that_lost_the_namespace_are_read_with_a_warning(tmp_path):
    text = (
        camt054(an_entry()).replace("<Document xmlns=", "<p:Document xmlns:p=").replace("</Document>", "</p:Document>")
    )
    found = read_text(tmp_path, text)
    assert (found.warnings, len(found.entries)) == (["namespace_lost"], 1)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("ISO-8859-1", "latin-1"), ("UTF-8", "utf-8"), ("windows-1252", "cp1252"), ("UTF-16", "utf-16")],
)
def test_every_usual_encoding_is_read(tmp_path, declared, codec):
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + camt054(
        an_entry(after="<AddtlNtryInf>Åse Øyen</AddtlNtryInf>")
    )
    found = read_text(tmp_path, text.encode(codec))
    assert found.entry.text == "Åse Øyen"
    assert found.survey.head.encoding == declared.upper()


def test_a_byte_order_mark_is_no_obstacle(tmp_path):
    found = read_text(tmp_path, b"\xef\xbb\xbf" + camt054(an_entry()).encode())
    assert (found.survey.head.encoding, len(found.entries)) == ("UTF-8", 1)


def test_an_unknown_element_is_named(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(after="<BankOwn>1</BankOwn>")))
    (warning,) = found.survey.warnings
    assert (warning.code, "BankOwn" in warning.text) == ("unknown_element", True)


def test_elements_in_another_order_are_read_with_a_warning(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(after="<NtryRef>7</NtryRef>")))
    assert (found.entry.entry_reference, found.warnings) == ("7", ["element_order"])


def test_a_missing_demanded_element_is_warned_of(tmp_path):
    text = camt054(an_entry()).replace("<BkTxCd><Prtry><Cd>230</Cd></Prtry></BkTxCd>", "")
    assert read_text(tmp_path, text).warnings == ["element_missing"]


def test_an_element_of_a_later_version_is_read_with_a_warning(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(a_detail("1000.00", refs="<UETR>u-1</UETR>"))))
    assert (found.detail.uetr, found.warnings) == ("u-1", ["other_version"])


def test_a_party_of_the_new_form_in_an_old_version_is_read_with_a_warning(tmp_path):
    more = "<RltdPties><Dbtr><Pty><Nm>Kunde AS</Nm></Pty></Dbtr></RltdPties>"
    found = read_text(tmp_path, camt054(an_entry(a_detail("1000.00", more=more))))
    assert (found.detail.debtor.name, found.warnings) == ("Kunde AS", ["other_version"])


def test_a_text_longer_than_allowed_is_kept_whole(tmp_path):
    long = "x" * 204
    found = read_text(tmp_path, camt054(an_entry(a_detail("1000.00", more=f"<RmtInf><Ustrd>{long}</Ustrd></RmtInf>"))))
    assert (found.detail.text, found.warnings) == ((long,), ["too_long"])


def test_yes_is_taken_for_true_with_a_warning(tmp_path):
    head = "<MsgPgntn><PgNb>1</PgNb><LastPgInd>YES</LastPgInd></MsgPgntn>"
    found = read_text(tmp_path, camt054(an_entry(), head=head))
    assert (found.survey.head.last_page, found.warnings) == (True, ["truth_word"])


def test_an_odd_creation_time_is_warned_of(tmp_path):
    text = camt054(an_entry()).replace("2026-11-20T06:00:00", "2026-11-20T06:00:00:735", 1)
    found = read_text(tmp_path, text)
    assert found.warnings == ["created_bad"]
    assert found.survey.head.created_at.isoformat() == "2026-11-20T06:00:00"


def test_a_message_without_id_is_warned_of(tmp_path):
    found = read_text(tmp_path, camt054(an_entry()).replace("<MsgId>M1</MsgId>", "<MsgId/>"))
    assert found.warnings == ["no_message_id"]


def test_a_wrong_iban_of_the_account_is_warned_of(tmp_path):
    found = read_text(tmp_path, camt054(an_entry(), account="<Id><IBAN>NO9486011117947</IBAN></Id><Ccy>NOK</Ccy>"))
    assert found.warnings == ["iban_bad"]


def test_an_unknown_currency_is_warned_of(tmp_path):
    account = "<Id><IBAN>NO9386011117947</IBAN></Id><Ccy>QQQ</Ccy>"
    found = read_text(tmp_path, camt054(an_entry(currency="QQQ", amount="1.2345"), account=account))
    assert found.warnings == ["currency_unknown"]


def test_the_banks_summary_is_compared(tmp_path):
    summary = "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>1000</Sum></TtlNtries></TxsSummry>"
    assert read_text(tmp_path, camt054(an_entry(), summary=summary)).warnings == ["summary"]


def test_a_summary_with_or_without_information_entries_is_right(tmp_path):
    for count in (1, 2):
        summary = f"<TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries></TtlNtries></TxsSummry>"
        text = camt054(an_entry(), an_entry(status="INFO"), summary=summary)
        assert read_text(tmp_path, text).warnings == []


def test_balances_that_do_not_meet_are_warned_of(tmp_path):
    assert read_text(tmp_path, camt053(an_entry(), closing="1000.00")).warnings == ["balance"]


def test_pending_entries_do_not_move_the_balance(tmp_path):
    assert read_text(tmp_path, camt053(an_entry(status="PDNG"))).warnings == []


def test_balances_of_a_page_are_not_compared():
    assert read("camt.053.001.02-page1.xml").warnings == []


def test_a_test_file_is_marked(tmp_path):
    assert read_text(tmp_path, camt054(an_entry(), head="<AddtlInf>SPS/1.7/TEST</AddtlInf>")).warnings == ["test_file"]


def test_a_message_with_nothing_inside_says_so(tmp_path):
    text = camt054(an_entry())
    start, end = text.index("<Ntfctn>"), text.index("</Ntfctn>") + len("</Ntfctn>")
    assert read_text(tmp_path, text[:start] + text[end:]).warnings == ["nothing_inside"]


def test_warnings_of_one_kind_are_counted_beyond_the_first(tmp_path):
    found = read_text(tmp_path, camt054(*(an_entry(after="<BankOwn/>") for _ in range(60))))
    assert (len(found.survey.warnings), found.survey.warnings_left_out) == (25, 35)


def test_a_warning_carries_its_words_for_other_languages(tmp_path):
    (warning,) = read_text(tmp_path, camt054(an_entry(after="<BankOwn/>"))).survey.warnings
    assert dict(warning.values) == {"element": "BankOwn", "parent": "Ntry"}
