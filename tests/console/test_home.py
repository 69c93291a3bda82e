"""What waits for you."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from autopay_console.home import booking, due, paying
from autopay_console.home.clock import clock_of
from autopay_console.home.health import health_of
from autopay_console.home.todo import NOW, TODAY
from autopay_console.kernel import listing
from companies.access import rights_of
from companies.choices import Role
from companies.models import CurrencyRate
from integration.models import HealthSample
from payments.choices import RoundState
from payments.models import BankEntry, BankFile, Batch, IncomingPayment, Payment
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def bank(company):
    return build.a_bank(company, cutoff=time(14, 0))


def due_today(payment):
    payment.first_date = payment.last_date = build.TODAY
    payment.save()
    return payment


def parked(company, bank, reason, amount, currency="NOK"):
    number = build.a_number()
    file = BankFile.objects.create(company=company, digest=f"{number:064d}", path="x", size=1)
    entry = BankEntry.objects.create(
        company=company,
        file=file,
        index=1,
        message_type="camt.054",
        account=bank.account,
        key=f"k{number}",
        amount=Decimal(amount),
        currency_code=currency,
        status="BOOK",
        booking_date=build.TODAY,
        value_date=build.TODAY,
    )
    return IncomingPayment.objects.create(
        company=company,
        file=file,
        entry=entry,
        key=f"k{number}",
        account=bank.account,
        amount=Decimal(amount),
        rest=Decimal(amount),
        currency_code=currency,
        booking_date=build.TODAY,
        value_date=build.TODAY,
        state="parked",
        reason=reason,
    )


def test_what_leaves_today_comes_before_what_has_time(company, bank):
    due_today(build.an_uploaded_payment(company, bank_partner=bank))
    later = build.an_uploaded_payment(company, bank_partner=bank)
    later.first_date = build.TODAY + timedelta(days=3)
    later.save()
    person = build.an_approver(company)
    now, today = paying.approvals(company, person, rights_of(person), clock_of(company))
    assert (now.when, today.when) == ("now", "today")
    assert now.amounts == (("NOK", Decimal("3000.00")),)


def test_the_uploader_is_told_who_can_still_approve_before_cut_off(company, bank):
    payment = due_today(build.an_uploaded_payment(company, bank_partner=bank))
    able = build.an_approver(company)
    (todo,) = paying.others_must_sign(company, payment.created_by, clock_of(company))
    assert able.shown in todo.sub
    assert payment.created_by.shown not in todo.sub


def test_who_may_not_approve_is_not_asked_to(company, bank):
    build.an_uploaded_payment(company, bank_partner=bank)
    person = build.an_accountant(company)
    assert paying.approvals(company, person, rights_of(person), clock_of(company)) == []


def test_a_credit_note_of_a_rejected_transaction_stands_behind_what_is_owed(company, bank):
    payment = build.a_transferred_payment(company, bank_partner=bank, lines=2)
    invoice, credit = payment.lines.order_by("pk")
    payment.lines.update(status=4, reason_code="AC04")
    payment.lines.filter(pk=credit.pk).update(amount=Decimal("-676.03"))
    type(credit.entry).objects.filter(company=company).update(in_payment=0, remitted=False)
    person = build.an_accountant(company)
    first, second = paying.rejected(company, rights_of(person))
    assert (first.when, first.tone, first.amount) == (NOW, "bad", invoice.amount)
    assert (second.when, second.tone, second.amount) == (TODAY, "", Decimal("-676.03"))
    assert second.title.startswith("Credit note of a rejected transaction")


def test_a_rejected_line_waits_until_its_invoice_is_in_a_new_payment(company, bank):
    payment = build.a_transferred_payment(company, bank_partner=bank, lines=1)
    line = payment.lines.get()
    payment.lines.update(status=4, reason_code="AC04")
    type(line.entry).objects.filter(pk=line.entry_id).update(in_payment=0, remitted=False)
    person = build.an_accountant(company)
    (todo,) = paying.rejected(company, rights_of(person))
    assert "AC04" in todo.sub
    type(line.entry).objects.filter(pk=line.entry_id).update(in_payment=line.amount, remitted=True)
    assert paying.rejected(company, rights_of(person)) == []


def rejected_payment(company, bank, lines=1, **facts):
    payment = build.a_transferred_payment(company, bank_partner=bank, lines=lines, **facts)
    payment.lines.update(status=4, reason_code="AC04")
    type(payment.lines.first().entry).objects.filter(company=company).update(in_payment=0, remitted=False)
    return payment


def test_beyond_a_few_rejected_lines_the_rest_is_one_link_to_all_of_them(company, bank):
    rejected_payment(company, bank, lines=6)
    found = paying.rejected(company, rights_of(build.an_accountant(company)))
    assert len(found) == 5
    assert found[-1].url.endswith("?q=line:4,10")


def test_an_invoice_that_was_rejected_twice_waits_once(company, bank):
    first = rejected_payment(company, bank)
    again = rejected_payment(company, bank)
    again.lines.update(entry=first.lines.get().entry)
    (todo,) = paying.rejected(company, rights_of(build.an_accountant(company)))
    assert f"payment {again.number} line" in todo.sub


def test_a_rejected_salary_is_named_to_those_with_the_payroll_role_only(company, bank):
    rejected_payment(company, bank)
    Payment.objects.filter(company=company).update(salary=True)
    assert paying.rejected(company, rights_of(build.an_accountant(company))) == []
    assert len(paying.rejected(company, rights_of(build.a_person(Role.PAYROLL, company=company)))) == 1


def test_what_is_to_be_suggested_leaves_blocked_suppliers_out_and_says_so(company):
    build.a_supplier_entry(build.a_supplier(company), "500.00", planned_date=build.TODAY)
    build.a_supplier_entry(build.a_supplier(company, blocked=True), "70.00", planned_date=build.TODAY)
    accountant = build.an_accountant(company)
    (todo,) = paying.to_suggest(company, rights_of(accountant), clock_of(company))
    assert (todo.amount, todo.sub) == (Decimal("500.00"), "1 open entry · 1 more of a blocked supplier")


def test_a_payment_of_which_every_line_has_its_answer_is_on_its_way_no_more(company, bank):
    payment = build.a_transferred_payment(company, bank_partner=bank, lines=2)
    Payment.objects.filter(pk=payment.pk).update(word="partly")
    assert due.on_its_way(company) == [payment]
    payment.lines.update(status=6)
    payment.lines.filter(pk=payment.lines.first().pk).update(status=4)
    assert due.on_its_way(company) == []


def test_silence_is_a_to_do_only_after_the_agreed_hours(company, bank):
    payment = build.a_transferred_payment(company, bank_partner=bank)
    payment.unanswered_since = timezone.now() - timedelta(hours=5)
    payment.save()
    assert paying.unanswered(company) == []
    payment.unanswered_since = timezone.now() - timedelta(hours=26)
    payment.save()
    assert "26 hours" in paying.unanswered(company)[0].title


def test_salary_is_shown_to_payroll_only(company, bank):
    build.an_estimate(company, bank_partner=bank, salary=True)
    accountant, payroll = build.an_accountant(company), build.a_person(Role.PAYROLL, company=company)
    assert paying.drafts(company, rights_of(accountant)) == []
    assert len(paying.drafts(company, rights_of(payroll))) == 1


def test_a_parked_payment_that_is_partly_placed_waits_with_its_rest_alone(company, bank):
    payment = parked(company, bank, "amount_differs", "33712.63")
    IncomingPayment.objects.filter(pk=payment.pk).update(rest=Decimal("250"))
    assert booking.parked_by_reason(company)[0].amounts == (("NOK", Decimal("250.00")),)


def test_parked_payments_are_counted_by_reason_and_never_added_across_currencies(company, bank):
    parked(company, bank, "kid_unknown", "100")
    parked(company, bank, "kid_unknown", "50", "EUR")
    parked(company, bank, "no_reference", "7")
    parked(build.a_company(), bank, "no_reference", "9999")
    first, second = booking.parked_by_reason(company)
    assert (first.reason, first.count, first.amounts) == (
        "kid_unknown",
        2,
        (("NOK", Decimal("100.00")), ("EUR", Decimal("50.00"))),
    )
    assert (second.reason, second.count) == ("no_reference", 1)


@pytest.fixture
def at_most_two_are_added_up(monkeypatch):
    monkeypatch.setattr(listing, "SUM_LIMIT", 2)


@pytest.mark.usefixtures("at_most_two_are_added_up")
@pytest.mark.parametrize("many", [2, 3])
def test_beyond_ten_thousand_parked_payments_are_counted_and_not_added_up(company, bank, many):
    for _ in range(many):
        parked(company, bank, "kid_unknown", "123.45")
    client = Client()
    client.force_login(build.an_accountant(company))
    page = client.get("/").content.decode()
    assert ("Place 2 incoming payments" in page) == (many == 2)
    assert ("Place more than 10 000 incoming payments" in page) == (many == 3)
    assert ("246.90" in page.replace("\u202f", "")) == (many == 2)
    assert (reverse("incoming_all") + "?reasons=1" in page) == (many == 3)
    assert "oldest 0 days" in page


def test_one_question_finds_how_much_waits_and_since_when(company, bank, django_assert_num_queries):
    parked(company, bank, "kid_unknown", "1")
    old = parked(company, bank, "no_reference", "2")
    IncomingPayment.objects.filter(pk=old.pk).update(value_date=build.TODAY - timedelta(days=9))
    parked(build.a_company(), bank, "no_reference", "3")
    with django_assert_num_queries(1):
        how = booking.how_many(company)
    assert (how.parked, how.oldest, how.odd_answers, how.too_many) == (2, build.TODAY - timedelta(days=9), 0, False)
    assert (
        booking.to_place([], how, rights_of(build.an_accountant(company)), clock_of(company))[0].sub == "oldest 9 days"
    )


def test_a_reason_leads_to_the_payments_parked_for_it(company, bank):
    parked(company, bank, "kid_unknown", "100")
    payment = parked(company, bank, "no_reference", "7")
    client = Client()
    client.force_login(build.an_accountant(company))
    (url,) = [one.url for one in booking.parked_by_reason(company) if one.reason == "no_reference"]
    assert client.get(url).context["payment"] == payment


def test_a_batch_that_waits_is_a_to_do_with_its_sum(company):
    Batch.objects.create(
        company=company,
        number=7,
        kind="settlement",
        state="waiting",
        source_key="s",
        series="pay",
        value_date=build.TODAY,
        voucher_count=2,
        debit_total=Decimal("10.50"),
        credit_total=Decimal("10.50"),
    )
    (todo,) = booking.to_post(company, rights_of(build.an_accountant(company)))
    assert (todo.title, todo.amount) == ("Post batch 7", Decimal("10.50"))


def test_money_due_tells_on_its_way_to_approve_and_not_uploaded_apart(company, bank):
    build.a_transferred_payment(company, bank_partner=bank, lines=1)
    build.an_uploaded_payment(company, bank_partner=bank, lines=2)
    build.an_estimate(company, bank_partner=bank, lines=3)
    build.a_supplier_entry(build.a_supplier(company), "500.00", planned_date=build.TODAY + timedelta(days=1))
    found = due.money_due(company, clock_of(company))
    assert found.sums == [Decimal("1000.00"), Decimal("2000.00"), Decimal("3500.00")]


def test_what_is_overdue_stands_on_today(company):
    build.a_supplier_entry(build.a_supplier(company), "500.00", planned_date=build.TODAY - timedelta(days=9))
    assert due.money_due(company, clock_of(company)).days[0].total == Decimal("500.00")


def test_other_currencies_count_at_todays_rate_and_are_named_without_one(company):
    supplier = build.a_supplier(company)
    CurrencyRate.objects.create(
        company=company, currency=build.a_currency("EUR"), valid_from=build.TODAY, rate=Decimal("11.50")
    )
    build.a_supplier_entry(supplier, "100.00", currency="EUR")
    build.a_supplier_entry(supplier, "100.00", currency="USD")
    found = due.money_due(company, clock_of(company))
    assert (found.total, found.unknown) == (Decimal("1150.00"), ["USD"])


def test_the_clock_says_how_long_money_still_leaves_today(company, bank):
    clock = clock_of(company)
    assert (clock.cut_off_shown, clock.left_shown, clock.is_closed) == ("14:00", "in 4 h 0 min", False)


def test_after_cut_off_and_on_holidays_nothing_is_promised(company, bank):
    from companies.clock import set_business_time

    set_business_time(build.NOW.replace(hour=15))
    assert clock_of(company).left is None
    set_business_time(build.NOW.replace(month=12, day=25))
    assert clock_of(company).is_closed


def test_the_page_costs_a_bounded_number_of_queries_however_much_waits(company, bank, django_assert_max_num_queries):
    for _ in range(6):
        due_today(build.an_uploaded_payment(company, bank_partner=bank))
        build.an_estimate(company, bank_partner=bank)
        parked(company, bank, "kid_unknown", "10")
    person = build.an_approver(company)
    for role in (Role.ACCOUNTANT, Role.ADMINISTRATOR):
        person.memberships.create(company=company, role=role)
    HealthSample.objects.create(at=timezone.now(), part="gateway", good=True, value=40)
    client = Client()
    client.force_login(person)
    with django_assert_max_num_queries(30):
        answer = client.get("/")
    assert b"Approve 6 payments that are due today" in answer.content


def measured(part, fact="", good=True, seconds=20, by_hand=False):
    at = timezone.now() - timedelta(seconds=seconds)
    HealthSample.objects.create(at=at, part=part, good=good, fact=fact, value=40, by_hand=by_hand)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ([("gateway", "connected", True)], "Money is moving"),
        ([("gateway", "silent", False)], "Something stands still"),
        ([("gateway", "connected", True), ("dead", "", False)], "Something stands still"),
        ([("gateway", "connected", True), ("consumer", "paused", True)], "A person holds it back"),
        ([("gateway", "no-address", True), ("queue", "", True)], "Not known whether money moves"),
        ([], "Not measured in the last three minutes"),
    ],
)
def test_the_strip_says_the_same_as_the_operations_page(company, samples, said):
    for part, fact, good in samples:
        measured(part, fact, good)
    client = Client()
    client.force_login(build.an_accountant(company))
    assert said in client.get("/").content.decode()


def test_what_was_measured_long_ago_or_asked_by_a_person_alone_is_no_yes(company):
    measured("gateway", "connected", seconds=300)
    measured("gateway", "connected", by_hand=True)
    assert health_of(company).verdict is None


def test_a_gateway_that_did_not_answer_has_no_time(company):
    measured("gateway", "silent", good=False)
    assert health_of(company).gateway_ms is None


def test_nothing_of_another_company_is_on_the_page(company, bank):
    stranger = build.a_company(name="Fremmed AS")
    payment = build.an_uploaded_payment(stranger)
    payment.round_state = RoundState.WAITING
    payment.save()
    build.a_supplier_entry(build.a_supplier(stranger, name="Hemmelig Leverandør AS"), "123456.78")
    client = Client()
    client.force_login(build.an_approver(company))
    page = client.get("/").content.decode()
    assert "Hemmelig" not in page
    assert "123" not in page.partition("<main")[2].partition("</main")[0].replace("\u202f", "")
