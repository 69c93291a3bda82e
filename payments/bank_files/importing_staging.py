"""Pass 2 of an import: the file's rows, slice by slice, invisible until the file goes live.

Each slice is one short transaction that also commits how far it came; a killed worker costs at most one slice. An entry
with more details than a slice holds is written in parts; parts of an entry that was not finished are taken away first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from autopay_console.kernel.rows import store
from autopay_console.kernel.sets import chunks
from companies.clock import business_date
from payments import files
from payments.bank_files.importing_details import Heard, Setting, park
from payments.bank_files.importing_repeats import Block, Recogniser
from payments.bank_files.importing_rows import Rows, bank_entry, rows_of
from payments.choices import ParkReason
from payments.iso20022.messages import Account, Entry, Survey
from payments.iso20022.reading import entries
from payments.models import BankEntry, BankFile, IncomingPayment, OpenDebit, RepeatedEntry, Statement
from payments.receiving import importing_claim
from payments.receiving.importing_checks import Own, own_accounts
from payments.receiving.importing_claim import Claim
from payments.settling.settlement_entries import EntryFacts, Told, facts_of

SLICE = 1000  # details; a transaction of this size holds SQLite's lock well below a second
_ROWS = 60  # rows an INSERT: 60 × 34 columns fit SQL Server's 2 100 parameters
Pair = tuple[Account, Entry]


@dataclass(slots=True)
class _Course:
    """How far this process has read a file, and what it counted on the way."""

    parts: Iterator[list[Pair]]
    recogniser: Recogniser
    position: int
    number: int = 1


_left: dict[UUID, _Course] = {}  # of the file whose time was up last, so that going on does not read it from its start


def stage(claim: Claim, survey: Survey, own: dict[int, Own], may_go_on: Callable[[], bool]) -> bool:
    """Write the file's rows from where the last slice ended; False when the time was up before the end."""
    file = claim.file
    remove_unfinished(file)
    statements = _statements(claim, survey, own)
    accounts = {key: one.currency for key, one in own_accounts(file.company).items()}
    setting = Setting(file, survey.type, business_date(file.company), accounts)
    course = _left.pop(file.pk, None)
    if course is None or course.position != file.position:
        course = _begun(file, survey, {index: block_of(row) for index, row in statements.items()})
    _left.clear()
    while may_go_on():
        part = next(course.parts, None)
        if part is None:
            return True
        course.number = _stage_slice(claim, part, own, statements, course.recogniser, setting, course.number)
        course.position = part[-1][1].index
    _left[file.pk] = course
    return False


def _begun(file: BankFile, survey: Survey, blocks: dict[int, Block]) -> _Course:
    """Read from the start, past what is committed."""
    parts = slices(entries(files.full_path(file.path), survey))
    course = _Course(parts, Recogniser(file, survey.type, file.message_key, blocks), file.position)
    for part in parts:
        if part[-1][1].index > file.position:
            course.parts = chain([part], parts)
            break
        for account, entry in part:
            course.recogniser.skip(account, entry)
            course.number += max(len(entry.details), 1)
    return course


def remove(file: BankFile) -> None:
    """Take away what was staged: the file was refused after all. Only rows nobody could see."""
    _remove_all(OpenDebit.objects.filter(entry__file=file))
    _remove_all(IncomingPayment.objects.filter(file=file))
    _remove_all(RepeatedEntry.objects.filter(file=file))
    _remove_all(BankEntry.objects.filter(file=file))
    _remove_all(Statement.objects.filter(file=file))


def remove_unfinished(file: BankFile) -> None:
    """Take away parts of an entry whose last part was not committed."""
    behind = BankEntry.objects.filter(file=file, index__gt=file.position)
    _remove_all(OpenDebit.objects.filter(entry__in=behind))
    _remove_all(IncomingPayment.objects.filter(entry__in=behind))
    _remove_all(behind)


def _remove_all(rows: QuerySet[Any]) -> None:
    while ids := list(rows.values_list("pk", flat=True)[:SLICE]):
        with transaction.atomic():
            rows.model._default_manager.filter(pk__in=ids).delete()


def slices(pairs: Iterator[Pair]) -> Iterator[list[Pair]]:
    """Whole entries, about a thousand details together. Slices begin at the same entries in every run."""
    part: list[Pair] = []
    size = 0
    for pair in pairs:
        part.append(pair)
        size += max(len(pair[1].details), 1)
        if size >= SLICE:
            yield part
            part, size = [], 0
    if part:
        yield part


def _stage_slice(
    claim: Claim,
    part: Sequence[Pair],
    own: dict[int, Own],
    statements: dict[int, Statement],
    recogniser: Recogniser,
    setting: Setting,
    number: int,
) -> int:
    file = claim.file
    answers = recogniser.recognise(part)
    found: list[tuple[Heard, BankEntry]] = []
    repeats: list[RepeatedEntry] = []
    for (account, entry), known in zip(part, answers, strict=True):
        if known.repeats is not None:
            repeats.append(
                RepeatedEntry(
                    company_id=file.company_id,
                    file=file,
                    index=entry.index,
                    line=entry.line,
                    amount=entry.signed,
                    currency_code=entry.currency,
                    entry_id=known.repeats,
                    why=known.why or "",
                )
            )
        else:
            heard = Heard(account, entry, own[account.index], known, statements[account.index].pk, number)
            found.append((heard, bank_entry(heard, setting)))
        number += max(len(entry.details), 1)
    rows = _booked_rows(claim, found, setting)
    _name_originals(rows)
    _mark_possible_repeats(file, rows)
    _write(claim, rows, repeats, part[-1][1].index)
    return number


