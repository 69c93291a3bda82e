"""Opening a bank file safely: encoding, root, no DTD, no entities, no network, no includes, flat memory.

The opening (everything before the second element) is looked at by expat, which tells of a document type
before any of it is acted on; the rest is streamed by lxml with entities, DTD loading and network switched
off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO
from xml.parsers import expat

from lxml import etree

from payments.iso20022.messages import Refused
from payments.iso20022.notes import refuse

XINCLUDE = "http://www.w3.org/2001/XInclude"
_CHUNK = 1 << 16
_BOMS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


class _LocalNames(dict[object, str]):
    """Full tag → local name, so that any prefix (or a lost one) reads the same; filled as tags are met."""

    def __missing__(self, tag: object) -> str:
        name = tag.rpartition("}")[2] if isinstance(tag, str) else ""
        if len(self) < 5000:  # a file with invented names must not fill the memory
            self[tag] = name
        return name


LOCAL = _LocalNames()


def line_of(element: etree._Element) -> int:
    """The line an element starts on, for the sentence that names it."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first bytes tell: encoding, root element and the element inside it that names the message."""

    encoding: str
    namespace: str
    root: str
    message: str
    message_namespace: str
    version: str  # attribute of our own formats
    line: int


class _Look:
    """Collects the first two start tags; refuses document types on sight."""

    def __init__(self) -> None:
        self.encoding = ""
        self.tags: list[tuple[str, dict[str, str], int]] = []
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        self.encoding = (encoding or "").upper()

    def _doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        refuse("doctype", self.parser.CurrentLineNumber)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.tags) < 2:
            self.tags.append((name, attributes, self.parser.CurrentLineNumber))

    def seen_enough(self, chunk: bytes, *, last: bool) -> bool:
        try:
            self.parser.Parse(chunk, last)
        except (LookupError, ValueError):
            refuse("encoding_unknown", 1, encoding=self.encoding or "?")
        except expat.ExpatError as error:
            if len(self.tags) < 2:
                if error.code == expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]:
                    refuse("encoding_unknown", error.lineno, encoding=self.encoding or "?")
                reason = expat.errors.messages.get(error.code, str(error))
                refuse("not_well_formed", error.lineno, reason=reason)
        return len(self.tags) == 2


def opening(path: Path) -> Opening:
    """Look at the beginning of the file; refuse an empty file, a document type or something that is not
    XML.
    """
    look = _Look()
    with path.open("rb") as file:
        first = chunk = file.read(_CHUNK)
        if not first.strip(b"\0 \t\r\n"):
            refuse("empty")
        while chunk and not look.seen_enough(chunk, last=False):
            chunk = file.read(_CHUNK)
        if not chunk:
            look.seen_enough(b"", last=True)
    (root, attributes, line), (inner, _, inner_line) = (*look.tags, ("", {}, look.tags[0][2]))[:2]
    mark = next((name for mark, name in _BOMS if first.startswith(mark)), "")
    namespace, _, name = root.rpartition("}")
    inner_namespace, _, message = inner.rpartition("}")
    return Opening(
        encoding=mark or look.encoding or "UTF-8",
        namespace=namespace,
        root=name,
        message=message,
        message_namespace=inner_namespace,
        version=attributes.get("version", ""),
        line=inner_line or line,
    )


class Measured:
    """The file as the parser reads it, measured on the way: size and SHA-256 cost no extra pass."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("rb")
        self._digest = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Measured:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        self.size += len(data)
        return data

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def walk(source: Measured, tags: tuple[str, ...]) -> Iterator[etree._Element]:
    """The elements with these local names, each when it is complete, in file order; memory stays flat when
    the reader drops what it has used (see `drop`). Refuses what is not well-formed and any xi:include."""
    wanted = (*(f"{{*}}{tag}" for tag in tags), f"{{{XINCLUDE}}}*")
    events = etree.iterparse(
        source,
        events=("end",),
        tag=wanted,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    forbidden = f"{{{XINCLUDE}}}"
    try:
        for _, element in events:
            if element.tag.startswith(forbidden):
                refuse("xinclude", line_of(element))
            yield element
    except etree.XMLSyntaxError as error:
        refuse("not_well_formed", error.lineno, reason=error.msg)
    except (LookupError, UnicodeError) as error:
        refuse("not_well_formed", 0, reason=str(error))
    root = events.root
    if root is not None and root.getroottree().docinfo.internalDTD is not None:
        refuse("doctype")


def drop(element: etree._Element) -> None:
    """Forget a used element and its used equals before it (the parser itself still needs the newest one)."""
    element.clear()
    before = element.getprevious()
    while before is not None and before.tag == element.tag and (parent := element.getparent()) is not None:
        parent.remove(before)
        before = element.getprevious()


def child(element: etree._Element, *path: str) -> etree._Element | None:
    """The first descendant along a path of local names; for places that are not read a hundred thousand
    times.
    """
    for name in path:
        for candidate in element:
            if LOCAL[candidate.tag] == name:
                element = candidate
                break
        else:
            return None
    return element


def inner_text(element: etree._Element | None, *path: str) -> str:
    """The trimmed text at a path of local names, "" when it is not there."""
    found = child(element, *path) if element is not None else None
    return (found.text or "").strip() if found is not None else ""


def placed(error: Refused, name: str, entry: int) -> Refused:
    """The refusal with the file and entry it belongs to."""
    with suppress(AttributeError):
        error.file = name
        error.entry = error.entry or entry
    return error
