"""Addresses of approval beside the list itself: rules, invoices approved in advance, cash, links from mails."""

from __future__ import annotations

from django.urls import path

from payments.web import from_mail, second_factor

urlpatterns = [
    path("second-factor/challenge/", second_factor.challenge, name="second_factor_challenge"),
    path("in/<int:company>/approval/", from_mail.approvals, name="mail_approvals"),
    path("in/<int:company>/approval/<int:number>/", from_mail.approval, name="mail_approval"),
    path("in/<int:company>/payments/<int:number>/", from_mail.payment, name="mail_payment"),
]
