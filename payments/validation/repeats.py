"""Is the same debt paid already, or on its way?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from payments.models import PaymentLine
from payments.preparing.duplicates import doubles
from payments.preparing.ordering import Desk
from payments.validation.finding import Finding, Remedy, warn


def look(desk: Desk, lines: Sequence[PaymentLine]) -> Iterator[Finding]:
    """These lines against all lines of the company within 60 days."""
    for line_id, earlier in doubles(desk.payment, lines).items():
        text = _("Possible duplicate of %(others)s: same account, amount and reference, or same invoice.")
        shown = "; ".join(one.shown for one in earlier[:3])
        remedy = Remedy("payment_line", (line_id,))
        yield warn("duplicate", text % {"others": shown}, line_id, remedy)
