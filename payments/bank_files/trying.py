"""Try a file: what importing it would settle, match, post and park. Nothing is written, not even the file.

The same code reads, recognises, classifies and decides as in a real import; only the last step, writing, is left out.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from autopay_console.kernel.money import ZERO
from companies.clock import business_date
from companies.models import Company
from payments.bank_files.importing_details import Heard, Setting
from payments.bank_files.importing_repeats import Recogniser
from payments.bank_files.importing_rows import Rows, bank_entry, rows_of
from payments.bank_files.importing_staging import block_of, slices, statement_row
from payments.choices import IncomingState, ParkReason, Rule
from payments.iso20022.messages import Refused, Survey
from payments.iso20022.reading import entries, survey
from payments.matching import deciding, rules
from payments.matching.ledger_view import LedgerView
from payments.models import BankFile, IncomingPayment
from payments.receiving import importing_checks, incoming
from payments.receiving.importing_checks import ImportRefused, Own
from payments.receiving.incoming import Reading
from payments.settling.settlement_entries import EntryFacts, Told, facts_of

MOST_LINES = 2000


class Outcome(StrEnum):
    """What would become of a row."""

    MATCHED = "matched"
    PARTLY = "partly"
    PARKED = "parked"
    SETTLES = "settles"
    RETURNS = "returns"
    FEE = "fee"
    TRANSFER = "transfer"
    DEBIT = "debit"
    REPEAT = "repeat"
    PROVES = "proves"
    NOT_BOOKED = "not_booked"


NAMES: dict[str, Promise] = {
    Outcome.MATCHED: gettext_lazy("matched"),
    Outcome.PARTLY: gettext_lazy("matched in part, rest parked"),
    Outcome.PARKED: gettext_lazy("parked"),
    Outcome.SETTLES: gettext_lazy("settles our payments"),
    Outcome.RETURNS: gettext_lazy("returns a payment of ours"),
    Outcome.FEE: gettext_lazy("fee or interest"),
    Outcome.TRANSFER: gettext_lazy("own transfer"),
    Outcome.DEBIT: gettext_lazy("debit nobody here made"),
    Outcome.REPEAT: gettext_lazy("here already"),
    Outcome.PROVES: gettext_lazy("proves only, another message books"),
    Outcome.NOT_BOOKED: gettext_lazy("not booked by the bank"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the trial: a payment of the file, or an entry that holds no customer payment."""

    number: int
    line: int
    amount: Decimal
    currency: str
    outcome: Outcome
    payer: str = ""
    reference: str = ""
    why: str = ""
    rule: str = ""
    reason: str = ""
    invoices: tuple[str, ...] = ()

    @property
    def outcome_name(self) -> str:
        """The outcome in words; of a match the rule, of a parked payment the reason."""
        if self.outcome is Outcome.MATCHED and self.rule:
            return str(dict(Rule.choices).get(self.rule, self.rule))
        if self.outcome is Outcome.PARKED and self.reason:
            return str(dict(ParkReason.choices).get(self.reason, self.reason))
        return str(NAMES[self.outcome])


@dataclass(slots=True)
class Trial:
    """What would happen. `totals` are outcome, currency, count, sum; `posts`: the batch would be posted at once."""

    file: str
    type: str = ""
    refused: str = ""
    line: int = 0
    posts: bool = False
    lines: list[Line] = field(default_factory=list)
    left_out: int = 0
    warnings: list[tuple[str, int]] = field(default_factory=list)
    _counts: Counter[tuple[Outcome, str]] = field(default_factory=Counter)
    _sums: dict[tuple[Outcome, str], Decimal] = field(default_factory=dict)

    @property
    def totals(self) -> list[tuple[str, str, int, Decimal]]:
        return [
            (str(NAMES[outcome]), currency, self._counts[outcome, currency], self._sums[outcome, currency])
            for outcome, currency in sorted(self._counts)
        ]

    def add(self, line: Line) -> None:
        """Count a row; the first two thousand are kept to be shown."""
        key = (line.outcome, line.currency)
        self._counts[key] += 1
        self._sums[key] = self._sums.get(key, ZERO) + line.amount
        if len(self.lines) < MOST_LINES:
            self.lines.append(line)
        else:
            self.left_out += 1


def try_file(company: Company, content: bytes | Path, name: str = "") -> Trial:
    """Say what importing this file would do to the company's books as they are now."""
    if isinstance(content, bytes):
        with TemporaryDirectory(prefix="autopay-try-") as folder:
            path = Path(folder) / (Path(name).name or "file.xml")
            path.write_bytes(content)
            return try_file(company, path, name)
    trial = Trial(name or content.name)
    with translation.override(company.language):
        try:
            found = survey(content)
            trial.type = found.type
            trial.warnings = [(one.text, one.line) for one in found.warnings]
            if found.report is not None:
                raise ImportRefused("status_report", _("This is an answer to a payment file; it books nothing."))
            importing_checks.check_content(found)
            own = importing_checks.owners(company, found.accounts)
            _run(_Trying(company, content, found, own, trial))
        except Refused as refusal:
            trial.refused, trial.line = str(refusal), refusal.line
        except ImportRefused as refusal:
            trial.refused = refusal.text
    return trial


