"""What a person does in the journal: post a batch that waits."""

from __future__ import annotations

from companies.models import Person
from payments.books import ledger
from payments.models import Batch
from payments.receiving import posting_incoming


def post(batch: Batch, by: Person) -> Batch:
    """Post a waiting batch by hand; incoming payments of which nothing is left are done with it.

    A batch that cannot be posted stays waiting and says why in `waits_for`.
    """
    posted = ledger.post(batch, by)
    posting_incoming.note_posted(posted)
    return posted
