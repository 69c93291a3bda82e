"""Remittance advice: the supplier is told by mail what was paid, once for every payment that was settled.

Opt-in of the company, and of each supplier with an e-mail address; salaries never. A settled fact carries the mark
until its mail stands in the outbox; the mail's key is the fact's own, so that nothing is told twice. In the supplier's
language, else the company's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from autopay_console.kernel.amounts import shown
from autopay_console.kernel.sets import chunks
from companies import mails
from companies.models import Supplier
from payments import story
from payments.choices import FactKind
from payments.models import Payment, PaymentLine, SettlementFact

QUIET = timedelta(seconds=5)  # a file that is still being told makes one mail a supplier, not ten
_MOST_FACTS = 500  # of one supplier in one mail


class _ToldMeanwhile(Exception):
    """Another worker tells this supplier."""


def due(limit: int = 200) -> list[tuple[int, date]]:
    """Payments and value dates with suppliers still to be told."""
    rows = SettlementFact.objects.filter(advise=True).order_by()
    young = set(rows.filter(created_at__gt=timezone.now() - QUIET).values_list("payment_id", "value_date").distinct())
    told = rows.values_list("payment_id", "value_date").distinct()[: limit + len(young)]
    return [one for one in told if one not in young][:limit]


def tell(payment_id: int, value_date: date) -> int:
    """Mail what was settled of a payment on one value date, a mail a supplier; how many mails were put out."""
    payment = Payment.objects.select_related("company", "bank_partner").get(pk=payment_id)
    facts = _marked(payment, value_date).select_related("item__supplier").order_by("item__position")
    by_supplier: dict[int, list[SettlementFact]] = defaultdict(list)
    for fact in facts.iterator(chunk_size=1_000):
        if len(by_supplier[fact.item.supplier_id]) < _MOST_FACTS:
            by_supplier[fact.item.supplier_id].append(fact)
    sent = 0
    for some in by_supplier.values():
        with suppress(_ToldMeanwhile):
            sent += _tell_one(payment, some)
    if sent:
        text = ngettext("Remittance advice to %(n)s supplier.", "Remittance advice to %(n)s suppliers.", sent)
        story.tell(payment.pk, "advised", text % {"n": sent})
    return sent


def _marked(payment: Payment, value_date: date) -> QuerySet[SettlementFact]:
    """Not yet told, and not brought back meanwhile; what came back loses its mark."""
    rows = SettlementFact.objects.filter(payment=payment, value_date=value_date, kind=FactKind.SETTLED, advise=True)
    back = SettlementFact.objects.filter(item=OuterRef("item"), round=OuterRef("round"), kind=FactKind.RETURNED)
    rows.filter(Exists(back)).update(advise=False)
    return rows


def _tell_one(payment: Payment, facts: Sequence[SettlementFact]) -> bool:
    supplier = facts[0].item.supplier
    with transaction.atomic():
        keys = [fact.pk for fact in facts]
        mine = sum(
            SettlementFact.objects.filter(pk__in=part, advise=True).update(advise=False) for part in chunks(keys)
        )
        if mine != len(keys):
            raise _ToldMeanwhile
        if not supplier.email or not supplier.remittance_advice:
            return False
        with translation.override(language_of(supplier)):
            subject = _("Remittance advice from %(company)s, %(day)s") % {
                "company": payment.company.name,
                "day": date_format(facts[0].value_date, "DATE_FORMAT"),
            }
            body = text_of(payment, facts)
        return mails.post(f"remittance:{facts[0].source_key}", [supplier.email], subject, body, company=payment.company)


def language_of(supplier: Supplier) -> str:
    """The supplier's language when the console speaks it, else the company's."""
    known = {code for code, _name in settings.LANGUAGES}
    return next((one for one in (supplier.language, supplier.company.language) if one in known), settings.LANGUAGE_CODE)


def text_of(payment: Payment, facts: Sequence[SettlementFact]) -> str:
    """The mail: each transaction with its reference and the invoices it paid, in the language in force."""
    lines = _lines(facts)
    parts = [_("We have paid the following to your account.")]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for fact in facts:
        item = fact.item
        sums[item.currency_id] += fact.amount
        head = _("%(day)s: %(amount)s %(currency)s to account %(account)s") % {
            "day": date_format(fact.value_date, "DATE_FORMAT"),
            "amount": shown(fact.amount),
            "currency": item.currency_id,
            "account": item.account,
        }
        rows = [head, *(_row(line) for line in lines[item.pk])]
        rows.append(_("Our reference: %(id)s") % {"id": item.end_to_end_id})
        if fact.bank_reference:
            rows.append(_("Bank reference: %(id)s") % {"id": fact.bank_reference})
        parts.append("\n".join(rows))
    for currency, amount in sorted(sums.items()):
        parts.append(_("In all %(amount)s %(currency)s") % {"amount": shown(amount), "currency": currency})
    parts.append(payment.company.name)
    return "\n\n".join(parts)


def _lines(facts: Sequence[SettlementFact]) -> dict[UUID, list[PaymentLine]]:
    found: dict[UUID, list[PaymentLine]] = defaultdict(list)
    for part in chunks([fact.item_id for fact in facts]):
        for line in PaymentLine.objects.filter(item__in=part).select_related("entry").order_by("line_no"):
            if line.item_id is not None:
                found[line.item_id].append(line)
    return found


def _row(line: PaymentLine) -> str:
    paid = line.amount if line.paid_amount is None else line.paid_amount
    words = _("Credit note %(no)s") if line.amount < 0 else _("Invoice %(no)s")
    parts = [words % {"no": line.entry.invoice_no}]
    if line.kid:
        parts.append(f"KID {line.kid}")
    parts.append(f"{shown(paid)} {line.currency_id}")
    if line.discount:
        parts.append(_("cash discount %(amount)s") % {"amount": shown(line.discount)})
    return f"  {' · '.join(parts)}"
