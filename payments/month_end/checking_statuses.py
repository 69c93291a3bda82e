"""Statuses: a line is settled when a fact says so and posted when a voucher does; a header says what its lines say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from companies.models import Company
from payments import headers
from payments.choices import ON_THE_WAY, BatchState, FactKind, LineStatus, PaymentStatus
from payments.models import Payment, PaymentLine, SettlementFact, Voucher
from payments.month_end.checking_specs import Finding


def check_lines(company: Company) -> Iterator[Finding]:
    """5 has a settlement that is not posted, 6 one that is; nothing else has one in its round."""
    facts = SettlementFact.objects.filter(
        item=OuterRef("item"), kind=FactKind.SETTLED, round=OuterRef("item__settlement_round")
    )
    lines = PaymentLine.objects.filter(company=company).annotate(
        told=Exists(facts), booked=Exists(facts.filter(batch__state=BatchState.POSTED))
    )
    wrong = {
        _("settled, but no debit was told"): Q(status=LineStatus.SETTLED, told=False),
        _("settled, but its voucher is posted already"): Q(status=LineStatus.SETTLED, booked=True),
        _("posted, but no posted voucher is there"): Q(status=LineStatus.POSTED, booked=False),
        _("a debit was told, but the line is not settled"): Q(status__in=ON_THE_WAY, told=True),
        _("cancelled or refused, but a debit was told"): Q(
            status__in=(LineStatus.CANCELLED, LineStatus.REFUSED), told=True
        ),
    }
    for text, condition in wrong.items():
        for line in lines.filter(condition).select_related("payment").order_by("pk")[:100]:
            yield Finding("status fits vouchers", f"{line.payment.number}/{line.line_no}", text)


def check_facts(company: Company) -> Iterator[Finding]:
    """Every fact of a batch that is past building has its voucher."""
    voucher = Voucher.objects.filter(company=company, source_key=OuterRef("source_key"), batch=OuterRef("batch"))
    facts = SettlementFact.objects.filter(company=company, batch__isnull=False)
    unbooked = facts.exclude(batch__state=BatchState.BUILDING).filter(~Exists(voucher))
    for fact in unbooked.order_by("pk")[:100]:
        text = _("is in batch %(no)s, which holds no voucher for it") % {"no": fact.batch.number if fact.batch else "–"}
        yield Finding("status fits vouchers", fact.source_key, text)


def check_headers(company: Company) -> Iterator[Finding]:
    """The header's status is what its lines say."""
    statuses: dict[int, set[int]] = defaultdict(set)
    lines = PaymentLine.objects.filter(company=company).order_by()
    for payment_id, status in lines.values_list("payment_id", "status").distinct():
        statuses[payment_id].add(status)
    payments = Payment.objects.filter(company=company).order_by("pk").annotate(found=F("status"))
    for pk, number, status in payments.values_list("pk", "number", "found").iterator():
        expected = headers.payment_status(statuses[pk])
        if statuses[pk] and status != expected:
            said = {"says": PaymentStatus(status).label, "lines": expected.label}
            yield Finding(
                "header", _("payment %(no)s") % {"no": number}, _("says %(says)s, its lines say %(lines)s") % said
            )
