"""Approval: so many different people release exactly the bytes they saw."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from companies.choices import Role, TwoFactorLevel
from companies.clock import set_business_time
from companies.models import CurrencyRate, Deputy
from payments.choices import LineStatus, RoundState, TransferState
from payments.events import transfer_released
from payments.models import Approval, Payment, SupplierEntry, Transfer
from payments.preparing import mandates, refusals
from payments.releasing import approval
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    return build.an_uploaded_payment(lines=2)


@pytest.fixture
def company(payment):
    return payment.company


@pytest.fixture
def first(company):
    return build.an_approver(company)


@pytest.fixture
def second(company):
    return build.an_approver(company)


def fresh(payment):
    return Payment.objects.get(pk=payment.pk)


def approve(payment, by, **facts):
    return approval.approve(payment, by, fresh(payment).digest, **facts)


def stand_in(payment, deputy, person, **facts):
    facts = {"starts_on": build.TODAY, "ends_on": build.TODAY} | facts
    return Deputy.objects.create(company=payment.company, deputy=deputy, person=person, **facts)


class TestApprove:
    def test_the_last_approval_needed_releases_the_files(self, payment, first, second):
        assert approve(payment, first).released is False
        answer = approve(payment, second)
        now = fresh(payment)
        assert (answer.given, answer.needed, answer.released) == (2, 2, True)
        assert (now.round_state, now.word) == (RoundState.RELEASED, "approved")
        assert set(payment.transfers.values_list("state", flat=True)) == {TransferState.RELEASED}

    def test_one_approval_of_two_releases_nothing(self, payment, first):
        approve(payment, first)
        assert fresh(payment).round_state == RoundState.WAITING
        assert set(payment.transfers.values_list("state", flat=True)) == {TransferState.SEALED}

    def test_the_files_are_held_as_long_as_the_agreement_says(self, payment, first, second):
        payment.agreement.hold_seconds = 120
        payment.agreement.save()
        approve(payment, first)
        until = approve(payment, second).hold_until
        assert payment.transfers.get().not_before == until
        assert 110 <= approval.seconds_left(fresh(payment)) <= 120

    def test_the_release_is_told_with_the_files(self, payment, first, second):
        told = []
        transfer_released.connect(lambda **facts: told.append(facts["transfer_ids"]), weak=False, dispatch_uid="test")
        approve(payment, first)
        approve(payment, second)
        transfer_released.disconnect(dispatch_uid="test")
        assert told == [[payment.transfers.get().pk]]

    def test_the_story_names_who_approved(self, payment, first, second):
        approve(payment, first)
        approve(payment, second)
        kinds = list(payment.events.order_by("pk").values_list("kind", "person"))
        assert kinds == [("approved", first.pk), ("approved", second.pk), ("released", second.pk)]

    def test_approvals_are_chained_so_that_a_changed_row_shows(self, payment, first, second):
        approve(payment, first)
        approve(payment, second)
        assert approval.broken_seals(payment) == []
        row = Approval.objects.order_by("pk").first()
        Approval.objects.filter(pk=row.pk).update(digest="0" * 64)
        assert row.pk in approval.broken_seals(payment)


class TestRefused:
    def refused(self, payment, by, kind, **facts):
        with pytest.raises(kind) as why:
            approve(payment, by, **facts)
        assert str(payment.number) in why.value.text or kind in (refusals.NotAnApprover, refusals.SecondFactorNeeded)
        assert fresh(payment).given == Approval.objects.count()

    def test_the_uploader_cannot_approve_their_own_payment(self, payment, company):
        uploader = payment.uploaded_by
        company.memberships.create(person=uploader, role=Role.APPROVER)
        self.refused(payment, uploader, refusals.OwnUpload)

    def test_nobody_approves_twice(self, payment, first):
        approve(payment, first)
        self.refused(payment, first, refusals.AlreadyApproved)

    def test_the_role_is_needed_in_this_company(self, payment):
        elsewhere = build.an_approver(build.a_company())
        self.refused(payment, elsewhere, refusals.NotAnApprover)
        self.refused(payment, build.an_accountant(payment.company), refusals.NotAnApprover)

    def test_a_person_who_left_cannot_approve(self, payment, first):
        first.is_active = False
        first.save()
        self.refused(payment, first, refusals.NotAnApprover)

    def test_other_bytes_than_those_seen_are_not_approved(self, payment, first):
        with pytest.raises(refusals.ChangedSinceSeen):
            approval.approve(payment, first, "0" * 64)
        assert fresh(payment).given == 0

    def test_a_second_factor_is_needed_where_the_agreement_says_so(self, payment, first):
        payment.agreement.two_factor = TwoFactorLevel.APPROVAL
        payment.agreement.save()
        self.refused(payment, first, refusals.SecondFactorNeeded)
        assert approve(payment, first, second_factor=True).given == 1
        assert Approval.objects.get().second_factor

    def test_a_cancelled_payment_says_so(self, payment, company, first, second):
        approval.cancel(payment, first, "Wrong supplier")
        with pytest.raises(refusals.RoundClosed, match="Wrong supplier"):
            approve(payment, second)

    def test_a_released_payment_takes_no_third_approval(self, payment, company, first, second):
        approve(payment, first)
        approve(payment, second)
        self.refused(payment, build.an_approver(company), refusals.RoundClosed)

    def test_an_estimate_cannot_be_approved(self, company, first):
        with pytest.raises(refusals.RoundClosed, match="not uploaded"):
            approval.approve(build.an_estimate(company, bank_partner=company.bank_partners.first()), first, "")

    def test_a_payment_that_is_being_sealed_cannot_be_approved(self, payment, first):
        Payment.objects.filter(pk=payment.pk).update(needed=0)
        self.refused(payment, first, refusals.RoundClosed)

    def test_a_list_can_ask_why_not(self, payment, first):
        assert approval.refusal(payment, first) is None
        assert approval.refusal(payment, payment.uploaded_by).code == "not_an_approver"


class TestDates:
    def test_a_date_that_is_past_stops_the_approval(self, payment, first):
        set_business_time(build.NOW + timedelta(days=1))
        with pytest.raises(refusals.DatePassed, match="2026-11-25"):
            approve(payment, first)

    def test_today_is_too_late_after_cut_off(self, payment, first):
        payment.agreement.cutoff = time(9, 0)
        payment.agreement.save()
        with pytest.raises(refusals.DatePassed, match="cut-off"):
            approve(payment, first)

    def test_the_cut_off_is_on_the_companys_clock(self, payment, company, first):
        payment.agreement.cutoff = time(9, 30)
        payment.agreement.save()
        type(company).objects.filter(pk=company.pk).update(time_zone="Atlantic/Reykjavik")  # 9:00 there
        assert approve(payment, first).given == 1

    def test_a_later_date_knows_no_cut_off(self, payment, first):
        payment.agreement.cutoff = time(9, 0)
        payment.agreement.save()
        payment.items.update(execution_date=date(2026, 11, 26))
        assert approve(payment, first).given == 1


class TestDeputies:
    def test_a_deputy_approves_for_somebody(self, payment, first):
        deputy = build.a_person()
        stand_in(payment, deputy, first)
        approve(payment, deputy)
        assert Approval.objects.get().on_behalf_of == first
        assert first.shown in payment.events.last().text

    @pytest.mark.parametrize(
        "facts",
        [
            {"starts_on": build.TODAY + timedelta(days=1), "ends_on": build.TODAY + timedelta(days=2)},
            {"starts_on": build.TODAY - timedelta(days=2), "ends_on": build.TODAY - timedelta(days=1)},
            {"limit": Decimal("1999.99")},
        ],
    )
    def test_only_within_dates_and_limit(self, payment, first, facts):
        deputy = build.a_person()
        stand_in(payment, deputy, first, **facts)
        with pytest.raises(refusals.NotAnApprover):
            approve(payment, deputy)

    def test_at_the_limit_it_is_allowed(self, payment, first):
        deputy = build.a_person()
        stand_in(payment, deputy, first, limit=Decimal(2000))
        assert approve(payment, deputy).given == 1

    def test_a_currency_without_a_rate_is_above_every_limit(self, payment, company, first):
        deputy = build.a_person()
        stand_in(payment, deputy, first, limit=Decimal(30_000))
        payment.totals.update(currency=build.a_currency("EUR"))
        row = Payment.objects.select_related("company").get(pk=payment.pk)
        assert mandates.room(company, [row]).standing(row, deputy).over_limit
        with pytest.raises(refusals.NotAnApprover):
            approve(payment, deputy)
        CurrencyRate.objects.create(company=company, currency_id="EUR", valid_from=build.TODAY, rate=Decimal(15))
        assert approve(payment, deputy).given == 1

    def test_nobody_stands_in_for_the_uploader(self, payment, company):
        company.memberships.create(person=payment.uploaded_by, role=Role.APPROVER)
        deputy = build.a_person()
        stand_in(payment, deputy, payment.uploaded_by)
        with pytest.raises(refusals.OwnUpload):
            approve(payment, deputy)

    def test_the_uploader_does_not_approve_by_standing_in_for_another(self, payment, first):
        stand_in(payment, payment.uploaded_by, first)
        with pytest.raises(refusals.OwnUpload):
            approve(payment, payment.uploaded_by)

    def test_a_deputy_is_the_same_voice_as_the_one_stood_in_for(self, payment, first):
        deputy = build.a_person()
        stand_in(payment, deputy, first)
        approve(payment, deputy)
        with pytest.raises(refusals.AlreadyApproved):
            approve(payment, first)

    def test_two_deputies_of_one_person_are_one_voice(self, payment, first):
        one, other = build.a_person(), build.a_person()
        stand_in(payment, one, first)
        stand_in(payment, other, first)
        approve(payment, one)
        with pytest.raises(refusals.AlreadyApproved):
            approve(payment, other)


class TestUndo:
    @pytest.fixture(autouse=True)
    def released(self, payment, first, second):
        payment.agreement.hold_seconds = 120
        payment.agreement.save()
        approve(payment, first)
        approve(payment, second)

    def test_within_the_seconds_one_approval_is_missing_again(self, payment, second):
        approval.undo(payment, second)
        now = fresh(payment)
        assert (now.round_state, now.given, now.word) == (RoundState.WAITING, 1, "waiting")
        assert payment.transfers.get().state == TransferState.SEALED

    def test_the_same_person_may_approve_again(self, payment, second):
        approval.undo(payment, second)
        assert approve(payment, second).released

    def test_only_who_released_it_can_undo(self, payment, first):
        with pytest.raises(refusals.NotAnApprover):
            approval.undo(payment, first)

    def test_when_the_seconds_are_over_it_is_too_late(self, payment, second):
        past = timezone.now() - timedelta(seconds=1)
        Payment.objects.update(hold_until=past)
        Transfer.objects.update(not_before=past)
        with pytest.raises(refusals.TooLate):
            approval.undo(payment, second)
        assert fresh(payment).given == 2

    def test_a_file_that_is_being_sent_is_not_taken_back(self, payment, second):
        Transfer.objects.update(state=TransferState.SENDING)
        with pytest.raises(refusals.TooLate):
            approval.undo(payment, second)
        assert fresh(payment).round_state == RoundState.RELEASED


class TestCancel:
    def test_lines_go_to_7_with_the_reason_and_entries_are_free(self, payment, first):
        approval.cancel(payment, first, "Wrong bank account")
        lines = payment.lines.all()
        assert {(line.status, line.reason_text) for line in lines} == {(LineStatus.CANCELLED, "Wrong bank account")}
        assert not SupplierEntry.objects.exclude(in_payment=0).exists()
        now = fresh(payment)
        assert (now.round_state, now.word, now.status) == (RoundState.CANCELLED, "cancelled", 8)

    def test_a_released_payment_can_be_cancelled_while_it_is_held(self, payment, first, second):
        approve(payment, first)
        approve(payment, second)
        approval.cancel(payment, first, "Stop")
        assert payment.transfers.get().state == TransferState.CANCELLED

    @pytest.mark.parametrize("state", [TransferState.SENDING, TransferState.UNKNOWN, TransferState.ACCEPTED])
    def test_a_file_that_left_is_not_called_back(self, payment, first, state):
        payment.transfers.update(state=state)
        with pytest.raises(refusals.TooLate, match=payment.transfers.get().msg_id):
            approval.cancel(payment, first, "Stop")
        assert fresh(payment).round_state == RoundState.WAITING
        assert set(payment.lines.values_list("status", flat=True)) == {LineStatus.AT_EFT}

    def test_a_reason_is_needed(self, payment, first):
        with pytest.raises(refusals.ReasonNeeded):
            approval.cancel(payment, first, "  ")

    def test_readers_cannot_cancel(self, payment):
        with pytest.raises(refusals.NotAnApprover):
            approval.cancel(payment, build.a_person(Role.READER, company=payment.company), "Stop")

    def test_it_is_cancelled_once(self, payment, first):
        approval.cancel(payment, first, "Stop")
        with pytest.raises(refusals.RoundClosed, match="Stop"):
            approval.cancel(payment, first, "Again")

    def test_lines_a_dead_process_left_at_8_follow(self, payment, first):
        Payment.objects.filter(pk=payment.pk).update(round_state=RoundState.CANCELLED, cancel_reason="Stop")
        payment.transfers.update(state=TransferState.CANCELLED)
        assert approval.finish_cancelled() == [payment.pk]
        assert set(payment.lines.values_list("status", flat=True)) == {LineStatus.CANCELLED}
        assert approval.finish_cancelled() == []
