"""Papers about a payment that was settled: payment confirmation and remittance advice, as PDF.

The page is plain on purpose: one heading, facts in two columns, a table. The built-in letters of PDF hold the Nordic
and West European alphabets; other letters are written by their nearest ones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN, LABEL, FULL = 20, 55, 170  # millimetres


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper says: heading, who writes, facts by label, a table with its headings, a last sentence."""

    title: str
    sender: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    foot: str = ""
    written_at: datetime | None = None


def as_pdf(paper: Paper) -> bytes:
    """The paper as A4 pages; the title is also the document's name."""
    from fpdf import FPDF  # with its fonts a fifth of the console's start; few processes ever write a paper

    pdf = FPDF(format="A4")
    pdf.set_title(written(paper.title))
    if paper.written_at:
        pdf.set_creation_date(paper.written_at)
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    pdf.cell(FULL, 6, written(paper.sender), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("helvetica", "B", 16)
    pdf.cell(FULL, 14, written(paper.title), new_x="LMARGIN", new_y="NEXT")
    for label, value in paper.facts:
        pdf.set_font("helvetica", "", 10)
        pdf.cell(LABEL, 6, written(label))
        pdf.set_font("helvetica", "B", 10)
        pdf.multi_cell(FULL - LABEL, 6, written(value), new_x="LMARGIN", new_y="NEXT")
    if paper.rows:
        _table(pdf, paper)
    if paper.foot:
        pdf.ln(6)
        pdf.set_font("helvetica", "", 9)
        pdf.multi_cell(FULL, 5, written(paper.foot))
    return bytes(pdf.output())


def _table(pdf: FPDF, paper: Paper) -> None:
    pdf.ln(6)
    pdf.set_font("helvetica", "", 9)
    with pdf.table(text_align=("LEFT",) * (len(paper.columns) - 1) + ("RIGHT",)) as table:
        for cells in (paper.columns, *paper.rows):
            row = table.row()
            for cell in cells:
                row.cell(written(cell))


def written(text: str) -> str:
    """With the letters the built-in font has; others lose their marks, and what is left becomes a question mark."""
    plain = text.replace("\u202f", " ").replace("–", "-").replace("“", '"').replace("”", '"').replace("’", "'")
    found = []
    for letter in plain:
        if ord(letter) < 256:
            found.append(letter)
        else:
            found.append("".join(one for one in unicodedata.normalize("NFKD", letter) if ord(one) < 256) or "?")
    return "".join(found)
