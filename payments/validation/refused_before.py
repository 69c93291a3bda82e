"""Did the bank say before that an account cannot be paid to? Sending to it again only brings the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Max
from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from companies.accounts import display
from payments.choices import LineStatus
from payments.iso20022.reasons import reason
from payments.models import PaymentLine
from payments.preparing.ordering import Desk
from payments.validation.finding import Finding, Remedy, warn

# Reasons that lie in the payee's account: wrong, closed, blocked (ISO 20022 external status reasons)
OF_THE_ACCOUNT = ("AC01", "AC03", "AC04", "AC06", "AC07")


def look(desk: Desk, lines: Iterable[PaymentLine]) -> Iterator[Finding]:
    """A warning on each of these lines whose account was refused and not paid to since; two queries at most."""
    for some in chunks(list(lines)):
        refused = _refused(desk, sorted({line.account for line in some}))
        for line in some:
            if line.account in refused:
                code, number = refused[line.account]
                text = _(
                    "The bank refused account %(account)s in payment %(number)s (%(code)s, %(why)s) and nothing was"
                    " paid to it since. Ask the supplier for a new account."
                )
                values = {"account": display(line.account), "number": number, "code": code, "why": reason(code).text}
                remedy = Remedy("supplier", (line.supplier_id,))
                yield warn("account_refused_before", text % values, line.pk, remedy)


def _refused(desk: Desk, accounts: list[str]) -> dict[str, tuple[str, int]]:
    """Reason and payment of the latest refusal of each account that nothing was paid to afterwards."""
    lines = PaymentLine.objects.filter(company=desk.company).order_by()
    rows = lines.filter(account__in=accounts, status=LineStatus.REJECTED, reason_code__in=OF_THE_ACCOUNT)
    last = {
        account: (pk, code, number)
        for account, pk, code, number in rows.order_by("pk").values_list(
            "account", "pk", "reason_code", "payment__number"
        )
    }
    if not last:
        return {}
    settled = lines.filter(account__in=list(last), status__in=(LineStatus.SETTLED, LineStatus.POSTED))
    paid = dict(settled.values_list("account").annotate(latest=Max("pk")))
    return {account: (code, no) for account, (pk, code, no) in last.items() if paid.get(account, 0) < pk}
