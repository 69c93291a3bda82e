"""Invoices approved in advance: counted at the upload, under the same rules as any approval."""

from decimal import Decimal

import pytest
from django.utils import timezone

from companies.choices import Role, TwoFactorLevel
from companies.models import Company
from payments.choices import Decision, RoundState
from payments.models import Approval, Payment, PreApproval, SupplierEntry
from payments.preparing import refusals
from payments.releasing import approval, preapproving
from payments.releasing.uploading import upload
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    settings.DATA_AREA = tmp_path


@pytest.fixture
def company():
    return build.a_company(allow_preapproval=True)


@pytest.fixture
def invoices(company):
    made = [build.a_supplier_entry(build.a_supplier(company)) for _ in range(2)]
    return list(SupplierEntry.objects.filter(pk__in=[one.pk for one in made]).select_related("supplier", "company"))


@pytest.fixture
def one(company):
    return build.an_approver(company)


@pytest.fixture
def other(company):
    return build.an_approver(company)


def say_yes(by, invoices, second_factor=False):
    return preapproving.give(invoices[0].company, by, invoices, second_factor=second_factor)


def uploaded(company, invoices, approvers=2, by=None, **agreement):
    payment = build.an_estimate(company, lines=0, bank_partner=build.a_bank(company, approvers=approvers, **agreement))
    for entry in invoices:
        build.a_line(payment, entry)
    payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
    upload(payment, by or payment.created_by, frozenset({"approvers_missing"}), second_factor=True)
    return Payment.objects.get(pk=payment.pk)


def test_with_enough_of_them_a_payment_goes_straight_to_the_bank(company, invoices, one, other):
    say_yes(one, invoices)
    say_yes(other, invoices)
    payment = uploaded(company, invoices)
    assert (payment.round_state, payment.given) == (RoundState.RELEASED, 2)
    assert set(Approval.objects.values_list("decision", "digest")) == {(Decision.BEFOREHAND, payment.digest)}
    assert payment.events.filter(text__contains="approved in advance").count() == 2
    assert approval.broken_seals(payment) == []


def test_with_too_few_the_others_are_asked(company, invoices, one, other):
    say_yes(one, invoices)
    payment = uploaded(company, invoices)
    assert (payment.round_state, payment.given) == (RoundState.WAITING, 1)
    assert approval.approve(payment, other, payment.digest).released


def test_a_payment_with_one_other_invoice_needs_everybody(company, invoices, one):
    say_yes(one, invoices[:1])
    assert uploaded(company, invoices).given == 0


def test_the_uploader_never_counts(company, invoices, one):
    company.memberships.create(person=one, role=Role.ACCOUNTANT)
    say_yes(one, invoices)
    assert uploaded(company, invoices, by=one).given == 0


def test_another_account_is_another_invoice(company, invoices, one):
    say_yes(one, invoices)
    invoices[0].supplier.account = build.a_norwegian_account()
    invoices[0].supplier.save()
    payment = build.an_estimate(company, lines=0)
    for entry in invoices:
        build.a_line(payment, entry)
    assert preapproving.voices(payment) == []


def test_more_than_was_approved_does_not_count(company, invoices, one):
    say_yes(one, invoices)
    payment = build.an_estimate(company, lines=0)
    for entry in invoices:
        build.a_line(payment, entry)
    payment.lines.filter(entry=invoices[0]).update(amount=Decimal("1000.01"))
    assert preapproving.voices(payment) == []
    payment.lines.filter(entry=invoices[0]).update(amount=Decimal(400))
    assert preapproving.voices(payment) == [(one, False)]


def test_a_row_somebody_changed_does_not_count(company, invoices, one):
    say_yes(one, invoices)
    PreApproval.objects.filter(entry=invoices[0]).update(amount=Decimal(5000))
    assert uploaded(company, invoices).given == 0


def test_where_a_second_factor_is_asked_it_must_have_been_given(company, invoices, one, other):
    say_yes(one, invoices)
    say_yes(other, invoices, second_factor=True)
    payment = uploaded(company, invoices, two_factor=TwoFactorLevel.APPROVAL)
    assert list(payment.approvals.values_list("person", "second_factor")) == [(other.pk, True)]


def test_withdrawn_is_not_counted_and_may_be_given_again(company, invoices, one):
    say_yes(one, invoices)
    assert preapproving.withdraw(company, one, [entry.pk for entry in invoices]) == 2
    assert say_yes(one, invoices).count == 2
    preapproving.withdraw(company, one, [invoices[0].pk])
    assert uploaded(company, invoices).given == 0


def test_nobody_says_yes_twice(invoices, one):
    say_yes(one, invoices)
    again = say_yes(one, invoices)
    assert (again.count, len(again.refused)) == (0, 2)


def test_only_approvers_and_only_where_it_is_allowed(company, invoices, one):
    with pytest.raises(refusals.NotAnApprover):
        say_yes(build.an_accountant(company), invoices)
    Company.objects.update(allow_preapproval=False)
    for entry in invoices:
        entry.company.refresh_from_db()
    with pytest.raises(refusals.NotAllowed):
        say_yes(one, invoices)


def test_switched_off_later_nothing_given_before_counts(company, invoices, one):
    say_yes(one, invoices)
    Company.objects.update(allow_preapproval=False)
    assert uploaded(company, invoices).given == 0


def test_a_person_who_lost_the_role_does_not_count(company, invoices, one):
    say_yes(one, invoices)
    company.memberships.filter(person=one).delete()
    assert uploaded(company, invoices).given == 0


def test_a_higher_number_of_approvers_by_rule_still_holds(company, invoices, one, other):
    Company.objects.update(extra_approver_over=Decimal(100))
    say_yes(one, invoices)
    say_yes(other, invoices)
    payment = uploaded(company, invoices)
    assert (payment.given, payment.needed, payment.round_state) == (2, 3, RoundState.WAITING)


def test_invoices_in_a_payment_are_no_longer_offered(company, invoices, one):
    assert preapproving.candidates(company, payroll=False).count() == 2
    uploaded(company, invoices)
    assert preapproving.candidates(company, payroll=False).count() == 0
    assert PreApproval.objects.filter(at__gt=timezone.now()).count() == 0
