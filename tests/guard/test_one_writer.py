"""One writer per truth: statuses, vouchers and the traffic log are written by their own module only."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("autopay_console", "companies", "payments", "integration", "demo")

OWNERS = {
    "line status": (
        re.compile(
            r"PaymentLine\.objects(?:(?!\n\n).)*?\.(?:update|bulk_update)\([^)]*\bstatus\s*=|\bline\.status\s*=[^=]"
            r"|update_rows\(\s*PaymentLine,[^)]*\bstatus\b",
            re.S,
        ),
        {"payments/lifecycle.py"},
    ),
    "vouchers and postings": (
        re.compile(
            r"\b(?:Voucher|Posting|EntryMatch)\.objects(?:\s*\.[a-z_]+\([^)]*\))*\s*\.(?:create|bulk_create|update|delete)\("
            r"|\b(?:store|insert_rows|update_rows)\(\s*(?:Voucher|Posting|EntryMatch)\b"
        ),
        {
            "payments/books/ledger.py",
            "payments/books/ledger_posting.py",
            "payments/books/ledger_building.py",
            "payments/books/ledger_reversing.py",
            "payments/books/ledger_exporting.py",  # the mark of a voucher that was handed over, nothing else
        },
    ),
    "traffic log": (
        re.compile(
            r"\b(?:Exchange|StoredFile)\.objects(?:\s*\.[a-z_]+\([^)]*\))*\s*\.(?:create|bulk_create|update|delete)\("
            r"|\b(?:store|insert_rows|update_rows)\(\s*(?:Exchange|StoredFile)\b"
        ),
        {"integration/traffic.py", "integration/retention.py"},
    ),
}


def product_files():
    for package in PRODUCT:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path


@pytest.mark.parametrize("truth", OWNERS)
def test_only_the_owner_writes(truth):
    pattern, owners = OWNERS[truth]
    writers = {
        str(path.relative_to(ROOT)) for path in product_files() if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert writers <= owners, f"{truth} is also written in {sorted(writers - owners)}"
