"""What the money says to whoever listens. The truth is the row; a signal is only a nudge."""

from __future__ import annotations

from django.dispatch import Signal

transfer_released = Signal()  # transfer_ids: a payment was approved, files may leave
approval_changed = Signal()  # payment_id
lines_settled = Signal()  # payment_id, value_date
file_received = Signal()  # file_id: a bank file was stored and waits for import
entries_registered = Signal()  # company_id: customer entries came or a rule changed, try what is parked again
incoming_parked = Signal()  # company_id
status_asked = Signal()  # transfer_ids, by_id: somebody wants to know now what became of sent files
payee_check_decided = Signal()  # decision_ids: two people decided about names that differ; the bank side must be told
batch_posted = Signal()  # batch: it is in the books now, with numbers and entries matched
