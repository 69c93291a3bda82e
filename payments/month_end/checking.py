"""Proves the books: everything finance relies on is counted again from the rows, and what does not fit is named.

Run every night and by `manage.py check_books`. A finding is never mended by the program: somebody changed rows beside
it, or the program has a fault; either must be known.
"""

from __future__ import annotations

from collections.abc import Iterator

from companies.models import Company
from payments.month_end.checking_amounts import check_entries, check_journal, check_numbers
from payments.month_end.checking_banks import check_banks
from payments.month_end.checking_history import check_approvals, check_changes, check_files, check_seals
from payments.month_end.checking_specs import Finding
from payments.month_end.checking_statuses import check_facts, check_headers, check_lines

__all__ = ["Finding", "check_books"]


def check_books(company: Company, *, files: bool = True) -> list[Finding]:
    """Every finding of one company; `files` also reads the sealed payment files and compares their digests."""
    return list(_all(company, files))


def _all(company: Company, files: bool) -> Iterator[Finding]:
    for check in (
        check_journal,
        check_numbers,
        check_entries,
        check_lines,
        check_facts,
        check_headers,
        check_changes,
        check_seals,
        check_approvals,
        check_banks,
    ):
        yield from check(company)
    if files:
        yield from check_files(company)
