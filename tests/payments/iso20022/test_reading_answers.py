"""Answers to payment files: pain.002 and the status report."""

from datetime import date
from decimal import Decimal

import pytest

from payments.iso20022.codes import REPORT_STATUSES, STATUSES, status
from payments.iso20022.messages import Refused
from payments.iso20022.reading import status_report, survey
from payments.iso20022.reasons import REASONS, reason
from tests.payments.iso20022.reading_tools import MESSAGES

HEAD = "<GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-11-22T10:00:00</CreDtTm></GrpHdr>"


def answer(path):
    return status_report(path, survey(path))


def pain002(folder, inside, version="03"):
    path = folder / "answer.xml"
    path.write_text(
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>{HEAD}{inside}'
        "</CstmrPmtStsRpt></Document>"
    )
    return path


def group(inside=""):
    return (
        "<OrgnlGrpInfAndSts><OrgnlMsgId>AP1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>"
        f"{inside}</OrgnlGrpInfAndSts>"
    )


def test_an_answer_names_the_file_it_answers_without_padding():
    report = answer(MESSAGES / "pain.002.001.03-partly.xml")
    assert (report.original_message_id, report.group_status) == ("AP1-20261122-000017", "PART")
    assert (report.count, report.total) == (3, Decimal("6000"))


def test_a_rejected_payment_carries_its_reason_whole():
    report = answer(MESSAGES / "pain.002.001.03-partly.xml")
    rejected = report.payments[0].transactions[0]
    (given,) = rejected.reasons
    assert (rejected.status, rejected.end_to_end_id, given.code) == ("RJCT", "1-2045-2", "AC04")
    assert given.text.endswith("med riktig kontonummer")


def test_a_reason_text_cut_at_its_full_length_is_joined_without_a_blank(tmp_path):
    inside = f"<StsRsnInf><AddtlInf>{'x' * 105}</AddtlInf><AddtlInf>yz</AddtlInf></StsRsnInf>"
    report = answer(pain002(tmp_path, group(f"<GrpSts>RJCT</GrpSts>{inside}")))
    assert report.group_reasons[0].text == "x" * 105 + "yz"


def test_an_empty_reason_is_no_reason():
    report = answer(MESSAGES / "pain.002.001.03-partly.xml")
    assert len(report.payments[0].transactions[0].reasons) == 1


def test_a_transaction_without_status_and_ids_keeps_amount_and_account():
    bare = answer(MESSAGES / "pain.002.001.03-partly.xml").payments[0].transactions[1]
    assert (bare.status, bare.end_to_end_id) == ("", "")
    assert (bare.amount.amount, bare.creditor.account) == (Decimal("1000.00"), "NO6012345678903")


def test_a_block_may_be_rejected_without_naming_its_payments():
    block = answer(MESSAGES / "pain.002.001.03-partly.xml").payments[1]
    assert (block.id, block.status, block.transactions) == ("C1-B2045-02", "RJCT", ())
    assert (block.reasons[0].code, block.reasons[0].proprietary) == ("CAP1", True)


def test_the_banks_count_per_status_is_kept():
    assert answer(MESSAGES / "pain.002.001.03-partly.xml").payments[0].counts == (("RJCT", 1),)


def test_a_file_rejected_as_a_whole_has_no_blocks(tmp_path):
    inside = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>DU01</Cd></Rsn></StsRsnInf>"
    report = answer(pain002(tmp_path, group(inside)))
    assert (report.group_status, report.group_reasons[0].code, report.payments) == ("RJCT", "DU01", ())


def test_an_answer_without_any_status_is_read(tmp_path):
    assert answer(pain002(tmp_path, group())).group_status == ""


def test_a_payee_check_is_no_rejection():
    path = MESSAGES / "pain.002.001.10-payee-check.xml"
    checked = answer(path).payments[0].transactions[0]
    assert (checked.status, checked.reasons[0].text) == ("RVMC", "Mueller Maschinenbau GmbH")
    assert status("RVMC").line is None
    assert survey(path).warnings == ()


def test_an_unknown_status_is_kept_with_a_warning(tmp_path):
    path = pain002(tmp_path, group("<GrpSts>XYZZ</GrpSts>"))
    assert answer(path).group_status == "XYZZ"
    assert [warning.code for warning in survey(path).warnings] == ["status_word"]


