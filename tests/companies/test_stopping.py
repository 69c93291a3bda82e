"""The switch that stops sending: one person stops, two let it go on."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from companies import saving, stopping
from companies.choices import InstanceRoleKind
from companies.models import Company, InstanceRole, MailOutbox, SendingStop, SystemInformation
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company()


def two(company):
    return build.an_accountant(company), build.an_approver(company)


def marked(company):
    company.refresh_from_db()
    return company.outgoing_stopped_at is not None


def test_one_person_stops_with_a_reason(company):
    anna = build.an_accountant(company)
    row = stopping.stop(company, anna, "A  supplier account looks wrong")
    assert marked(company)
    assert (row.stopped_by, row.why) == (anna, "A supplier account looks wrong")
    assert stopping.in_force(company) == [row]


def test_a_stop_without_a_reason_is_refused(company):
    with pytest.raises(stopping.NotNow):
        stopping.stop(company, build.an_accountant(company), "  x ")
    assert not marked(company)


def test_what_is_stopped_is_not_stopped_twice(company):
    anna, bjorn = two(company)
    stopping.stop(company, anna, "first reason")
    with pytest.raises(stopping.NotNow):
        stopping.stop(company, bjorn, "second reason")
    assert SendingStop.objects.get().why == "first reason"


def test_one_person_alone_cannot_let_it_go_on(company):
    anna, _bjorn = two(company)
    row = stopping.stop(company, anna, "a reason")
    with pytest.raises(stopping.NotNow):
        stopping.resume(row, anna)
    stopping.ask_resume(row, anna, "it was right after all")
    with pytest.raises(stopping.NotNow):
        stopping.resume(row, anna)
    assert marked(company)


def test_two_people_let_it_go_on_and_the_history_names_both(company):
    anna, bjorn = two(company)
    row = stopping.stop(company, anna, "a reason")
    stopping.ask_resume(row, anna, "it was right after all")
    stopping.resume(row, bjorn)
    assert not marked(company)
    assert stopping.in_force(company) == []
    [past] = stopping.history(company)
    assert (past.resume_asked_by, past.resumed_by, past.resume_why) == (anna, bjorn, "it was right after all")


def test_the_wish_to_go_on_can_be_refused(company):
    anna, bjorn = two(company)
    row = stopping.stop(company, anna, "a reason")
    stopping.ask_resume(row, anna, "it was right after all")
    stopping.withdraw(row)
    with pytest.raises(stopping.NotNow):
        stopping.resume(row, bjorn)
    assert marked(company)


def test_the_database_itself_refuses_the_same_person_twice(company):
    anna = build.an_accountant(company)
    row = stopping.stop(company, anna, "a reason")
    with pytest.raises(IntegrityError), transaction.atomic():
        SendingStop.objects.filter(pk=row.pk).update(resume_asked_by=anna, resumed_by=anna, resumed_at=timezone.now())


def test_the_installation_and_a_company_are_stopped_apart(company):
    anna = build.an_accountant(company)
    of_all, own = stopping.stop(None, anna, "the bank called"), stopping.stop(company, anna, "a reason")
    assert stopping.in_force(company) == [of_all, own]
    assert stopping.in_force(build.a_company()) == [of_all]
    assert SystemInformation.objects.get().stopped_why == "the bank called"


def test_a_form_that_was_open_meanwhile_does_not_lift_the_stop(company):
    anna = build.an_accountant(company)
    row = Company.objects.get(pk=company.pk)
    seen = row.version
    stopping.stop(company, anna, "a reason")
    row.name = "Another name"
    with pytest.raises(saving.ChangedMeanwhile):
        saving.save(row, ["name"], anna, seen)
    assert marked(company)


def test_those_who_may_move_the_switch_get_mail(company):
    anna, bjorn = two(company)
    row = stopping.stop(company, anna, "a reason")
    stopping.ask_resume(row, anna, "it was right after all")
    stopping.resume(row, bjorn)
    mails = MailOutbox.objects.filter(key__startswith="sending:")
    assert mails.count() == 3
    assert all(bjorn.email in mail.to for mail in mails)


def test_a_stop_of_the_installation_is_told_to_people_of_the_installation(company):
    eva = build.a_person()
    InstanceRole.objects.create(person=eva, role=InstanceRoleKind.OPERATIONS)
    stopping.stop(None, eva, "the bank called")
    assert MailOutbox.objects.get(key__startswith="sending:").to == eva.email
