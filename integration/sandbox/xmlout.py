"""XML written tag by tag straight into the file, so that size does not matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from xml.sax.saxutils import escape, quoteattr

from integration.sandbox.delivery import Sink

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Xml:
    """Indented UTF-8; `leaf` leaves out what is empty."""

    def __init__(self, sink: Sink, root: str, **attributes: str) -> None:
        self._sink, self._root = sink, root
        self._attributes = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        self._lines: list[str] = []
        self._depth = 0

    @contextmanager
    def document(self) -> Iterator[Xml]:
        """Declaration and root around everything."""
        self._lines.append('<?xml version="1.0" encoding="UTF-8"?>')
        self._lines.append(f"<{self._root}{self._attributes}>")
        self._depth = 1
        yield self
        self._lines.append(f"</{self._root}>")
        self._flush()

    @contextmanager
    def inside(self, *tags: str) -> Iterator[None]:
        """One or several nested elements around what is written meanwhile."""
        for tag in tags:
            self._lines.append(f"{'  ' * self._depth}<{tag}>")
            self._depth += 1
        yield
        for tag in reversed(tags):
            self._depth -= 1
            self._lines.append(f"{'  ' * self._depth}</{tag}>")
        if len(self._lines) > 500:
            self._flush()

    def leaf(self, path: str, text: object, **attributes: str) -> None:
        """`leaf("Id/Othr/Id", "1")`: the last element holds the text; nothing at all when the text is empty."""
        clean = _NOT_XML.sub("", str(text)).strip() if text is not None else ""
        if not clean:
            return
        *outer, last = path.split("/")
        given = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        opening, closing = "".join(f"<{tag}>" for tag in outer), "".join(f"</{tag}>" for tag in reversed(outer))
        self._lines.append(f"{'  ' * self._depth}{opening}<{last}{given}>{escape(clean)}</{last}>{closing}")

    def _flush(self) -> None:
        self._sink.write(("\n".join(self._lines) + "\n").encode())
        self._lines = []