def _booked_rows(claim: Claim, found: list[tuple[Heard, BankEntry]], setting: Setting) -> list[Rows]:
    """Rows of each entry; entries that only prove become nothing but themselves."""
    company = claim.file.company
    source = f"{setting.type} {claim.file.name or claim.file.message_id}"[:120]
    booking = [(heard, row) for heard, row in found if row.books]
    told = [Told(heard.entry, row.pk, setting.today, source) for heard, row in booking]
    facts: dict[int, EntryFacts] = dict(
        zip((row.index for _heard, row in booking), facts_of(company, told), strict=True)
    )
    return [rows_of(heard, facts[row.index], row, setting) if row.books else Rows(row) for heard, row in found]


def _name_originals(rows: Sequence[Rows]) -> None:
    """A possible second delivery names the payments of the first: equal entries hold equal details in equal order."""
    doubted = {row.maybe: row for row in rows if row.maybe is not None}
    for part in chunks(doubted):
        stored: dict[UUID, list[UUID]] = defaultdict(list)
        known = IncomingPayment.objects.filter(entry_id__in=part).order_by("number").values_list("entry_id", "id")
        for entry_id, payment_id in known:
            stored[entry_id].append(payment_id)
        for entry_id in part:
            for payment, original in zip(doubted[entry_id].payments, stored[entry_id], strict=False):
                payment.repeat_of_id = original


def _mark_possible_repeats(file: BankFile, rows: Sequence[Rows]) -> None:
    """The same archive reference, amount, reference and payer in another entry: perhaps told twice in another cut."""
    fresh = [one for row in rows for one in row.payments if one.archive_reference and not one.reason]
    wanted = {one.archive_reference for one in fresh}
    known: dict[tuple[object, ...], IncomingPayment] = {}
    for part in chunks(sorted(wanted)):
        stored = IncomingPayment.objects.filter(company_id=file.company_id, archive_reference__in=part).exclude(
            file=file
        )
        known.update({_fingerprint(one): one for one in stored})
    for payment in fresh:
        if (twin := known.get(_fingerprint(payment))) is not None:
            payment.repeat_of_id = twin.pk
            park(payment, ParkReason.POSSIBLE_REPEAT, _("Another file told a payment with the same archive reference."))


def _fingerprint(payment: IncomingPayment) -> tuple[object, ...]:
    return (
        payment.archive_reference, payment.account, payment.amount, payment.currency_code, payment.booking_date,
        payment.reference, payment.payer_account,
    )  # fmt: skip


def _write(claim: Claim, rows: Sequence[Rows], repeats: Sequence[RepeatedEntry], last: int) -> None:
    """One transaction, or several for an entry with very many details; the last one commits the position."""
    payments = [one for row in rows for one in row.payments]
    parts = list(chunks(payments, SLICE * 2)) or [[]]
    for place, part in enumerate(parts):
        with transaction.atomic():
            if place == 0:
                store(BankEntry, [row.entry for row in rows])
                store(OpenDebit, [one for row in rows for one in row.debits])
            store(IncomingPayment, part)
            if place == len(parts) - 1:
                store(RepeatedEntry, repeats)
                importing_claim.hold(claim, position=last)
                if repeats:
                    count = F("repeat_count") + len(repeats)
                    BankFile.objects.filter(pk=claim.file.pk).update(repeat_count=count)
            else:
                importing_claim.hold(claim)


def _statements(claim: Claim, survey: Survey, own: dict[int, Own]) -> dict[int, Statement]:
    """One row per account block of the file; made once."""
    file = claim.file
    known = {row.number: row for row in Statement.objects.filter(file=file)}
    missing = [account for account in survey.accounts if account.index not in known]
    sums = {(row.account, row.currency): row.credit_sum - row.debit_sum for row in survey.sums}
    taken = {(row.account, row.statement_id, row.page) for row in known.values()}
    rows = []
    for account in missing:
        row = statement_row(file, account, own[account.index], sums)
        if (row.account, row.statement_id, row.page) in taken:
            row.statement_id = f"{row.statement_id[:60]}~{account.index}"
        taken.add((row.account, row.statement_id, row.page))
        rows.append(row)
    with transaction.atomic():
        Statement.objects.bulk_create(rows, batch_size=_ROWS)
        importing_claim.hold(claim)
    return {**known, **{row.number: row for row in rows}}


def statement_row(file: BankFile, account: Account, own: Own, sums: dict[tuple[int, str], Decimal]) -> Statement:
    """An account block of the file with its balances and what its booked entries sum to."""
    balances = {balance.code: balance for balance in reversed(account.balances)}
    opening, closing = balances.get("OPBD") or balances.get("PRCD"), balances.get("CLBD")
    if closing is None and file.type == "camt.052":
        closing = balances.get("ITBD")  # the balance so far of a day that is not over
    return Statement(
        company_id=file.company_id,
        file=file,
        number=account.index,
        bank_partner=own.partner,
        account=own.key[:35],
        currency_code=account.currency or own.currency,
        statement_id=account.statement_id[:70],
        page=account.page or 1,
        last_page=account.last_page is not False,
        copy=account.copy[:4],
        from_date=account.from_date or (opening.date if opening else None),
        to_date=account.to_date or (closing.date if closing else None),
        opening=opening.amount if opening else None,
        closing=closing.amount if closing else None,
        booked_sum=sums.get((account.index, account.currency or own.currency)),
    )


def block_of(row: Statement) -> Block:
    """What repeats are told apart by."""
    return Block(
        row.account, row.statement_id, row.page, row.copy, row.from_date, row.to_date, row.opening, row.closing
    )
