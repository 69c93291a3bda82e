"""Contacts of the agreement hear once of every line that was not paid."""

import pytest

from companies.models import BankAgreement, MailOutbox
from payments import lifecycle
from payments.choices import LineStatus
from payments.mailing import telling_refusals
from payments.models import Payment
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    payment = build.a_transferred_payment(lines=3)
    BankAgreement.objects.update(contact_emails="accounts@example.com")
    return payment


def refuse(payment, *numbers, **facts):
    lines = payment.lines.filter(line_no__in=numbers).values_list("pk", flat=True)
    reason = lifecycle.Reason("AC04", "Closed account")
    lifecycle.move(list(lines), LineStatus.REJECTED, source="pain.002", reason=reason, **facts)


def tell(payment):
    return telling_refusals.tell_refusals(payment.company)


def test_one_mail_names_every_line_with_its_reason(payment):
    refuse(payment, 1, 2)
    assert tell(payment) == 1
    mail = MailOutbox.objects.get()
    assert mail.to == "accounts@example.com"
    assert mail.body.count("AC04 Closed account") == 2
    assert f"/in/{payment.company.number}/payments/{payment.number}/" in mail.body


def test_a_line_is_told_once_and_later_ones_by_themselves(payment):
    refuse(payment, 1)
    assert [tell(payment), tell(payment)] == [1, 0]
    refuse(payment, 2)
    assert tell(payment) == 1
    last = MailOutbox.objects.order_by("pk").last()
    assert last.body.count("AC04") == 1


def test_several_payments_stand_in_one_mail(payment):
    other = build.a_transferred_payment(payment.company, lines=1, bank_partner=payment.bank_partner)
    refuse(payment, 1)
    refuse(other, 1)
    assert tell(payment) == 1


def test_salaries_are_told_as_a_count(payment):
    Payment.objects.update(salary=True)
    refuse(payment, 1, 2)
    tell(payment)
    mail = MailOutbox.objects.get()
    assert "2 salaries were not paid." in mail.body
    assert payment.lines.first().supplier.name not in mail.body


def test_what_a_person_here_cancelled_is_no_news(payment):
    lines = list(payment.lines.values_list("pk", flat=True))
    lifecycle.move(lines, LineStatus.CANCELLED, source="cancelled", by=build.an_approver(payment.company))
    assert tell(payment) == 0


def test_without_contacts_nobody_is_told(payment):
    BankAgreement.objects.update(contact_emails="")
    refuse(payment, 1)
    assert tell(payment) == 0
