"""A file the bank side took and then put into its error folder: noticed, shown, and nothing moved by itself."""

import pytest

from integration import error_folders, sending
from integration.models import Exchange
from payments import files
from payments.choices import LineStatus
from payments.models import AnswerException, PaymentEvent
from tests import build
from tests.integration.linking import a_released_transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivered(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    share = tmp_path / "share"
    share.mkdir()
    transfer = a_released_transfer(build.a_company(), channel="folder", address=str(share))
    sending.send_transfer(transfer.pk)
    transfer.refresh_from_db()
    return transfer, share


def refuse(transfer, share):
    (share / "error").mkdir(exist_ok=True)
    (share / "out" / f"{transfer.msg_id}.xml").rename(share / "error" / f"{transfer.msg_id}.xml")
    (share / "error" / f"{transfer.msg_id}.txt").write_text("Agreement closed")


def test_it_is_told_once_with_the_banks_reason(delivered):
    transfer, share = delivered
    assert error_folders.look() == 0
    refuse(transfer, share)
    assert error_folders.look() == 1
    assert error_folders.look() == 0
    told = AnswerException.objects.get()
    assert told.payment == transfer.payment
    assert "Agreement closed" in told.text
    assert PaymentEvent.objects.filter(kind="error-folder").count() == 1
    assert Exchange.objects.get(kind="error-folder").outcome == "refused"


def test_nothing_is_moved_or_freed_by_it(delivered):
    transfer, share = delivered
    refuse(transfer, share)
    error_folders.look()
    assert set(transfer.payment.lines.values_list("status", flat=True)) == {LineStatus.TRANSFERRED}
    assert files.full_path(transfer.path).exists()


def test_a_share_that_is_gone_is_no_refusal(delivered):
    _transfer, share = delivered
    share.rename(share.with_name("elsewhere"))
    assert error_folders.look() == 0
    assert not AnswerException.objects.exists()
