"""Will the account hold it: the bank's balance, what leaves, what waits, what customers owe, by bank day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from companies.models import BankPartner, CurrencyRate
from payments.choices import ImportPhase, RoundState
from payments.models import AcceptedFinding, BankEntry, BankFile, Payment, Statement
from payments.preparing import liquidity, refusals
from payments.releasing import approval
from payments.validation import cover, findings
from tests import build

pytestmark = pytest.mark.django_db
YESTERDAY, MONDAY = build.TODAY - timedelta(days=1), date(2026, 11, 30)


@pytest.fixture
def partner():
    return build.a_bank(build.a_company())


def told(partner, closing, day=YESTERDAY, kind="camt.053"):
    number = build.a_number()
    file = BankFile.objects.create(
        company=partner.company,
        digest=f"{number:064d}",
        path="x",
        size=1,
        type=kind,
        phase=ImportPhase.DONE,
    )
    return Statement.objects.create(
        company=partner.company, file=file, account=partner.account, to_date=day, closing=Decimal(closing)
    )


def booked(partner, amount, day, kind="camt.054"):
    file = told(partner, "0", day, kind).file if kind == "camt.053" else told(partner, "0", None, kind).file
    return BankEntry.objects.create(
        company=partner.company,
        file=file,
        index=1,
        message_type=kind,
        account=partner.account,
        key=f"{build.a_number():064d}",
        amount=Decimal(amount),
        currency_code="NOK",
        status="BOOK",
        booking_date=day,
        value_date=day,
    )


def forecast(partner):
    return liquidity.forecasts(partner.company, [partner])[0]


def fresh(payment):
    return Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)


def test_without_a_balance_nothing_is_guessed(partner):
    build.an_uploaded_payment(partner.company, bank_partner=partner)
    found = forecast(partner)
    assert found.balance is None
    assert {day.left for day in found.days} == {None}
    assert found.waiting == Decimal(3000)
    assert liquidity.shortfalls(partner.company, [fresh(Payment.objects.get())]) == []


def test_the_balance_is_the_latest_statement_and_what_was_booked_after_it(partner):
    told(partner, "900", YESTERDAY - timedelta(days=1))
    told(partner, "1000")
    booked(partner, "-300", build.TODAY)
    booked(partner, "5000", YESTERDAY)  # stands in the statement already
    balance = forecast(partner).balance
    assert (balance.told, balance.booked_since, balance.now) == (Decimal(1000), Decimal(-300), Decimal(700))


def test_a_report_of_today_is_newer_than_the_statement_of_yesterday(partner):
    told(partner, "1000")
    told(partner, "1200", build.TODAY, "camt.052")
    assert forecast(partner).balance.now == Decimal(1200)
    assert forecast(partner).balance.intraday


def test_every_day_says_what_leaves_what_waits_and_what_is_left(partner):
    told(partner, "10000")
    build.a_transferred_payment(partner.company, lines=1, bank_partner=partner)
    build.an_uploaded_payment(partner.company, lines=2, bank_partner=partner)
    first, second = forecast(partner).days[:2]
    assert (first.day, first.on_its_way, first.waiting) == (build.TODAY, Decimal(1000), Decimal(2000))
    assert (first.sure, first.left, second.left) == (Decimal(9000), Decimal(7000), Decimal(7000))


def test_the_lowest_day_counts_what_waits_and_no_customers_money(partner):
    told(partner, "10000")
    build.a_transferred_payment(partner.company, lines=1, bank_partner=partner)
    build.an_uploaded_payment(partner.company, lines=2, bank_partner=partner)
    assert forecast(partner).lowest.unaided == Decimal(7000)


def test_days_are_bank_days_and_a_weekends_date_counts_on_monday(partner):
    told(partner, "10000")
    payment = build.an_uploaded_payment(partner.company, lines=1, bank_partner=partner)
    payment.lines.update(pay_date=date(2026, 11, 28))
    days = {one.day: one for one in forecast(partner).days}
    assert not {day for day in days if day.weekday() > 4}
    assert days[MONDAY].waiting == Decimal(1000)


def test_a_date_that_is_past_leaves_today(partner):
    payment = build.a_transferred_payment(partner.company, lines=1, bank_partner=partner)
    payment.lines.update(pay_date=YESTERDAY)
    assert forecast(partner).days[0].on_its_way == Decimal(1000)


def test_customers_pay_on_the_account_of_their_factoring_company_when_they_are_due(partner):
    receiving = build.a_bank(partner.company)
    build.a_factoring_company(partner.company, receiving)
    customer = build.a_customer(partner.company)
    build.a_customer_entry(customer, "400", due_date=MONDAY)
    build.a_customer_entry(customer, "50", due_date=YESTERDAY)
    told(receiving, "100")
    found = {one.partner.pk: one for one in liquidity.forecasts(partner.company, [partner, receiving])}
    assert {day.day: day.expected for day in found[receiving.pk].days}[MONDAY] == Decimal(400)
    assert found[receiving.pk].overdue == Decimal(50)  # nobody knows when
    assert found[partner.pk].expected == 0


def test_currencies_are_changed_by_the_companys_rates_and_unknown_ones_named(partner):
    told(partner, "10000")
    payment = build.an_uploaded_payment(partner.company, lines=2, bank_partner=partner)
    first, second = payment.lines.all()
    payment.lines.filter(pk=first.pk).update(currency=build.a_currency("EUR"))
    payment.lines.filter(pk=second.pk).update(currency=build.a_currency("USD"))
    CurrencyRate.objects.create(company=partner.company, currency_id="EUR", valid_from=YESTERDAY, rate=Decimal("11.5"))
    found = forecast(partner)
    assert found.waiting == Decimal(11500)
    assert found.unknown == ["USD"]


def test_a_dozen_accounts_cost_no_more_questions_than_one(partner, django_assert_max_num_queries):
    partners = [partner, *(build.a_bank(partner.company) for _ in range(11))]
    for one in partners:
        told(one, "1000")
    with django_assert_max_num_queries(9):
        liquidity.forecasts(partner.company, partners)


class TestShort:
    @pytest.fixture
    def payment(self, partner):
        told(partner, "2500")
        return fresh(build.an_uploaded_payment(partner.company, lines=3, bank_partner=partner))

    def short(self, *payments):
        return liquidity.shortfalls(payments[0].company, payments)

    def test_it_says_how_much_is_missing_and_when(self, payment):
        found = self.short(payment)[0]
        assert (found.missing, found.day, found.left) == (Decimal(500), build.TODAY, Decimal(-500))

    def test_what_is_on_its_way_counts_what_others_must_still_approve_does_not(self, payment, partner):
        build.an_uploaded_payment(partner.company, lines=3, bank_partner=partner)
        assert self.short(payment)[0].missing == Decimal(500)
        build.a_transferred_payment(partner.company, lines=1, bank_partner=partner)
        assert self.short(payment)[0].missing == Decimal(1500)

    def test_payments_approved_together_share_the_account(self, payment, partner):
        other = fresh(build.an_uploaded_payment(partner.company, lines=1, bank_partner=partner))
        assert self.short(payment, other)[0].missing == Decimal(1500)

    def test_a_credit_line_is_money_too(self, payment, partner):
        BankPartner.objects.update(credit_line=Decimal(500))
        assert self.short(fresh(payment)) == []

    def test_customers_money_is_not_counted_but_said(self, payment, partner):
        build.a_customer_entry(build.a_customer(partner.company), "800")
        found = self.short(payment)[0]
        assert found.covered_by_customers
        assert "would cover it" in cover.said(found)

    def test_an_account_below_zero_already_is_not_this_payments_fault_on_other_days(self, payment, partner):
        payment.lines.update(pay_date=MONDAY)
        assert self.short(payment)[0].day == MONDAY

    def test_the_preflight_warns_before_the_upload(self, payment, partner):
        draft = fresh(build.an_estimate(partner.company, lines=3, bank_partner=partner))
        assert cover.CODE in {one.code for one in findings(draft)}

    def test_it_is_not_approved_unless_somebody_takes_that_on_by_name(self, payment, partner):
        boss = build.an_approver(partner.company)
        with pytest.raises(refusals.NotCovered, match=r"500\.00 NOK are missing"):
            approval.approve(payment, boss, payment.digest)
        approval.approve(payment, boss, payment.digest, accepted=frozenset({cover.CODE}))
        assert list(AcceptedFinding.objects.values_list("code", "person")) == [(cover.CODE, boss.pk)]

    def test_a_released_payment_is_on_its_way(self, payment, partner):
        Payment.objects.filter(pk=payment.pk).update(round_state=RoundState.RELEASED, released_at=timezone.now())
        assert forecast(partner).on_its_way == Decimal(3000)
