"""Approvers are asked once for each reason, one mail a run; two hours before the cut-off once more, deputies too."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from companies.choices import Role
from companies.clock import business_now, set_business_time
from companies.models import BankAgreement, Company, Deputy, MailOutbox, Person
from payments.models import Payment
from payments.preparing.mandates import room
from payments.releasing import approval, asking
from tests import build

pytestmark = pytest.mark.django_db
LATER = build.TODAY + timedelta(days=5)


@pytest.fixture
def payment():
    """It came a moment ago and is to be paid next week."""
    return settled_in(build.an_uploaded_payment())


def settled_in(payment, first_date=LATER, cutoff=None):
    Payment.objects.filter(pk=payment.pk).update(
        uploaded_at=timezone.now(), first_date=first_date, last_date=first_date
    )
    BankAgreement.objects.filter(pk=payment.agreement_id).update(cutoff=cutoff)
    return Payment.objects.get(pk=payment.pk)


def mails(person):
    return list(MailOutbox.objects.filter(to=person.email).order_by("pk"))


def stand_in(company, deputy, person, **facts):
    facts = {"starts_on": build.TODAY, "ends_on": build.TODAY} | facts
    return Deputy.objects.create(company=company, deputy=deputy, person=person, **facts)


def closing_of(payment, now=None):
    row = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
    return asking.closing(row, room(row.company, [row]), now or business_now(row.company))


def test_one_mail_names_all_that_waits(payment):
    approver = build.an_approver(payment.company)
    other = settled_in(build.an_uploaded_payment(payment.company))
    assert asking.ask(payment.company) == 1
    body = mails(approver)[0].body
    assert f"/approval/{payment.number}/" in body
    assert f"/approval/{other.number}/" in body


def test_nobody_is_told_the_same_twice(payment):
    approver = build.an_approver(payment.company)
    asking.ask(payment.company)
    settled_in(build.an_uploaded_payment(payment.company))
    assert asking.ask(payment.company) == 1
    assert f"/approval/{payment.number}/" not in mails(approver)[1].body


def test_the_uploader_is_not_asked(payment):
    payment.company.memberships.create(person=payment.uploaded_by, role=Role.APPROVER)
    assert asking.ask(payment.company) == 0


def test_who_signed_is_left_in_peace(payment):
    one, other = build.an_approver(payment.company), build.an_approver(payment.company)
    approval.approve(payment, one, payment.digest)
    asking.ask(payment.company)
    assert (len(mails(one)), len(mails(other))) == (0, 1)


def test_what_has_waited_for_hours_is_said_again_once_a_day(payment):
    approver = build.an_approver(payment.company)
    asking.ask(payment.company)
    Payment.objects.update(uploaded_at=timezone.now() - asking.PATIENCE * 2)
    assert [asking.ask(payment.company) for _ in range(2)] == [1, 0]
    set_business_time(build.NOW + timedelta(days=1))
    assert asking.ask(payment.company) == 1
    assert len(mails(approver)) == 3


def test_the_mail_is_in_the_readers_language_and_leads_into_the_company(payment):
    approver = build.an_approver(payment.company)
    Person.objects.filter(pk=approver.pk).update(language="nb")
    asking.ask(payment.company)
    assert f"/in/{payment.company.number}/approval/" in mails(approver)[0].body


def test_who_wants_no_mail_gets_none(payment):
    approver = build.an_approver(payment.company)
    Person.objects.filter(pk=approver.pk).update(wants_mail=False)
    assert asking.ask(payment.company) == 0


def test_the_list_of_the_agreement_hears_once_that_something_waits(payment):
    BankAgreement.objects.update(approver_emails="boss@example.com; cfo@example.com,boss@example.com")
    assert [asking.ask(payment.company) for _ in range(2)] == [2, 0]


def test_salary_mails_name_no_amount(payment):
    Payment.objects.update(salary=True)
    approver = build.an_approver(payment.company)
    asking.ask(payment.company)
    assert "3000" not in mails(approver)[0].body


class TestCutOff:
    @pytest.fixture
    def today(self):
        """To be paid today, before 14:00; the clock stands at 12:30."""
        payment = settled_in(build.an_uploaded_payment(), build.TODAY, time(14))
        set_business_time(build.NOW.replace(hour=11))
        return payment

    def test_two_hours_before_it_everybody_who_can_is_asked_once_more(self, today):
        approver = build.an_approver(today.company)
        asking.ask(today.company)
        assert asking.ask(today.company) == 0
        set_business_time(build.NOW.replace(hour=12, minute=0))
        assert [asking.ask(today.company) for _ in range(2)] == [1, 0]
        assert "14:00" in mails(approver)[1].subject
        assert "before 14:00" in mails(approver)[1].body

    def test_after_it_nobody_is_hurried(self, today):
        set_business_time(build.NOW.replace(hour=14))
        assert closing_of(today) is None

    def test_a_deputy_is_asked_for_the_one_who_is_away(self, today):
        away, deputy = build.an_approver(today.company), build.a_person(Role.READER, company=today.company)
        stand_in(today.company, deputy, away)
        set_business_time(build.NOW.replace(hour=12, minute=30))
        asking.ask(today.company)
        assert len(mails(deputy)) == 1
        assert closing_of(today).names == f"{away.shown}, {deputy.shown} for {away.shown}"

    def test_a_deputy_above_the_limit_is_not_named(self, today):
        away, deputy = build.an_approver(today.company), build.a_person()
        stand_in(today.company, deputy, away, limit="100")
        set_business_time(build.NOW.replace(hour=12, minute=30))
        assert closing_of(today).people == (away.shown,)

    def test_when_one_of_them_signed_neither_is_named(self, today):
        away, deputy = build.an_approver(today.company), build.a_person()
        stand_in(today.company, deputy, away)
        approval.approve(today, deputy, today.digest)
        set_business_time(build.NOW.replace(hour=12, minute=30))
        assert closing_of(today).people == ()

    def test_a_payment_of_another_day_has_no_cut_off_today(self, today):
        settled_in(today, LATER, time(14))
        set_business_time(build.NOW.replace(hour=13))
        assert closing_of(today) is None

    def test_the_cut_off_is_on_the_companys_clock(self, today):
        Company.objects.filter(pk=today.company_id).update(time_zone="Europe/Helsinki")
        set_business_time(datetime(2026, 11, 25, 10, 30, tzinfo=UTC))  # 12:30 in Helsinki, 11:30 in Oslo
        assert closing_of(today).minutes == 90

    @pytest.mark.parametrize("day", ["2026-10-26", "2026-03-30"])
    def test_clocks_that_changed_at_the_weekend_change_nothing_on_monday(self, today, day):
        zone = ZoneInfo("Europe/Oslo")
        monday = datetime.fromisoformat(f"{day}T13:00").replace(tzinfo=zone)
        settled_in(today, monday.date(), time(14))
        assert closing_of(today, monday).minutes == 60
        assert closing_of(today, monday - timedelta(hours=2)) is None

    def test_hours_are_true_hours_in_the_night_the_clocks_go_back(self):
        zone = ZoneInfo("Europe/Oslo")
        at = datetime(2026, 10, 25, 3, 15, tzinfo=zone)  # 1 h 45 min by the hands of the clock, an hour more in truth
        assert asking.left_until(at, datetime(2026, 10, 25, 1, 30, tzinfo=zone)) == timedelta(hours=2, minutes=45)
        assert asking.left_until(at, datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=1)) == timedelta(minutes=45)
