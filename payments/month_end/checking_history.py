"""History: status changes and approvals chained to the one before, every voucher as sealed, every file as approved."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from operator import attrgetter

from django.db.models import Count, Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from companies.models import Company
from payments import files
from payments.books.ledger import seal_of as seal_of_voucher
from payments.choices import LineStatus
from payments.lifecycle import START_OF_CHAIN, seal_of
from payments.models import Approval, LineChange, Payment, PaymentLine, PreApproval, Transfer, Voucher
from payments.month_end.checking_specs import Finding
from payments.releasing import preapproving, signatures

_CHECK = "history"


def check_changes(company: Company) -> Iterator[Finding]:
    """The chain of each line: unbroken from 1 on, each step where the last one ended, the last one is the status."""
    lines = PaymentLine.objects.filter(company=company)
    without = lines.exclude(status=LineStatus.ESTIMATE).filter(~Exists(LineChange.objects.filter(line=OuterRef("pk"))))
    for line in without.select_related("payment").order_by("pk")[:100]:
        yield Finding(_CHECK, _line(line), _("the line has no history"))
    rows = LineChange.objects.filter(line__company=company).order_by("line_id", "pk")
    for line_ids, changes in _by_lines(rows.iterator(chunk_size=2000)):
        now = {line.pk: line for line in lines.filter(pk__in=line_ids).select_related("payment")}
        for line_id, steps in changes.items():
            if fault := _broken(now[line_id], steps):
                yield Finding(_CHECK, _line(now[line_id]), fault)


def _by_lines(rows: Iterator[LineChange]) -> Iterator[tuple[list[int], dict[int, list[LineChange]]]]:
    """Changes of up to 1 000 lines at a time, each line's in order."""
    grouped = ((line_id, list(steps)) for line_id, steps in groupby(rows, attrgetter("line_id")))
    for part in chunks(grouped):
        changes = dict(part)
        yield list(changes), changes


def _broken(line: PaymentLine, steps: list[LineChange]) -> str:
    seal, before = START_OF_CHAIN, int(LineStatus.ESTIMATE)
    for step in steps:
        seal = seal_of(seal, step)
        if step.seal != seal:
            return _("the change to %(status)s was altered, or one before it was removed") % {"status": step.after}
        if step.before != before:
            return _("a change to %(status)s is missing") % {"status": step.before}
        before = step.after
    if line.status != before:
        return _("the status is %(status)s, its history ends at %(last)s") % {"status": line.status, "last": before}
    return ""


def check_seals(company: Company) -> Iterator[Finding]:
    """Every voucher is still what was booked."""
    vouchers = Voucher.objects.filter(company=company).order_by("pk").prefetch_related("postings")
    for voucher in vouchers.iterator(chunk_size=500):
        postings = sorted(voucher.postings.all(), key=attrgetter("position"))
        if voucher.seal != seal_of_voucher(voucher, postings):
            about = _("voucher %(series)s %(no)s") % {"series": voucher.series, "no": voucher.number or "–"}
            yield Finding("seals", about, _("the voucher was altered after it was booked"))


def check_approvals(company: Company) -> Iterator[Finding]:
    """Every approval is what its person gave, in the order it was given; those given in advance too."""
    given = Approval.objects.filter(payment__company=company).select_related("payment", "person")
    rows = given.order_by("payment_id", "pk").iterator(chunk_size=2000)
    for row in islice(signatures.broken(rows), 100):
        about = _("payment %(no)s, approval by %(person)s") % {"no": row.payment.number, "person": row.person.shown}
        yield Finding("approvals", about, _("the approval was altered, or one before it was removed"))
    yield from _uncounted(company)
    before = PreApproval.objects.filter(company=company).select_related("entry", "person").order_by("pk")
    altered = (one for one in before.iterator(chunk_size=2000) if one.seal != preapproving.seal_of(one))
    for one in islice(altered, 100):
        about = _("invoice %(no)s, approval by %(person)s") % {"no": one.entry.invoice_no, "person": one.person.shown}
        yield Finding("approvals", about, _("the approval in advance was altered after it was given"))


def _uncounted(company: Company) -> Iterator[Finding]:
    """The chain does not show that its end was cut off; the count of the payment's round does."""
    rows = Approval.objects.filter(payment=OuterRef("pk"), round=OuterRef("round")).order_by().values("payment")
    kept = Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)
    payments = Payment.objects.filter(company=company).annotate(kept=kept)
    for payment in payments.exclude(given=F("kept")).order_by("pk")[:100]:
        said = {"given": payment.given, "kept": payment.kept}
        text = _("%(given)s approvals were counted, %(kept)s are there") % said
        yield Finding("approvals", _("payment %(no)s") % {"no": payment.number}, text)


def check_files(company: Company) -> Iterator[Finding]:
    """Every sealed payment file is there with the bytes that were approved."""
    for transfer in Transfer.objects.filter(company=company).order_by("pk").iterator():
        try:
            files.check_digest(transfer.path, transfer.digest)
        except files.FileGone:
            yield Finding("files", transfer.msg_id, _("the sealed file is gone from the data area"))
        except files.FileChanged:
            yield Finding("files", transfer.msg_id, _("the sealed file is not the one that was approved"))


def _line(line: PaymentLine) -> str:
    return f"{line.payment.number}/{line.line_no}"
