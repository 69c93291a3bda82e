"""Files handed over by a folder: whole or not at all, once, and looked for when nobody is sure."""

import io

import pytest

from integration import sending
from integration.channels import dropping, folder
from integration.models import Exchange
from payments import files, transfers
from payments.choices import LineStatus, TransferState
from payments.models import Transfer
from tests import build
from tests.integration.linking import a_released_transfer, sha256

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_area(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def share(tmp_path):
    path = tmp_path / "share"
    path.mkdir()
    return path


def a_transfer(share, **facts):
    return a_released_transfer(build.a_company(), channel="folder", address=str(share), **facts)


def statuses(transfer):
    return set(transfer.payment.lines.values_list("status", flat=True))


def bytes_of(transfer):
    return files.full_path(transfer.path).read_bytes()


def make_unknown(transfer):
    held = transfers.claim(transfer.pk)
    transfers.unknown(held, "the worker died")
    Transfer.objects.filter(pk=transfer.pk).update(not_before=None)


def test_a_delivered_file_has_the_message_id_as_name_and_the_sealed_bytes(share):
    transfer = a_transfer(share)
    assert sending.send_transfer(transfer.pk) == TransferState.ACCEPTED
    assert [path.name for path in (share / "out").iterdir()] == [f"{transfer.msg_id}.xml"]
    assert sha256((share / "out" / f"{transfer.msg_id}.xml").read_bytes()) == transfer.digest


def test_completed_delivery_means_transferred(share):
    transfer = a_transfer(share)
    sending.send_transfer(transfer.pk)
    assert statuses(transfer) == {LineStatus.TRANSFERRED}


def test_delivery_is_in_the_log(share):
    transfer = a_transfer(share)
    sending.send_transfer(transfer.pk)
    row = Exchange.objects.get(kind="upload")
    assert (row.outcome, row.reference, row.count, row.total) == (
        "ok",
        transfer.msg_id,
        transfer.item_count,
        transfer.control_sum,
    )


@pytest.mark.parametrize("where", ["out", "archive"])
def test_an_unknown_file_found_at_the_bank_side_counts_as_delivered(share, where):
    transfer = a_transfer(share)
    make_unknown(transfer)
    (share / where).mkdir()
    (share / where / f"{transfer.msg_id}.xml").write_bytes(bytes_of(transfer))
    assert sending.send_transfer(transfer.pk) == TransferState.ACCEPTED
    assert statuses(transfer) == {LineStatus.TRANSFERRED}


def test_an_unknown_file_found_in_the_error_folder_is_refused_with_the_banks_reason(share):
    transfer = a_transfer(share)
    make_unknown(transfer)
    (share / "error").mkdir()
    (share / "error" / f"{transfer.msg_id}.xml").write_bytes(bytes_of(transfer))
    (share / "error" / f"{transfer.msg_id}.txt").write_text("Agreement closed")
    assert sending.send_transfer(transfer.pk) == TransferState.REFUSED
    transfer.refresh_from_db()
    assert transfer.refused_text == "Agreement closed"
    assert statuses(transfer) == {LineStatus.REFUSED}


def test_an_unknown_file_found_nowhere_is_delivered_now(share):
    transfer = a_transfer(share)
    make_unknown(transfer)
    assert sending.send_transfer(transfer.pk) == TransferState.ACCEPTED
    assert (share / "out" / f"{transfer.msg_id}.xml").exists()


def test_a_file_the_bank_has_taken_is_not_put_there_again(share):
    transfer = a_transfer(share)
    (share / "archive").mkdir()
    (share / "archive" / f"{transfer.msg_id}.xml").write_bytes(bytes_of(transfer))
    assert sending.send_transfer(transfer.pk) == TransferState.ACCEPTED
    assert not (share / "out" / f"{transfer.msg_id}.xml").exists()


def test_other_bytes_under_the_message_id_are_never_overwritten(share):
    transfer = a_transfer(share)
    (share / "out").mkdir()
    (share / "out" / f"{transfer.msg_id}.xml").write_bytes(b"somebody else's")
    assert sending.send_transfer(transfer.pk) == TransferState.REFUSED
    assert (share / "out" / f"{transfer.msg_id}.xml").read_bytes() == b"somebody else's"


def test_a_share_that_is_not_mounted_leaves_the_file_waiting(share):
    transfer = a_transfer(share)
    share.rmdir()
    assert sending.send_transfer(transfer.pk) == TransferState.RELEASED
    transfer.refresh_from_db()
    assert "mounted" in transfer.last_error
    assert statuses(transfer) == {LineStatus.AT_EFT}


def test_an_unknown_file_on_a_share_that_is_gone_stays_unknown(share):
    transfer = a_transfer(share)
    make_unknown(transfer)
    share.rmdir()
    assert sending.send_transfer(transfer.pk) == TransferState.UNKNOWN


@pytest.mark.parametrize("msg_id", ["../AP-1", "AP/1", "AP:1"])
def test_a_message_id_never_leads_out_of_the_folder(msg_id):
    assert "/" not in dropping.file_name(msg_id)


def an_inlet(share, monkeypatch):
    monkeypatch.setattr(dropping, "STILL_SECONDS", 0.05)
    (share / "in").mkdir()
    return dropping.Inlet(folder.LocalFolders(str(share)))


def test_a_file_that_still_grows_is_left_alone(share, monkeypatch):
    inlet = an_inlet(share, monkeypatch)
    growing = share / "in" / "camt.xml"
    growing.write_bytes(b"<Doc")
    monkeypatch.setattr(dropping.time, "sleep", lambda seconds: growing.write_bytes(b"<Document/>"))
    assert inlet.arrived() == []


@pytest.mark.parametrize("name", [".camt.xml", "camt.xml.part", "camt.xml.filepart", "camt.xml.TMP"])
def test_a_file_named_as_unfinished_is_left_alone(share, monkeypatch, name):
    inlet = an_inlet(share, monkeypatch)
    (share / "in" / name).write_bytes(b"<Document/>")
    assert inlet.arrived() == []


def test_a_whole_file_is_fetched_and_goes_to_the_archive(share, monkeypatch):
    inlet = an_inlet(share, monkeypatch)
    (share / "in" / "camt.xml").write_bytes(b"<Document/>")
    [file] = inlet.arrived()
    into = io.BytesIO()
    assert inlet.fetch(file, into)
    assert into.getvalue() == b"<Document/>"
    inlet.taken(file)
    assert (share / "in" / "archive" / "camt.xml").exists()
    assert inlet.arrived() == []


def test_a_second_file_of_the_same_name_is_archived_beside_the_first(share, monkeypatch):
    inlet = an_inlet(share, monkeypatch)
    for _time in range(2):
        (share / "in" / "camt.xml").write_bytes(b"<Document/>")
        [file] = inlet.arrived()
        inlet.taken(file)
    assert len(list((share / "in" / "archive").iterdir())) == 2


def test_an_unreadable_file_is_put_aside(share, monkeypatch):
    inlet = an_inlet(share, monkeypatch)
    (share / "in" / "what.bin").write_bytes(b"?")
    [file] = inlet.arrived()
    inlet.put_aside(file)
    assert (share / "in" / "error" / "what.bin").exists()
