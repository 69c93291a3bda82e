"""A status report or pain.002 that is loaded as a file moves lines; it books nothing."""

import pytest

from payments.choices import FileState, LineStatus
from payments.models import BankEntry
from tests.payments.bank_messages import a_sent_payment, statuses
from tests.payments.incoming.bank_files import a_receiving_company, load

pytestmark = pytest.mark.django_db


def an_answer(message):
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>P1</MsgId><CreDtTm>2026-11-25T09:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId>"
        "<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>ACTC</GrpSts></OrgnlGrpInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    )


def test_an_answer_to_a_file_nobody_sent_is_refused_with_its_reason():
    file = load(a_receiving_company(), an_answer("UNKNOWN-1"))
    assert (file.state, file.error_code) == (FileState.ERROR, "not_applied")
    assert "UNKNOWN-1" in file.error


def test_a_pain_002_loaded_by_hand_moves_the_lines_of_its_payment():
    company = a_receiving_company()
    payment = a_sent_payment(company, 2, bank_partner=company.bank_partners.get())
    file = load(company, an_answer(payment.transfers.get().msg_id))
    assert file.state == FileState.IMPORTED
    assert statuses(payment) == [LineStatus.ACKNOWLEDGED] * 2
    assert not BankEntry.objects.exists()
