"""Tells the contacts of a bank agreement which lines a bank or AutoPay refused, sent back or cancelled.

One mail an address and run names all of them; a line is told once. Salaries are told as a count. Source: domain facts
3.3 (the e-mail contact list gets mail about rejected payments).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Company
from payments.choices import LineStatus, NoticeWhy
from payments.models import LineChange, Notice, Payment
from payments.preparing import noticing
from payments.preparing.noticing import Item, Receiver

LOOK_BACK = timedelta(days=7)  # what is older was told long ago, or happened before there was a contact
MOST = 2_000
SHOWN = 20
PAID = (LineStatus.SETTLED, LineStatus.POSTED)


@dataclass(slots=True)
class Refused:
    """The payment, and the changes of its lines that nobody told this address."""

    payment: Payment
    changes: list[LineChange]


def tell_refusals(company: Company) -> int:
    """Mail the contacts of each agreement what was refused since they were told last; how many mails."""
    changes = _changes(company)
    if not changes:
        return 0
    payments = {one.payment_id: one.payment for one in changes}
    by_address: dict[str, tuple[Receiver, list[Refused]]] = {}
    for payment in payments.values():
        mine = [one for one in changes if one.payment_id == payment.pk]
        for to in noticing.receivers(company, payment.agreement.contact_emails):
            by_address.setdefault(to.address.casefold(), (to, []))[1].append(Refused(payment, mine))
    return sum(_mail(company, to, found) for to, found in by_address.values())


def _changes(company: Company) -> list[LineChange]:
    """Refused, returned, or cancelled by somebody outside: a person here knows what they cancelled."""
    refused = Q(after__in=(LineStatus.REJECTED, LineStatus.REFUSED)) | Q(after=LineStatus.CANCELLED, made_by=None)
    rows = LineChange.objects.filter(
        refused, payment__company=company, at__gte=timezone.now() - LOOK_BACK, payment__agreement__contact_emails__gt=""
    )
    related = ("payment__agreement", "payment__bank_partner", "line__supplier", "line__entry")
    return list(rows.select_related(*related).order_by("pk")[:MOST])


def _mail(company: Company, to: Receiver, found: Sequence[Refused]) -> bool:
    last = _last_told(to, found)
    fresh = [
        Refused(one.payment, new)
        for one in found
        if (new := [step for step in one.changes if step.pk > last.get(one.payment.pk, 0)])
    ]
    if not fresh:
        return False
    items = [Item(one.payment, NoticeWhy.REFUSED, str(one.changes[-1].pk)) for one in fresh]
    with translation.override(to.language):
        many = sum(len(one.changes) for one in fresh)
        words = {"n": many, "company": company.name}
        subject = ngettext(
            "%(n)s payment of %(company)s was not paid", "%(n)s payments of %(company)s were not paid", many
        )
        parts = [_paragraph(company, one) for one in fresh]
        return noticing.send(to, items, subject % words, "\n\n".join(parts) + "\n", company)


def _last_told(to: Receiver, found: Sequence[Refused]) -> dict[int, int]:
    rows = Notice.objects.filter(
        address=to.address.casefold(), why=NoticeWhy.REFUSED, payment_id__in=[one.payment.pk for one in found][:1000]
    )
    last: dict[int, int] = defaultdict(int)
    for payment_id, mark in rows.values_list("payment_id", "mark"):
        last[payment_id] = max(last[payment_id], int(mark or 0))
    return last


def _paragraph(company: Company, one: Refused) -> str:
    head = _("Payment %(number)s from %(bank)s:") % {
        "number": one.payment.number,
        "bank": one.payment.bank_partner.name,
    }
    address = noticing.link(company, "mail_payment", one.payment.number)
    if one.payment.salary:
        many = len(one.changes)
        text = ngettext("%(n)s salary was not paid.", "%(n)s salaries were not paid.", many) % {"n": many}
        return "\n".join([head, text, address])
    lines = [_line(step) for step in one.changes[:SHOWN]]
    if len(one.changes) > SHOWN:
        lines.append(_("and %(count)s more") % {"count": len(one.changes) - SHOWN})
    return "\n".join([head, *lines, address])


def _line(step: LineChange) -> str:
    line = step.line
    what = _("came back after it was paid") if step.before in PAID else LineStatus(step.after).label
    why = " ".join(filter(None, (step.reason_code, step.reason_text)))
    words = {
        "supplier": line.supplier.name,
        "invoice": line.entry.invoice_no,
        "amount": f"{line.amount:.2f} {line.currency_id}",
        "what": what,
    }
    text = _("- %(supplier)s, invoice %(invoice)s, %(amount)s: %(what)s") % words
    return f"{text} ({why})" if why else text