@dataclass(slots=True)
class _Trying:
    company: Company
    path: Path
    survey: Survey
    own: dict[int, Own]
    trial: Trial


def _run(work: _Trying) -> None:
    company, found = work.company, work.survey
    key = importing_checks.message_key(found)
    file = BankFile(company=company, digest=hashlib.sha256(b"").hexdigest(), name=work.trial.file, message_key=key)
    if earlier := importing_checks.earlier_delivery(file, key):
        work.trial.warnings.append((_("The same message was imported before: %(file)s") % {"file": earlier}, 0))
    work.trial.posts = all(one.partner and one.partner.auto_update_incoming for one in work.own.values())
    currencies = {key: one.currency for key, one in importing_checks.own_accounts(company).items()}
    setting = Setting(file, found.type, business_date(company), currencies)
    sums = {(row.account, row.currency): row.credit_sum - row.debit_sum for row in found.sums}
    statements = {one.index: statement_row(file, one, work.own[one.index], sums) for one in found.accounts}
    blocks = {index: block_of(row) for index, row in statements.items()}
    recogniser = Recogniser(file, found.type, key, blocks)
    view, steps, readings = deciding.new_view(company), rules.steps_known(company), incoming.readings_of(company)
    number = 1
    for part in slices(entries(work.path, found)):
        heard = []
        for (account, entry), known in zip(part, recogniser.recognise(part), strict=True):
            one = Heard(account, entry, work.own[account.index], known, statements[account.index].pk, number)
            number += max(len(entry.details), 1)
            heard.append(one)
        rows = _rows(company, heard, setting)
        _decide(company, rows, view, steps, readings)
        for one, row in zip(heard, rows, strict=True):
            for line in _lines(one, row):
                work.trial.add(line)


def _rows(company: Company, heard: Sequence[Heard], setting: Setting) -> list[Rows]:
    kept = [(one, bank_entry(one, setting)) for one in heard]
    booking = [(one, row) for one, row in kept if row.books and one.recognised.repeats is None]
    told = [Told(one.entry, row.pk, setting.today, "trial") for one, row in booking]
    facts: dict[int, EntryFacts] = dict(zip((row.index for _one, row in booking), facts_of(company, told), strict=True))
    return [rows_of(one, facts[row.index], row, setting) if row.index in facts else Rows(row) for one, row in kept]


def _decide(
    company: Company,
    rows: Sequence[Rows],
    view: LedgerView,
    steps: Sequence[rules.Step],
    readings: dict[int | None, Reading],
) -> None:
    """Put the rules' answer on the unsaved payments."""
    waiting = [one for row in rows for one in row.payments if one.state == IncomingState.NEW]
    paid = [incoming.paid_of(one, readings.get(one.factoring_id, Reading())) for one in waiting]
    for payment, decision in zip(waiting, deciding.decide(company, paid, steps, view), strict=True):
        incoming.apply(payment, decision)
        invoices = [part.entry.invoice_no for part in decision.proof.parts] if decision.proof else []
        payment.documents = "; ".join(invoices)


def _lines(heard: Heard, rows: Rows) -> Iterator[Line]:
    entry, row = heard.entry, rows.entry
    plain: dict[str, Any] = {"number": heard.first, "line": entry.line, "currency": entry.currency}
    if heard.recognised.repeats is not None:
        yield Line(amount=entry.signed, outcome=Outcome.REPEAT, why=row.text, **plain)
        return
    if not row.books:
        yield Line(
            amount=entry.signed, outcome=Outcome.PROVES if entry.booked else Outcome.NOT_BOOKED, why=row.text, **plain
        )
        return
    for payment in rows.payments:
        yield _payment_line(payment, entry.line)
    for name, outcome in (("settled", Outcome.SETTLES), ("returned", Outcome.RETURNS)):
        for fact in row.plan.get(name, ()):
            amount = Decimal(fact["account_amount"])
            yield Line(amount=-amount if name == "settled" else amount, outcome=outcome, why=row.text, **plain)
    for name, outcome in (("fees", Outcome.FEE), ("transfers", Outcome.TRANSFER)):
        for change, text in row.plan.get(name, ()):
            yield Line(amount=Decimal(change), outcome=outcome, why=text or row.text, **plain)
    for debit in rows.debits:
        yield Line(amount=-debit.amount, outcome=Outcome.DEBIT, payer=debit.counterparty, why=debit.text, **plain)


def _payment_line(payment: IncomingPayment, line: int) -> Line:
    matched = payment.state == IncomingState.MATCHED
    partly = not matched and payment.rest < payment.amount
    return Line(
        number=payment.number,
        line=line,
        amount=payment.amount,
        currency=payment.currency_code,
        outcome=Outcome.MATCHED if matched else Outcome.PARTLY if partly else Outcome.PARKED,
        payer=payment.payer_name,
        reference=payment.reference,
        why=payment.explanation,
        rule=payment.rule,
        reason=payment.reason,
        invoices=tuple(part for part in payment.documents.split("; ") if part) if matched or partly else (),
    )
