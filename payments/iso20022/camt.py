"""camt.052, .053 and .054: the statements of a bank file and their entries, streamed.

One pass yields account after account and entry after entry; what has been handed out is forgotten, so a file
of any length needs the memory of its largest entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from lxml import etree

from payments.iso20022.camt_detail import Frame, detail
from payments.iso20022.camt_entry import entry
from payments.iso20022.camt_head import Header, Summary, account, header, summary
from payments.iso20022.camt_parts import Reading
from payments.iso20022.camt_sums import Tally, compare_balances, compare_summary
from payments.iso20022.messages import Account, Detail, Direction, Entry, Refused, Sums
from payments.iso20022.notes import Notes, refuse
from payments.iso20022.shapes import Unwatched
from payments.iso20022.values import direction
from payments.iso20022.xml import LOCAL, Measured, drop, line_of, placed, walk

Element = etree._Element
STATEMENTS = ("Rpt", "Stmt", "Ntfctn")
TAGS = ("GrpHdr", "Ntry", "TxDtls", "TxsSummry", *STATEMENTS)


@dataclass(slots=True)
class CamtReading:
    """The state of one pass over a camt file; afterwards it holds header, accounts, counts and sums."""

    reading: Reading
    known: tuple[Account, ...] = ()  # pass 2: the accounts the survey found
    head: Header = field(default_factory=Header)
    accounts: list[Account] = field(default_factory=list)
    entries: int = 0
    details: int = 0
    not_adding_up: int = 0
    sums: list[Sums] = field(default_factory=list)

    def walk(self, source: Measured) -> Iterator[tuple[Account, Entry]]:
        """Every entry with its account, in file order; refuses with file, entry and line."""
        try:
            yield from self._walk(source)
        except Refused as error:
            raise placed(error, self.reading.file, self.reading.notes.entry) from None

    def _walk(self, source: Measured) -> Iterator[tuple[Account, Entry]]:
        notes = self.reading.notes
        statement: Element | None = None
        current: Account | None = None
        frame: Frame | None = None
        details: list[Detail] = []
        tally = Tally()
        stated: Summary | None = None
        for element in walk(source, TAGS):
            name = LOCAL[element.tag]
            if name == "TxDtls":
                if frame is None:
                    if statement is None:
                        current, statement = self._account(element)
                    notes.begin_entry(self.entries + 1)
                    frame = self._frame(element, current)
                details.append(detail(element, frame, self.reading))
                drop(element)
            elif name == "Ntry":
                if frame is None:
                    if statement is None:
                        current, statement = self._account(element)
                    notes.begin_entry(self.entries + 1)
                    frame = self._frame(element, current)
                self.entries += 1
                self.details += len(details)
                if current is None:
                    refuse("account_missing", line_of(element), element="Ntry")
                found = self._entry(element, details, frame, current)
                tally.add(found)
                drop(element)
                yield current, found
                frame, details = None, []
                notes.end_entries()
            elif name in STATEMENTS:
                self._close(element, current if statement is element else None, tally, stated)
                statement, current, stated, tally = None, None, None, Tally()
                drop(element)
            elif name == "TxsSummry":
                stated = summary(element, self.reading)
            elif name == "GrpHdr":
                self.head = header(element, self.reading)

    def _account(self, element: Element) -> tuple[Account | None, Element | None]:
        """The account an entry belongs to: known from the survey, else read from what stands before the
        entry.
        """
        for above in element.iterancestors():
            if LOCAL[above.tag] in STATEMENTS:
                number = len(self.accounts)
                if self.known:
                    return self.known[number], above
                return account(above, number, _quiet(self.reading)), above
        return None, None

    def _frame(self, element: Element, current: Account | None) -> Frame:
        """Currency and direction of the entry, which stand before its details."""
        entry_element = element
        while LOCAL[entry_element.tag] != "Ntry":
            parent = entry_element.getparent()
            if parent is None:
                break
            entry_element = parent
        currency, way = "", None
        for part in entry_element:
            name = LOCAL[part.tag]
            if name == "Amt":
                currency = part.get("Ccy") or ""
            elif name == "CdtDbtInd":
                way = direction(part)
                break
        fallback: Direction = "credit"
        return Frame(
            currency or (current.currency if current else ""),
            way or fallback,
            current.country if current else "",
        )

    def _entry(self, element: Element, details: list[Detail], frame: Frame, current: Account) -> Entry:
        created = current.created_at or self.head.created_at
        message_day: date | None = created.date() if created is not None else None
        found = entry(element, self.entries, details, frame, current.currency, message_day, self.reading)
        if not found.adds_up:
            self.not_adding_up += 1
        return found

    def _close(self, element: Element, assumed: Account | None, tally: Tally, stated: Summary | None) -> None:
        """The statement is complete: read its head for good, compare summary and balances."""
        notes = self.reading.notes
        notes.end_entries()
        number = len(self.accounts)
        if self.known:
            self.accounts.append(self.known[number])
            return
        self.reading.shapes.look(LOCAL[element.tag], element)
        whole = account(element, number, self.reading)
        if assumed is not None and (assumed.currency, assumed.id) != (whole.currency, whole.id):
            refuse("account_after_entries", whole.line)
        if whole.page is None and self.head.page is not None:
            whole = replace(whole, page=self.head.page, last_page=self.head.last_page)
        self.accounts.append(whole)
        self.sums.extend(tally.sums(number))
        if stated is not None:
            compare_summary(stated, tally, notes)
        compare_balances(whole, tally, notes)


def _quiet(reading: Reading) -> Reading:
    """A reading whose warnings are dropped: the head is read again, for good, when the statement is
    complete.
    """
    notes = Notes()
    return Reading(notes, Unwatched("camt", reading.version, notes), reading.version, reading.file)
