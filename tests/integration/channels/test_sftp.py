"""The same by SFTP, against a real OpenSSH server: key login, pinned host key, atomic rename."""

import getpass
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from autopay_console import processes
from integration import sending
from integration.channels import sftp
from integration.channels.dropping import ChannelDown, Inlet
from payments import files, transfers
from payments.choices import LineStatus, TransferState
from payments.models import Transfer
from tests import build
from tests.integration.linking import a_released_transfer, sha256
from tests.waiting import eventually

SERVER = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.sftp,
    pytest.mark.skipif(SERVER is None, reason="OpenSSH's sshd is not installed: apt-get install openssh-server"),
]


class Server:
    """sshd for one test, on a free port, serving one folder."""

    def __init__(self, folder):
        self.folder, self.share = folder, folder / "share"
        self.share.mkdir()
        for name in ("host", "other", "client", "stranger"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        shutil.copy(folder / "client.pub", folder / "authorized")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        facts = {
            "ListenAddress": "127.0.0.1", "Port": self.port, "HostKey": folder / "host", "PidFile": "none",
            "AuthorizedKeysFile": folder / "authorized", "StrictModes": "no", "UsePAM": "no",
            "PasswordAuthentication": "no", "PermitRootLogin": "prohibit-password",
            "Subsystem": "sftp internal-sftp",
        }  # fmt: skip
        (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in facts.items()))
        if getpass.getuser() == "root":
            Path("/run/sshd").mkdir(exist_ok=True)
        command = [SERVER, "-D", "-e", "-f", str(folder / "config")]
        self.process = processes.start("sshd", command, folder)
        eventually(self._answers)

    def _answers(self):
        assert self.process.alive, self.process.tail()
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def address(self):
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{self.share}"

    @property
    def host_key(self):
        return (self.folder / "host.pub").read_text()

    def stop(self):
        self.process.stop()


@pytest.fixture
def server(tmp_path, settings):
    folder = tmp_path / "ssh"
    folder.mkdir()
    settings.SFTP_KEY_FILE, settings.DATA_AREA = str(folder / "client"), tmp_path / "files"
    running = Server(folder)
    yield running
    running.stop()


def a_transfer(server, **facts):
    facts = {"address": server.address, "channel_host_key": server.host_key, **facts}
    return a_released_transfer(build.a_company(), channel="sftp", **facts)


def statuses(transfer):
    return set(transfer.payment.lines.values_list("status", flat=True))


def test_a_file_is_delivered_whole_under_its_message_id(server):
    transfer = a_transfer(server)
    assert sending.send_transfer(transfer.pk) == TransferState.ACCEPTED
    [path] = (server.share / "out").iterdir()
    assert (path.name, sha256(path.read_bytes())) == (f"{transfer.msg_id}.xml", transfer.digest)
    assert statuses(transfer) == {LineStatus.TRANSFERRED}


def test_a_server_with_another_host_key_gets_nothing(server):
    other = (server.folder / "other.pub").read_text()
    transfer = a_transfer(server, channel_host_key=other)
    assert sending.send_transfer(transfer.pk) == TransferState.RELEASED
    transfer.refresh_from_db()
    assert "another host key" in transfer.last_error
    assert list(server.share.iterdir()) == []


def test_without_a_pinned_host_key_nothing_is_sent(server):
    transfer = a_transfer(server, channel_host_key="")
    assert sending.send_transfer(transfer.pk) == TransferState.RELEASED
    transfer.refresh_from_db()
    assert "no host key" in transfer.last_error


def test_a_server_that_does_not_know_our_key_is_told(server, settings):
    settings.SFTP_KEY_FILE = str(server.folder / "stranger")
    transfer = a_transfer(server)
    assert sending.send_transfer(transfer.pk) == TransferState.RELEASED
    transfer.refresh_from_db()
    assert "does not accept our key" in transfer.last_error


def test_a_server_that_is_down_leaves_the_file_waiting(server):
    transfer = a_transfer(server)
    server.stop()
    assert sending.send_transfer(transfer.pk) == TransferState.RELEASED


@pytest.mark.parametrize(
    ("where", "ends"),
    [("archive", TransferState.ACCEPTED), ("out", TransferState.ACCEPTED), ("error", TransferState.REFUSED)],
)
def test_an_unknown_file_is_looked_for_in_every_folder(server, where, ends):
    transfer = a_transfer(server)
    transfers.unknown(transfers.claim(transfer.pk), "the worker died")
    Transfer.objects.filter(pk=transfer.pk).update(not_before=None)
    (server.share / where).mkdir()
    (server.share / where / f"{transfer.msg_id}.xml").write_bytes(files.full_path(transfer.path).read_bytes())
    assert sending.send_transfer(transfer.pk) == ends


def test_files_for_us_are_fetched_and_archived(server, tmp_path):
    (server.share / "in").mkdir()
    (server.share / "in" / "camt.xml").write_bytes(b"x" * 3_000_000)
    inlet = Inlet(sftp.RemoteFolders(server.address, server.host_key))
    [file] = inlet.arrived()
    with (tmp_path / "fetched").open("wb") as into:
        assert inlet.fetch(file, into)
    inlet.taken(file)
    inlet.close()
    assert (tmp_path / "fetched").stat().st_size == 3_000_000
    assert [path.name for path in (server.share / "in" / "archive").iterdir()] == ["camt.xml"]


@pytest.mark.parametrize("address", ["", "/a/folder", "sftp://server/path", "ftp://user@server/path"])
def test_an_address_that_is_no_sftp_address_is_told(address):
    with pytest.raises(ChannelDown, match="sftp://user@server/path"):
        sftp.RemoteFolders(address, "ssh-ed25519 AAAA").listing("in")
