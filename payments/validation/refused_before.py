"""Did the bank say before that an account cannot be paid to? Sending to it again only brings the same answer."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from companies.accounts import display
from companies.models import Company
from payments.choices import LineStatus
from payments.iso20022.reasons import reason
from payments.models import PaymentLine
from payments.validation.finding import Finding, Remedy, warn

# Reasons that lie in the payee's account: wrong, closed, blocked (ISO 20022 external status reasons)
OF_THE_ACCOUNT = ("AC01", "AC03", "AC04", "AC06", "AC07")
PAID = (LineStatus.SETTLED, LineStatus.POSTED)


def latest_of(company: Company) -> dict[str, Subquery]:
    """For rows with an `account`: its latest refused line, and its latest line that was paid."""
    lines = PaymentLine.objects.filter(company=company, account=OuterRef("account")).order_by("-pk").values("pk")
    refused = lines.filter(status=LineStatus.REJECTED, reason_code__in=OF_THE_ACCOUNT)
    return {"refused": Subquery(refused[:1]), "paid": Subquery(lines.filter(status__in=PAID)[:1])}


def look(refused: dict[int, PaymentLine]) -> Iterator[Finding]:
    """A warning on each of these lines; the key is the earlier line that was refused. No query when there is none."""
    for some in chunks(sorted(refused)):
        earlier = PaymentLine.objects.filter(pk__in=some).order_by("pk").annotate(number=F("payment__number"))
        for pk, code, number in earlier.values_list("pk", "reason_code", "number"):
            line = refused[pk]
            text = _(
                "The bank refused account %(account)s in payment %(number)s (%(code)s, %(why)s) and nothing was"
                " paid to it since. Ask the supplier for a new account."
            )
            values = {"account": display(line.account), "number": number, "code": code, "why": reason(code).text}
            yield warn("account_refused_before", text % values, line.pk, Remedy("supplier", (line.supplier_id,)))
