"""The pages that belong together, as tabs over each of them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.listing import Tab

_JOURNAL = (
    ("journal", _("Batches")),
    ("vouchers", _("Vouchers")),
    ("periods", _("Periods")),
    ("reception", _("Came late")),
    ("books", _("Check of the books")),
    ("exports", _("To another ledger")),
)
_INCOMING = (
    ("incoming", _("To resolve")),
    ("incoming_all", _("All payments")),
    ("double_payments", _("Paid twice?")),
    ("bank_files", _("Bank files")),
    ("customer_entries", _("Open invoices")),
    ("matching_rules", _("Rules")),
)
_STATEMENTS = (
    ("statements", _("Accounts")),
    ("reconciliation", _("Reconciliation")),
    ("unanswered_lines", _("Unanswered lines")),
    ("cash", _("Cash ahead")),
)


_EXCEPTIONS = (("exceptions", _("Answers that do not fit")), ("payee_checks", _("Names that differ")))


def exception_tabs(current: str) -> list[Tab]:
    """Answers that do not fit, names that differ."""
    return _tabs(_EXCEPTIONS, current)


def journal_tabs(current: str) -> list[Tab]:
    """Batches, vouchers, periods, check of the books."""
    return _tabs(_JOURNAL, current)


def incoming_tabs(current: str, counts: dict[str, int] | None = None) -> list[Tab]:
    """What waits, all payments, possible double payments, files, open invoices."""
    return _tabs(_INCOMING, current, counts)


def statement_tabs(current: str) -> list[Tab]:
    """Accounts, the proof of their balances, and what the next bank days bring."""
    return _tabs(_STATEMENTS, current)


def _tabs(pages: tuple[tuple[str, object], ...], current: str, counts: dict[str, int] | None = None) -> list[Tab]:
    many = counts or {}
    return [Tab(label, reverse(name), many.get(name), name == current) for name, label in pages]
