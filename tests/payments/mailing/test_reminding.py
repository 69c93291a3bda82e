"""One run asks approvers and tells contacts; administrators hear of books that do not fit."""

import pytest

from companies.choices import Role
from companies.models import MailOutbox
from payments.mailing import reminding
from payments.models import CustomerEntry
from tests import build

pytestmark = pytest.mark.django_db


def test_administrators_hear_of_books_that_do_not_fit():
    company = build.a_company()
    admin = build.a_person(Role.ADMINISTRATOR, company=company)
    entry = build.a_customer_entry(build.a_customer(company))
    CustomerEntry.objects.filter(pk=entry.pk).update(rest=1)
    assert reminding.check_books() > 0
    assert MailOutbox.objects.get().to == admin.email


def test_one_run_asks_the_approvers_of_every_company():
    for _ in range(2):
        build.an_approver(build.an_uploaded_payment().company)
    assert reminding.remind_approvers() == 2
    assert reminding.remind_approvers() == 0