def test_an_answer_to_nothing_is_refused(tmp_path):
    with pytest.raises(Refused) as caught:
        survey(pain002(tmp_path, ""))
    assert caught.value.code == "group_missing"


def test_an_answer_without_the_original_id_is_refused(tmp_path):
    with pytest.raises(Refused) as caught:
        survey(pain002(tmp_path, "<OrgnlGrpInfAndSts><GrpSts>ACTC</GrpSts></OrgnlGrpInfAndSts>"))
    assert caught.value.code == "original_missing"


def test_a_missing_message_name_is_only_warned_of(tmp_path):
    inside = "<OrgnlGrpInfAndSts><OrgnlMsgId>AP1</OrgnlMsgId><GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>"
    assert [warning.code for warning in survey(pain002(tmp_path, inside)).warnings] == ["element_missing"]


def test_the_status_report_tells_what_was_paid():
    report = answer(MESSAGES / "status-report.xml")
    paid = report.payments[1].transactions[0]
    assert (report.group_status, report.batch_id, report.bank_batch_id) == (
        "ACCEPTED_BY_BANK",
        "48211",
        "DNB-7781204",
    )
    assert (paid.status, paid.paid.amount, paid.paid_date) == ("PAID", Decimal("2900.00"), date(2026, 11, 25))
    assert (paid.fees[0].amount, report.payments[1].id) == (Decimal("2.50"), "C1-B2045-01")


def test_the_status_report_gives_reasons_of_the_same_list():
    rejected = answer(MESSAGES / "status-report.xml").payments[0].transactions[0]
    assert reason(rejected.reasons[0].code).text == "account closed"


def test_a_status_report_without_status_is_refused(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text((MESSAGES / "status-report.xml").read_text().replace("<Status>PAID</Status>", ""))
    with pytest.raises(Refused) as caught:
        survey(path)
    assert (caught.value.code, caught.value.line) == ("status_missing", 19)


@pytest.mark.parametrize(
    ("code", "line"),
    [("RCVD", None), ("ACTC", 3), ("ACSP", 3), ("ACSC", 3), ("PART", None), ("RJCT", 4), ("CANC", 7)],
)
def test_bank_statuses_lead_to_line_statuses(code, line):
    assert status(code).line == line


@pytest.mark.parametrize(
    ("code", "line"),
    [("SENT_TO_BANK", 2), ("DEFICIENT", 7), ("CANCELLED", 7), ("REFUSED", 10), ("PAID", 3), ("NEW", None)],
)
def test_central_statuses_lead_to_line_statuses(code, line):
    assert status(code, report=True).line == line


def test_later_knowledge_has_a_higher_rank():
    order = ["RCVD", "ACTC", "ACCP", "PDNG", "ACWC", "ACSP", "ACSC", "RJCT"]
    ranks = [STATUSES[code].rank for code in order]
    assert ranks == sorted(ranks)


def test_no_status_settles_a_line_by_itself():
    assert all(row.line != 5 for row in (*STATUSES.values(), *REPORT_STATUSES.values()))


@pytest.mark.parametrize("code", ["AC14", "AC16", "BE08", "DT02"])
def test_some_codes_mean_another_thing_in_a_return(code):
    assert reason(code, "return").text != reason(code, "status").text


def test_every_reason_has_words_and_a_next_step():
    assert all(meaning.text and meaning.advice for meaning in REASONS.values())


def test_an_unknown_reason_sends_a_person_to_the_bank():
    assert (reason("CAP1").known, reason("CAP1").advice) == (False, "ask the bank")


def test_the_reference_of_an_answered_payment_is_told_although_an_answer_is_read_once(tmp_path):
    reference = "<CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf>"
    inside = (
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId><TxInfAndSts><TxSts>RJCT</TxSts><OrgnlTxRef>"
        f"<RmtInf><Strd>{reference}</Strd></RmtInf></OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts>"
    )
    (payment,) = answer(pain002(tmp_path, group() + inside)).payments
    assert payment.transactions[0].references[0].value == "RF18539007547034"
