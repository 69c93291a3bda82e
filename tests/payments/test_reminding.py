"""Approvers are reminded once a day of what waits; administrators hear of books that do not fit."""

import pytest
from django.utils import timezone

from companies.choices import Role
from companies.models import MailOutbox
from payments import approval, reminding
from payments.models import CustomerEntry, Payment
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting():
    payment = build.an_uploaded_payment()
    Payment.objects.filter(pk=payment.pk).update(uploaded_at=timezone.now() - reminding.PATIENCE * 2)
    return payment


def test_each_approver_is_reminded_once_a_day(waiting):
    build.an_approver(waiting.company)
    build.an_approver(waiting.company)
    assert reminding.remind_approvers() == 2
    assert reminding.remind_approvers() == 0


def test_the_uploader_and_who_approved_already_are_left_in_peace(waiting):
    approver = build.an_approver(waiting.company)
    other = build.an_approver(waiting.company)
    approval.approve(waiting, approver, waiting.digest)
    MailOutbox.objects.all().delete()
    assert reminding.remind_approvers() == 1
    assert MailOutbox.objects.get().to == other.email


def test_nobody_is_reminded_of_a_payment_that_came_a_moment_ago():
    payment = build.an_uploaded_payment()
    Payment.objects.filter(pk=payment.pk).update(uploaded_at=timezone.now(), first_date=build.TODAY.replace(day=30))
    build.an_approver(payment.company)
    assert reminding.remind_approvers() == 0


def test_administrators_hear_of_books_that_do_not_fit():
    company = build.a_company()
    admin = build.a_person(Role.ADMINISTRATOR, company=company)
    entry = build.a_customer_entry(build.a_customer(company))
    CustomerEntry.objects.filter(pk=entry.pk).update(rest=1)
    assert reminding.check_books() > 0
    assert MailOutbox.objects.get().to == admin.email
