"""Addresses of outgoing payments: suggestion, lines, upload, approval, overview."""

from __future__ import annotations

from autopay_console.kernel.pages import pages_of

page = pages_of("payments.web")
urlpatterns = [
    page("suggestion/", "entries.entries", name="suggestion"),
    page("suggestion/new/", "suggestions.new", name="suggestion_new"),
    page("suggestion/preview/", "suggestions.preview", name="suggestion_preview"),
    page("suggestion/entries/hold/", "held.hold", name="entries_hold"),
    page("suggestion/entries/let-go/", "held.let_go", name="entries_let_go"),
    page("suggestion/entries/new/", "entry_new.register", name="entry_new"),
    page("suggestion/entries/planned/", "entry_new.planned", name="entry_planned"),
    page("payments/", "draft.payments", name="payments"),
    page("payments/<int:number>/lines/", "draft.draft", name="draft"),
    page("payments/<int:number>/lines/take-out/", "draft.take_out", name="draft_take_out"),
    page("payments/<int:number>/lines/<int:line_no>/change/", "draft.edit", name="draft_line"),
    page("payments/<int:number>/give-up/", "draft.give_up", name="draft_delete"),
    page("payments/<int:number>/upload/", "uploads.upload", name="upload"),
    page("payments/<int:number>/upload/stop/", "uploads.stop", name="upload_stop"),
    page("payments/<int:number>/uploaded/", "uploads.uploaded", name="uploaded"),
    page("approval/", "approvals.approvals", name="approval"),
    page("approval/sum/", "approvals.sum_of_ticks", name="approval_sum"),
    page("approval/confirm/", "approving.confirm", name="approval_confirm"),
    page("approval/cancel/", "approving.cancel", name="approval_cancel"),
    page("approval/<int:number>/", "approvals.one", name="approval_one"),
    page("approval/<int:number>/undo/", "approving.undo", name="approval_undo"),
    page("approval/<int:number>/move/", "approving.move", name="approval_move"),
    page("approval/<int:number>/lines/<int:line_no>/", "approving.amend", name="approval_amend"),
    page("overview/", "overview.overview", name="overview"),
    page("overview/views/", "overview.save_view", name="overview_save"),
    page("overview/views/<int:pk>/remove/", "overview.forget_view", name="overview_forget"),
    page("overview/<int:number>/", "payment.payment", name="payment"),
    page("overview/<int:number>/lines/<int:line_no>/", "payment.line_life", name="payment_line"),
    page(
        "overview/<int:number>/lines/<int:line_no>/confirmation/",
        "confirmation.confirmation",
        name="payment_confirmation",
    ),
    page("overview/<int:number>/files/<int:pk>/", "payment.sent_file", name="payment_file"),
    page("overview/<int:number>/again/", "payment_acts.again", name="payment_again"),
    page("overview/<int:number>/batch/", "payment_acts.create_batch", name="payment_batch"),
    page("overview/<int:number>/ask/", "payment_acts.ask", name="payment_ask"),
    page("overview/<int:number>/notes/", "payment.add_note", name="payment_note"),
    page("payee-checks/", "payee_checks.waiting", name="payee_checks"),
    page("overview/<int:number>/names/", "payee_checks.names", name="payee_check"),
    page("overview/<int:number>/names/<int:pk>/ask/", "payee_checks.ask", name="payee_check_ask"),
    page("overview/<int:number>/names/<int:pk>/decide/", "payee_checks.decide", name="payee_check_decide"),
    page("overview/<int:number>/names/<int:position>/take/", "payee_checks.take_name", name="payee_check_name"),
    page("exceptions/", "exceptions.exceptions", name="exceptions"),
    page("exceptions/<int:pk>/done/", "exceptions.done", name="exception_done"),
]
