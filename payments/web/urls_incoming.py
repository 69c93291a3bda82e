"""Addresses of incoming payments, bank files, statements and debits nobody here made."""

from __future__ import annotations

from django.urls import path

from payments.web import (
    bank_file_acts,
    bank_files,
    customer_entries,
    incoming_list,
    open_debits,
    reconciliation,
    resolve,
    resolve_acts,
    statements,
)

urlpatterns = [
    path("incoming/", resolve.incoming, name="incoming"),
    path("incoming/all/", incoming_list.incoming_all, name="incoming_all"),
    path("incoming/double/", incoming_list.double_payments, name="double_payments"),
    path("incoming/undo-last/", resolve_acts.undo_last, name="undo_last_incoming"),
    path("incoming/<uuid:payment_id>/", incoming_list.incoming_payment, name="incoming_payment"),
    path("incoming/<uuid:payment_id>/resolve/", resolve.resolve, name="resolve"),
    path("incoming/<uuid:payment_id>/resolve/split/", resolve.split_part, name="split_incoming"),
    path("incoming/<uuid:payment_id>/resolve/find/", resolve.find, name="find_incoming"),
    path("incoming/<uuid:payment_id>/match/", resolve_acts.match, name="match_incoming"),
    path("incoming/<uuid:payment_id>/note/", resolve_acts.park, name="park_incoming"),
    path("incoming/<uuid:payment_id>/hand-over/", resolve_acts.hand_over, name="hand_over_incoming"),
    path("incoming/<uuid:payment_id>/pay-back/", resolve_acts.refund, name="refund_incoming"),
    path("incoming/<uuid:payment_id>/repeat/", resolve_acts.repeat, name="repeat_incoming"),
    path("incoming/<uuid:payment_id>/undo/", resolve_acts.undo, name="undo_incoming"),
    path("incoming/invoices/", customer_entries.customer_entries, name="customer_entries"),
    path("incoming/invoices/new/", customer_entries.register_entry, name="register_entry"),
    path("incoming/files/", bank_files.bank_files, name="bank_files"),
    path("incoming/files/try/", bank_file_acts.try_file, name="try_bank_file"),
    path("incoming/files/load/", bank_file_acts.load, name="load_bank_file"),
    path("incoming/files/<uuid:file_id>/", bank_files.bank_file, name="bank_file"),
    path("incoming/files/<uuid:file_id>/source/", bank_files.source, name="bank_file_source"),
    path("incoming/files/<uuid:file_id>/understood/", bank_files.understood, name="bank_file_understood"),
    path("incoming/files/<uuid:file_id>/download/", bank_files.download, name="bank_file_download"),
    path("incoming/files/<uuid:file_id>/import/", bank_file_acts.import_again, name="import_bank_file"),
    path("open-debits/", open_debits.open_debits, name="open_debits"),
    path("open-debits/<int:pk>/account/", open_debits.post_debit, name="post_debit"),
    path("open-debits/<int:pk>/invoice/", open_debits.pay_entry, name="pay_entry_debit"),
    path("open-debits/<int:pk>/known/", open_debits.known_debit, name="known_debit"),
    path("statements/", statements.statements, name="statements"),
    path("statements/reconcile/", reconciliation.reconciliation, name="reconciliation"),
    path("statements/reconcile/<int:number>/", reconciliation.tie, name="tie_lines"),
    path("statements/<int:number>/", statements.account, name="account"),
    path("statements/statement/<uuid:statement_id>/", statements.statement, name="statement"),
]
