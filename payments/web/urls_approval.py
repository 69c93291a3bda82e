"""Addresses of approval beside the list itself: rules, invoices approved in advance, cash, links from mails."""

from __future__ import annotations

from django.urls import path

from payments.web import amendable, approvals, cash, from_mail, preapprovals, rules, second_factor

urlpatterns = [
    path("approval/closing/", approvals.closing, name="approval_closing"),
    path("approval/print/", approvals.on_paper, name="approval_print"),
    path("approval/<int:number>/lines/", amendable.lines, name="approval_lines"),
    path("approval/rules/", rules.rules, name="approval_rules"),
    path("approval/invoices/", preapprovals.invoices, name="preapproval"),
    path("approval/invoices/sum/", preapprovals.sum_of_ticks, name="preapproval_sum"),
    path("approval/invoices/confirm/", preapprovals.confirm, name="preapproval_confirm"),
    path("approval/invoices/withdraw/", preapprovals.withdraw, name="preapproval_withdraw"),
    path("statements/cash/", cash.accounts, name="cash"),
    path("statements/cash/<int:number>/", cash.account, name="cash_account"),
    path("second-factor/challenge/", second_factor.challenge, name="second_factor_challenge"),
    path("in/<int:company>/approval/", from_mail.approvals, name="mail_approvals"),
    path("in/<int:company>/approval/<int:number>/", from_mail.approval, name="mail_approval"),
    path("in/<int:company>/payments/<int:number>/", from_mail.payment, name="mail_payment"),
]
