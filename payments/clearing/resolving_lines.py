"""Lines of a statement that no notification told: a person says what each is, and it is booked or known from then on.

On an account that notifications book, a statement only proves. A line nothing answers is booked by hand: as if the
account were booked by the statement (the classifier and the rules decide what it is), against an account, or by naming
the voucher that booked it already. A notification that comes later finds the line booked and only proves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from companies.clock import business_date
from companies.models import Company, Person
from payments import files
from payments.bank_files.importing_details import Heard, Setting
from payments.bank_files.importing_repeats import Recognised
from payments.bank_files.importing_rows import Rows, rows_of
from payments.books import ledger
from payments.books.ledger_specs import BANK_SERIES, BatchSpec, BookingRefused, PostingSpec, VoucherSpec
from payments.choices import BatchKind
from payments.clearing.resolving import DoesNotFit, MovedOn
from payments.iso20022.messages import Account, Entry, Refused, Survey
from payments.iso20022.reading import entries, survey
from payments.models import BankEntry, BankFile, Batch, IncomingPayment, OpenDebit, Voucher
from payments.month_end import reconciling
from payments.receiving import importing_checks, incoming, plans, posting_fees, posting_incoming
from payments.receiving.importing_claim import take_turn
from payments.receiving.posting_incoming import IncomingBooks
from payments.settling import settlement
from payments.settling.settlement_entries import Told, facts_of


@dataclass(frozen=True, slots=True)
class BookedLine:
    """What a line became: customer payments, debits to explain, payments of ours; or a batch of its own."""

    payments: int = 0
    debits: int = 0
    ours: bool = False
    batch: Batch | None = None


def book(line: BankEntry, by: Person) -> BookedLine:
    """Book the line as the import would have done: the classifier says what it is, the rules match what is money in."""
    found = _read(line)
    with transaction.atomic(), translation.override(line.company.language):
        current = _take(line, by, _("booked from the statement"), books=True)
        rows = _rows(current, *found)
        BankEntry.objects.filter(pk=current.pk).update(kind=rows.entry.kind, plan=rows.entry.plan)
        IncomingPayment.objects.bulk_create(rows.payments)
        OpenDebit.objects.bulk_create(rows.debits)
        settled, returned = plans.settled_of(rows.entry), plans.returned_of(rows.entry)
        if settled:
            settlement.settle(settled)
        if returned:
            settlement.bring_back(returned)
        incoming.match(current.company, [one.pk for one in rows.payments])
        try:
            for one in IncomingPayment.objects.filter(entry=current).select_related("company", "file"):
                posting_incoming.book_matched(one)
            batch = posting_fees.build_line(current)
        except BookingRefused as refusal:
            raise DoesNotFit(str(refusal)) from refusal
        if batch is not None:
            batch = posting_incoming.post_if_automatic(batch, [current.account])
    return BookedLine(len(rows.payments), len(rows.debits), bool(settled or returned), batch)


def post_to_account(line: BankEntry, by: Person, gl_account: str, text: str = "") -> Batch:
    """Book the line against a ledger account (interest, a tax, a card)."""
    account = "".join(gl_account.split())[:20]
    if not account:
        raise DoesNotFit(_("Name the account the line is posted to."))
    with transaction.atomic():
        how = _("posted to account %(account)s") % {"account": account}
        current = _take(line, by, how)
        try:
            spec = _voucher(current, account, text.strip() or current.text)
            batch = ledger.build(current.company, _batch(current, how), [spec])
        except BookingRefused as refusal:
            raise DoesNotFit(str(refusal)) from refusal
        voucher = Voucher.objects.get(company=current.company, source_key=spec.source_key)
        BankEntry.objects.filter(pk=current.pk).update(voucher=voucher)
        if batch is None:
            raise DoesNotFit(_("There is nothing to post."))
        return ledger.post(batch, by)


def tie(line: BankEntry, by: Person, series: str, number: int) -> Voucher:
    """The line is this voucher: it moves the same amount on the account, and belongs to no other line."""
    voucher = Voucher.objects.filter(company_id=line.company_id, series=series, number=number).first()
    if voucher is None:
        raise DoesNotFit(_("There is no posted voucher %(no)s.") % {"no": f"{series} {number}"})
    _check_fits(line, voucher)
    with transaction.atomic():
        current = _take(line, by, _("is voucher %(no)s") % {"no": voucher})
        _check_fits(line, voucher)  # from here on people take turns: nobody ties it to another line meanwhile
        BankEntry.objects.filter(pk=current.pk).update(voucher=voucher)
    return voucher


def _check_fits(line: BankEntry, voucher: Voucher) -> None:
    free = dict(reconciling.free_vouchers(line.company, line.account, voucher.value_date))
    if voucher.pk not in free:
        raise DoesNotFit(
            _("Voucher %(no)s does not move this account, or another line is it already.") % {"no": voucher}
        )
    if free[voucher.pk] != line.amount:
        raise DoesNotFit(_("Voucher %(no)s moves another amount on this account.") % {"no": voucher})


def mark_known(line: BankEntry, by: Person, how: str) -> None:
    """It is booked elsewhere; the account then differs from the ledger by it, under its own name."""
    if not how.strip():
        raise DoesNotFit(_("Say where the line is booked."))
    with transaction.atomic():
        _take(line, by, how.strip())


def reopen(line: BankEntry, by: Person) -> bool:
    """A line that was only marked as known waits again; False when it was booked or tied."""
    known = BankEntry.objects.filter(pk=line.pk, decided_at__isnull=False, books=False, voucher__isnull=True)
    return bool(known.update(decided_at=None, decided_by=by, decided_how=""))


def _take(line: BankEntry, by: Person, how: str, *, books: bool = False) -> BankEntry:
    """Only one of two people gets the line, and only while nothing answers it."""
    take_turn(line.company)
    free = BankEntry.objects.filter(
        pk=line.pk, books=False, decided_at__isnull=True, linked_to__isnull=True, voucher__isnull=True
    )
    if not free.update(books=books, decided_by=by, decided_at=timezone.now(), decided_how=how[:200]):
        now = BankEntry.objects.select_related("decided_by").get(pk=line.pk)
        words = {"how": now.decided_how or _("a notification told it"), "who": now.decided_by or _("an import")}
        raise MovedOn(_("Meanwhile %(who)s answered this line: %(how)s.") % words)
    return BankEntry.objects.select_related("company", "file").get(pk=line.pk)


def _read(line: BankEntry) -> tuple[Survey, Account, Entry]:
    """The line as it stands in the stored file."""
    path = files.full_path(line.file.path)
    try:
        found = survey(path)
        for account, entry in entries(path, found):
            if entry.index == line.index:
                return found, account, entry
    except (Refused, files.FileGone) as refusal:
        raise DoesNotFit(str(refusal)) from refusal
    raise DoesNotFit(_("The stored file does not hold this line any more."))


def _rows(line: BankEntry, found: Survey, account: Account, entry: Entry) -> Rows:
    company: Company = line.company
    own = importing_checks.own_accounts(company)
    currencies = {key: one.currency for key, one in own.items()}
    today = business_date(company)
    setting = Setting(line.file, found.type, today, currencies)
    recognised = Recognised(line.key, line.booking_key, line.occurrence)
    statement_id = line.statement_id
    if statement_id is None or line.account not in own:
        raise DoesNotFit(_("The account of this line is not one of ours any more."))
    heard = Heard(account, entry, own[line.account], recognised, statement_id, line.index)
    (facts,) = facts_of(company, [Told(entry, line.pk, today, f"{found.type} {_name(line.file)}"[:120])])
    return rows_of(heard, facts, line, setting)


def _name(file: BankFile) -> str:
    return file.name or file.message_id


def _batch(line: BankEntry, how: str) -> BatchSpec:
    return BatchSpec(
        kind=BatchKind.MANUAL,
        source_key=f"line:{line.pk}",
        series=BANK_SERIES,
        text=_("Statement line %(how)s") % {"how": how},
        value_date=line.value_date,
        file_id=line.file_id,
    )


def _voucher(line: BankEntry, gl_account: str, text: str) -> VoucherSpec:
    books = IncomingBooks.of(line.company)
    rates = books.of_account(line.account)
    day: date = line.value_date
    rate = rates.rate(line.currency_code, day)
    if rate is None:
        raise rates.no_rate(line.currency_code, day)
    value: Decimal = rates.home(line.amount, rate)
    if value == ZERO:
        raise DoesNotFit(_("A line of nothing is not posted. Mark it as known."))
    sides = [
        PostingSpec(account, sign * value, currency=line.currency_code, currency_amount=sign * line.amount, rate=rate)
        for account, sign in ((books.bank(line.account), 1), (gl_account, -1))
    ]
    return VoucherSpec(
        source_key=f"line:{line.pk}",
        value_date=day,
        text=text[:140],
        bank_reference=line.bank_reference,
        postings=tuple(sides),
    )
