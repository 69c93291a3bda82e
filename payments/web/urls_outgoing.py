"""Addresses of outgoing payments: suggestion, lines, upload, approval, overview."""

from __future__ import annotations

from django.urls import path

from payments.web import approvals, approving, draft, entries, exceptions, held, overview, payment, suggestions, uploads

urlpatterns = [
    path("suggestion/", entries.entries, name="suggestion"),
    path("suggestion/new/", suggestions.new, name="suggestion_new"),
    path("suggestion/preview/", suggestions.preview, name="suggestion_preview"),
    path("suggestion/entries/hold/", held.hold, name="entries_hold"),
    path("suggestion/entries/let-go/", held.let_go, name="entries_let_go"),
    path("suggestion/entries/new/", entries.register, name="entry_new"),
    path("payments/", draft.payments, name="payments"),
    path("payments/<int:number>/lines/", draft.draft, name="draft"),
    path("payments/<int:number>/lines/take-out/", draft.take_out, name="draft_take_out"),
    path("payments/<int:number>/lines/<int:line_no>/change/", draft.edit, name="draft_line"),
    path("payments/<int:number>/give-up/", draft.give_up, name="draft_delete"),
    path("payments/<int:number>/upload/", uploads.upload, name="upload"),
    path("payments/<int:number>/uploaded/", uploads.uploaded, name="uploaded"),
    path("approval/", approvals.approvals, name="approval"),
    path("approval/sum/", approvals.sum_of_ticks, name="approval_sum"),
    path("approval/confirm/", approving.confirm, name="approval_confirm"),
    path("approval/cancel/", approving.cancel, name="approval_cancel"),
    path("approval/<int:number>/", approvals.one, name="approval_one"),
    path("approval/<int:number>/undo/", approving.undo, name="approval_undo"),
    path("approval/<int:number>/move/", approving.move, name="approval_move"),
    path("approval/<int:number>/lines/<int:line_no>/", approving.amend, name="approval_amend"),
    path("overview/", overview.overview, name="overview"),
    path("overview/views/", overview.save_view, name="overview_save"),
    path("overview/views/<int:pk>/remove/", overview.forget_view, name="overview_forget"),
    path("overview/<int:number>/", payment.payment, name="payment"),
    path("overview/<int:number>/lines/<int:line_no>/", payment.line_life, name="payment_line"),
    path("overview/<int:number>/files/<int:pk>/", payment.sent_file, name="payment_file"),
    path("overview/<int:number>/notes/", payment.add_note, name="payment_note"),
    path("exceptions/", exceptions.exceptions, name="exceptions"),
    path("exceptions/<int:pk>/done/", exceptions.done, name="exception_done"),
]
