"""The rows the measured jobs start from are such as the console itself would have written."""

import pytest

from bench import seeding
from payments.models import Approval, LineChange
from payments.month_end.checking import check_books

pytestmark = pytest.mark.django_db


def test_the_books_of_the_measured_payment_are_in_order():
    company, partner = seeding.a_company()
    payment = seeding.a_sent_payment(company, partner, 20)
    assert check_books(company, files=False) == []
    assert Approval.objects.filter(payment=payment).count() == 2
    assert LineChange.objects.count() == 40
