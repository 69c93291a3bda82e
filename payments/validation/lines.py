"""The rules that look at a payment's invoices themselves: whose account it is, and whether the debt is paid already."""

from __future__ import annotations

from collections.abc import Iterator

from autopay_console.kernel.sets import chunks
from payments.preparing.order_lines import live_lines
from payments.preparing.ordering import Desk
from payments.validation import payees, repeats
from payments.validation.finding import Finding

_SLICE = 900
_READ = ("supplier_id", "account", "amount", "pay_date", "payee_key", "kid", "entry__invoice_no")


def check(desk: Desk, *, doubles: bool = True) -> Iterator[Finding]:
    """Every invoice line, read once, in slices; `doubles` off leaves the comparison with other payments out."""
    lines = live_lines(desk.payment).filter(amount__gt=0).select_related("entry").only(*_READ)
    lines = lines.order_by("supplier_id", "line_no")
    seen: set[tuple[int, str]] = set()
    for some in chunks(lines.iterator(chunk_size=_SLICE), _SLICE):
        yield from payees.look(desk, payees.first_of_each(some, seen))
        if doubles:
            yield from repeats.look(desk, some)
