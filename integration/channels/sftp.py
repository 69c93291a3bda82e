"""SFTP as a way to the bank side: key login, the server's host key pinned, the same folders as on a share.

Address: `sftp://user@server[:port]/path`. The host key stands in the agreement as the bank gave it
(`ssh-ed25519 AAAA…`); a server with another key gets nothing.
"""

from __future__ import annotations

import base64
import stat
from contextlib import suppress
from typing import IO, cast
from urllib.parse import unquote, urlsplit

import paramiko
from django.conf import settings

from companies.models import BankAgreement
from integration.channels.dropping import PIECE, ChannelDown, DropChannel, Inlet, Listed, Misplaced

ERRORS = (paramiko.SSHException, OSError, EOFError)


class RemoteFolders:
    """Folders below one path of an SFTP server. The connection is made at first use."""

    errors: tuple[type[Exception], ...] = ERRORS

    def __init__(self, address: str, host_key: str) -> None:
        self.address = address
        self._host_key = host_key
        self._client: paramiko.SSHClient | None = None
        self._session: paramiko.SFTPClient | None = None
        self._root = ""

    def ready(self, folder: str) -> None:
        """Make a folder that is not there yet."""
        session, path = self._open(), ""
        for part in folder.split("/"):
            path = f"{path}/{part}" if path else part
            if not self._is(path, stat.S_ISDIR):
                try:
                    session.mkdir(self._at(path))
                except ERRORS as error:
                    raise ChannelDown(f"{self.address}/{path} cannot be made: {error}") from error

    def listing(self, folder: str) -> list[Listed]:
        """Files in a folder, without sub-folders."""
        self.ready(folder)
        try:
            rows = self._open().listdir_attr(self._at(folder))
        except ERRORS as error:
            raise ChannelDown(f"{self.address}/{folder} cannot be listed: {error}") from error
        return [
            Listed(row.filename, row.st_size or 0, float(row.st_mtime or 0))
            for row in rows
            if stat.S_ISREG(row.st_mode or 0)
        ]

    def exists(self, path: str) -> bool:
        """Whether a file is there; a broken line is an error, never a no."""
        return self._is(path, stat.S_ISREG)

    def read(self, path: str) -> IO[bytes]:
        """A file for reading."""
        file = self._open().open(self._at(path), "rb")
        file.prefetch()
        return cast("IO[bytes]", file)

    def write(self, path: str, source: IO[bytes]) -> None:
        """Write under an unfinished name; the server's size is compared, so a failure has sent nothing."""
        size = 0
        try:
            with self._open().open(self._at(path), "wb") as out:
                out.set_pipelined(True)
                while piece := source.read(PIECE):
                    out.write(piece)
                    size += len(piece)
            arrived = self._open().stat(self._at(path)).st_size
        except ERRORS as error:
            raise ChannelDown(f"{self.address}/{path} cannot be written: {error}") from error
        if arrived != size:
            raise ChannelDown(f"{self.address}/{path}: {arrived} of {size} bytes arrived.")

    def rename(self, old: str, new: str) -> None:
        """The moment of delivery, in one step; it fails when the name is taken."""
        try:
            self._open().rename(self._at(old), self._at(new))
        except ERRORS as error:
            raise Misplaced(f"{self.address}/{new}: {error}") from error

    def remove(self, path: str) -> None:
        """Take away an unfinished file of ours; what cannot be removed stays under its unfinished name."""
        with suppress(*ERRORS):
            self._open().remove(self._at(path))

    def close(self) -> None:
        """End the session."""
        if self._client:
            self._client.close()
        self._client = self._session = None

    def _is(self, path: str, kind: object) -> bool:
        try:
            mode = self._open().stat(self._at(path)).st_mode or 0
        except FileNotFoundError:
            return False
        except ERRORS as error:
            raise ChannelDown(f"{self.address}/{path} cannot be looked at: {error}") from error
        return bool(stat.S_ISDIR(mode) if kind is stat.S_ISDIR else stat.S_ISREG(mode))

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}" if self._root else path

    def _open(self) -> paramiko.SFTPClient:
        if self._session:
            return self._session
        parts = urlsplit(self.address)
        if parts.scheme != "sftp" or not parts.hostname or not parts.username:
            raise ChannelDown("Write the address of the bank agreement as sftp://user@server/path.")
        port, limit = parts.port or 22, settings.GATEWAY_CONNECT_SECONDS
        self._root = unquote(parts.path).rstrip("/")
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        known = parts.hostname if port == 22 else f"[{parts.hostname}]:{port}"
        kind, key = pinned(self._host_key)
        client.get_host_keys().add(known, kind, key)
        try:
            client.connect(
                parts.hostname,
                port,
                unquote(parts.username),
                key_filename=str(settings.SFTP_KEY_FILE),
                allow_agent=False,
                look_for_keys=False,
                timeout=limit,
                banner_timeout=limit,
                auth_timeout=limit,
            )
            self._session = client.open_sftp()
        except paramiko.BadHostKeyException as error:
            client.close()
            text = f"{parts.hostname} shows another host key than the bank agreement; ask the bank before changing it."
            raise ChannelDown(text) from error
        except paramiko.AuthenticationException as error:
            client.close()
            raise ChannelDown(f"{parts.hostname} does not accept our key for {parts.username}.") from error
        except (*ERRORS, ValueError) as error:
            client.close()
            raise ChannelDown(f"{parts.hostname}:{port} cannot be reached: {error}") from error
        self._client = client
        cast("paramiko.Channel", self._session.get_channel()).settimeout(settings.GATEWAY_READ_SECONDS)
        return self._session


def pinned(line: str) -> tuple[str, paramiko.PKey]:
    """The host key of an agreement: `type base64 [comment]`, as ssh-keyscan prints it after the server name."""
    words = line.split()
    start = next((at for at, word in enumerate(words) if word.startswith(("ssh-", "ecdsa-"))), None)
    if start is None or len(words) < start + 2:
        raise ChannelDown("The bank agreement has no host key; the bank publishes it (ssh-ed25519 AAAA…).")
    kind = words[start]
    try:
        raw = base64.b64decode(words[start + 1], validate=True)
        return kind, paramiko.PKey.from_type_string(kind, raw)
    except (OSError, ValueError, paramiko.SSHException) as error:
        raise ChannelDown(f"The host key of the bank agreement cannot be read: {error}") from error


def sftp_channel(agreement: BankAgreement) -> DropChannel:
    """The channel of an agreement whose address is an SFTP server."""
    return DropChannel(RemoteFolders(agreement.channel_address, agreement.channel_host_key))


def sftp_inlet(agreement: BankAgreement) -> Inlet:
    """Where files for us arrive."""
    return Inlet(RemoteFolders(agreement.channel_address, agreement.channel_host_key))
