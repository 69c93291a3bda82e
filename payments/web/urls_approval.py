"""Addresses of approval beside the list itself: rules, invoices approved in advance, cash, links from mails."""

from __future__ import annotations

from autopay_console.kernel.pages import pages_of

page = pages_of("payments.web")
urlpatterns = [
    page("approval/closing/", "approvals.closing", name="approval_closing"),
    page("approval/print/", "approvals.on_paper", name="approval_print"),
    page("approval/<int:number>/lines/", "amendable.lines", name="approval_lines"),
    page("approval/rules/", "rules.rules", name="approval_rules"),
    page("approval/invoices/", "preapprovals.invoices", name="preapproval"),
    page("approval/invoices/sum/", "preapprovals.sum_of_ticks", name="preapproval_sum"),
    page("approval/invoices/confirm/", "preapprovals.confirm", name="preapproval_confirm"),
    page("approval/invoices/withdraw/", "preapprovals.withdraw", name="preapproval_withdraw"),
    page("statements/cash/", "cash.accounts", name="cash"),
    page("statements/cash/<int:number>/", "cash.account", name="cash_account"),
    page("second-factor/challenge/", "second_factor.challenge", name="second_factor_challenge"),
    page("in/<int:company>/approval/", "from_mail.approvals", name="mail_approvals"),
    page("in/<int:company>/approval/<int:number>/", "from_mail.approval", name="mail_approval"),
    page("in/<int:company>/payments/<int:number>/", "from_mail.payment", name="mail_payment"),
]
