"""Lists of incoming payments: all of them, totals by why they are parked, possible double payments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from autopay_console.kernel.listing import SUM_LIMIT, count_up_to
from companies.models import Company
from payments.choices import IncomingState, ParkReason
from payments.lists import incoming_queries
from payments.models import CustomerEntry, IncomingPayment, Match

DOUBLE = (ParkReason.DOUBLE, ParkReason.POSSIBLE_REPEAT)
# What to mend, so that fewer payments are parked for the reason.
MENDS: dict[str, Any] = {
    ParkReason.NO_REFERENCE: gettext_lazy("Print a KID on every invoice. Remember words and payer accounts."),
    ParkReason.KID_UNKNOWN: gettext_lazy("Are the invoices registered here? Does the factoring company read the KID?"),
    ParkReason.KID_INVALID: gettext_lazy("Ask the bank to check the digits of the KID when the payer types it."),
    ParkReason.DOUBLE: gettext_lazy("Pay it back, or keep it on the customer's account."),
    ParkReason.AMOUNT_DIFFERS: gettext_lazy("Look at fees and cash discounts, and at the limit for small differences."),
    ParkReason.AMBIGUOUS: gettext_lazy("Give each invoice a KID of its own."),
    ParkReason.CURRENCY: gettext_lazy("Send the invoice in the account's currency, or name another account on it."),
    ParkReason.NO_DEFINITION: gettext_lazy("Register a factoring company for the account."),
    ParkReason.POSSIBLE_REPEAT: gettext_lazy("Ask the bank to mark copies, and to send each notification once."),
    ParkReason.DETAILS: gettext_lazy("Ask the bank why the details do not add up to the entry."),
    ParkReason.CUSTOMER_ONLY: gettext_lazy("Register the customer's invoices here, with their numbers."),
    ParkReason.SWITCHED_OFF: gettext_lazy("Switch the rule on again under Rules."),
}


def payments(company: Company) -> QuerySet[IncomingPayment]:
    """Every incoming payment of the company."""
    return IncomingPayment.objects.filter(company=company).select_related("assigned_to", "file")


def payment(company: Company, payment_id: UUID) -> IncomingPayment | None:
    """One payment with where it came from and what it became, or None."""
    rows = payments(company).select_related("entry", "voucher__batch", "repeat_of__file", "factoring", "decided_by")
    return rows.filter(pk=payment_id).first()


def by_word(word: str) -> Q:
    """What a plain word may be: a reference, an account, or how the payer's name begins."""
    return (
        Q(reference=word)
        | Q(bank_reference=word)
        | Q(archive_reference=word)
        | Q(payer_account=word)
        | Q(payer_name__istartswith=word)
    )


def few_parked(company: Company) -> bool:
    """Whether so few payments are parked that a page adds them up without being asked."""
    return count_up_to(incoming_queries.parked(company), SUM_LIMIT) <= SUM_LIMIT


def totals_by_reason(company: Company) -> list[dict[str, Any]]:
    """What is parked, by reason and currency, in words."""
    words = dict(ParkReason.choices)
    return [
        {
            "reason": reason,
            "label": words.get(reason, reason),
            "mend": MENDS.get(reason, ""),
            "currency": currency,
            "count": many,
            "amount": total,
        }
        for reason, currency, many, total in incoming_queries.totals(company)
    ]


def doubles(company: Company) -> QuerySet[IncomingPayment]:
    """Parked payments that look like money paid twice, or like a payment the bank told twice."""
    rows = payments(company).filter(state=IncomingState.PARKED, reason__in=DOUBLE)
    return rows.select_related("repeat_of__file")


def paid_before(rows: Sequence[IncomingPayment]) -> dict[UUID, list[Match]]:
    """For payments with a reference: the earlier payments that settled the invoice the reference names."""
    references = {row.reference for row in rows if row.reference}
    if not references:
        return {}
    company_id = rows[0].company_id
    entries = CustomerEntry.objects.filter(company_id=company_id, kid__in=references)
    kids = dict(entries.values_list("pk", "kid"))
    earlier = Match.objects.filter(entry_id__in=kids).select_related("incoming__voucher", "entry__customer")
    by_kid: dict[str, list[Match]] = {}
    for match in earlier.order_by("incoming__value_date", "id"):
        by_kid.setdefault(kids[match.entry_id or 0], []).append(match)
    return {row.pk: [one for one in by_kid.get(row.reference, []) if one.incoming_id != row.pk] for row in rows}
