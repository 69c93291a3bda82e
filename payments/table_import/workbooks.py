"""Looks at a workbook before it is opened: the reader holds the whole sheet in memory, the empty cells too.

A few kilobytes can unpack to gigabytes, or hold one cell so far away that the sheet needs more memory than the machine
has; the reader would take the process with it. So every part is unpacked here once, against its own check sum, and
sheets are searched for cells that are far from where a table can be.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

LARGEST_UNPACKED = 1024 * 1024 * 1024  # a small XLSX may hide a large one
_PIECE = 1 << 20
_LONGEST_MARK = 64  # so much of a piece is looked at again with the next
_SHEETS = "xl/worksheets/"
_OTHER_FORMATS = ("content.xml", "xl/workbook.bin", "workbook.bin")  # read by other rules, with other ways to be large
_FAR = rb"(?P<far>(?:[A-Za-z]{3}|[H-Zh-z][A-Za-z]|[Gg][S-Zs-z])[0-9]|[A-Za-z]{0,2}0*(?:[5-9][0-9]{5}|[1-9][0-9]{6}))"
_WIDE = rb"(?P<wide>[B-Gb-g][A-Za-z][0-9])"
_DEEP = rb"(?P<deep>[A-Za-z]{0,2}0*(?:[5-9][0-9]{4}|[1-9][0-9]{5}))"


def _cell(*kinds: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"""r\s*=\s*["'](?:""" + b"|".join(kinds) + b")")


# far: behind column GR or below row 499 999; wide: behind AZ; deep: below 49 999. What was met is not looked for again.
_LOOK = {
    (False, False): _cell(_FAR, _WIDE, _DEEP),
    (True, False): _cell(_FAR, _DEEP),
    (False, True): _cell(_FAR, _WIDE),
}


class NotReadable(Exception):
    """The file is no table we can read; the text says why and what to do."""


def check(path: Path) -> None:
    """Raise NotReadable for a workbook that is damaged, larger than it says, or reaches too far."""
    facts = path.stat()
    problem = _problem(path, facts.st_size, facts.st_mtime_ns)
    if problem:
        raise NotReadable(_words()[problem])


def _words() -> dict[str, str]:
    return {
        "damaged": _("The workbook is damaged. Save it again and try once more."),
        "large": _("The workbook unpacks to more than 1 GB. Save the sheet as CSV."),
        "format": _("This is neither CSV nor XLSX. Save the table as one of them."),
        "far": _("The workbook holds cells far away from its table. Delete them, or save the sheet as CSV."),
    }


@lru_cache(maxsize=32)
def _problem(path: Path, size: int, changed: int) -> str:
    """Once a process for each file: an import reads it several times."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            if sum(one.file_size for one in parts) > LARGEST_UNPACKED:
                return "large"
            if any(one.filename in _OTHER_FORMATS for one in parts):
                return "format"
            for one in parts:
                with packed.open(one) as part:
                    if _reaches_far(part, looks=one.filename.startswith(_SHEETS)):
                        return "far"
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError):
        return "damaged"
    return ""


def _reaches_far(part: IO[bytes], *, looks: bool) -> bool:
    """Unpack a part to its end, where its check sum is compared; of a sheet see where its cells are."""
    before, met = b"", (False, False)
    while piece := part.read(_PIECE):
        if not looks:
            continue
        text, place = before + piece, 0
        while found := _LOOK[met].search(text, place):
            wide, deep = met[0] or found.lastgroup == "wide", met[1] or found.lastgroup == "deep"
            if found.lastgroup == "far" or (wide and deep):
                return True
            met, place = (wide, deep), found.start() + 1
        before = piece[-_LONGEST_MARK:]
    return False
