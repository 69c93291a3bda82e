"""A folder on this machine or a mounted share as a way to the bank side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from companies.models import BankAgreement
from integration.channels.dropping import PIECE, ChannelDown, DropChannel, Inlet, Listed, Misplaced


class LocalFolders:
    """Folders below one directory."""

    errors: tuple[type[Exception], ...] = (OSError,)

    def __init__(self, root: str) -> None:
        self.address = root or "(no folder)"
        self._root = Path(root)
        self._given = bool(root)

    def ready(self, folder: str) -> None:
        """Make a folder that is not there yet; the directory itself must exist (a share may not be mounted)."""
        if not self._given or not self._root.is_dir():
            raise ChannelDown(f"The folder {self.address} of the bank agreement is not there; is the share mounted?")
        try:
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ChannelDown(f"The folder {self._root / folder} cannot be used: {error}") from error

    def listing(self, folder: str) -> list[Listed]:
        """Files in a folder, without sub-folders."""
        self.ready(folder)
        found = []
        for path in (self._root / folder).iterdir():
            try:
                facts = path.stat()
            except FileNotFoundError:
                continue  # somebody took it between the look and the question
            if path.is_file():
                found.append(Listed(path.name, facts.st_size, facts.st_mtime))
        return found

    def exists(self, path: str) -> bool:
        """Whether a file is there; an unreachable directory is an error, never a no."""
        self.ready(path.rpartition("/")[0])
        return (self._root / path).is_file()

    def read(self, path: str) -> IO[bytes]:
        """A file for reading."""
        return (self._root / path).open("rb")

    def write(self, path: str, source: IO[bytes]) -> None:
        """Write and flush to the disk. Not under its final name yet, so a failure has sent nothing."""
        try:
            with (self._root / path).open("wb") as out:
                while piece := source.read(PIECE):
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise ChannelDown(f"{self._root / path} cannot be written: {error}") from error

    def rename(self, old: str, new: str) -> None:
        """The moment of delivery: in one step, and the folder flushed."""
        try:
            (self._root / old).rename(self._root / new)
            handle = os.open((self._root / new).parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise Misplaced(f"{self._root / new}: {error}") from error

    def remove(self, path: str) -> None:
        """Take away an unfinished file of ours."""
        (self._root / path).unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is held open."""


def folder_channel(agreement: BankAgreement) -> DropChannel:
    """The channel of an agreement whose address is a folder."""
    return DropChannel(LocalFolders(agreement.channel_address))


def folder_inlet(agreement: BankAgreement) -> Inlet:
    """Where files for us arrive."""
    return Inlet(LocalFolders(agreement.channel_address))
