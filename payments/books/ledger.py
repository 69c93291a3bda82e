"""The journal: the only writer of batches, vouchers, postings and entry matches.

What finance relies on: debits equal credits in every voucher, a money fact is booked once however often it is heard,
voucher numbers have no gaps, nothing posted is ever edited, and nobody sees half a batch.

- `build` makes a batch out of sight and hands it over whole, `post` puts it into the books
- `add` and `finish` are the two halves of `build`, for long work that is done in slices
- `reverse` undoes a posted voucher by a new one, `replace` changes one that nobody has posted yet
"""

from __future__ import annotations

from collections.abc import Iterable

from companies.models import Company
from payments.books.ledger_building import BATCH_COUNTER, add, finish, hold, replace, seal_of, take_numbers
from payments.books.ledger_posting import locked, post
from payments.books.ledger_reversing import reversal_of, reverse
from payments.books.ledger_specs import BatchSpec, VoucherSpec
from payments.models import Batch

__all__ = [
    "BATCH_COUNTER",
    "add",
    "build",
    "finish",
    "hold",
    "locked",
    "post",
    "replace",
    "reversal_of",
    "reverse",
    "seal_of",
    "take_numbers",
]


def build(company: Company, spec: BatchSpec, vouchers: Iterable[VoucherSpec]) -> Batch | None:
    """A whole batch that waits to be posted. Building it again changes nothing; None when there is nothing to book
    (every voucher is in the books already)."""
    return finish(add(company, spec, vouchers))
