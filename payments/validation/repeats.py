"""Is the same debt paid already, or on its way?"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from payments.duplicates import doubles
from payments.ordering import Desk, live_lines
from payments.validation.finding import Finding, Remedy, warn

_SLICE = 900


def check(desk: Desk) -> Iterator[Finding]:
    """Every line against all lines of the company within 60 days."""
    lines = live_lines(desk.payment).filter(amount__gt=0).select_related("entry").order_by("line_no")
    for some in chunks(lines.iterator(chunk_size=_SLICE), _SLICE):
        for line_id, earlier in doubles(desk.payment, some).items():
            text = _("Possible duplicate of %(others)s: same account, amount and reference, or same invoice.")
            shown = "; ".join(one.shown for one in earlier[:3])
            remedy = Remedy("payment_line", (line_id,))
            yield warn("duplicate", text % {"others": shown}, line_id, remedy)
