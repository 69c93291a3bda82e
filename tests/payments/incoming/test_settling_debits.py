"""A debit without our ids settles a payment of ours, is the bank's fee, or goes to a colleague."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from companies.choices import Role
from payments.clearing import settling_debits
from payments.clearing.resolving import DoesNotFit, MovedOn
from payments.models import OpenDebit, Posting, SettlementFact
from payments.month_end import checking
from payments.settling import settlement
from tests import build
from tests.payments.bank_messages import a_debit, a_sent_payment, items_of, statuses
from tests.payments.incoming.bank_files import a_credit, a_receiving_company, camt054, loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return a_receiving_company()


@pytest.fixture
def debit(company):
    loaded(company, camt054(a_credit(amount="1012.00", way="DBIT", code="PMNT/CCRD/POSD")))
    return OpenDebit.objects.get()


@pytest.fixture
def payment(company, debit):
    payment = a_sent_payment(company, 2, bank_partner=company.bank_partners.get())
    payment.items.update(execution_date=debit.value_date)
    return payment


@pytest.fixture
def kari(company):
    return build.an_accountant(company)


@pytest.fixture
def browser(kari, client):
    client.force_login(kari)
    return client


def test_a_debit_settles_our_transaction_and_what_it_took_more_is_the_fee(company, debit, payment, kari):
    item = items_of(payment)[0]
    settling_debits.settle_item(debit, kari, item, version=debit.version, rest_is_fee=True)
    assert statuses(payment) == [5, 2]
    fact = SettlementFact.objects.get()
    assert (fact.amount, fact.fee, fact.bank_entry_id) == (Decimal(1000), Decimal(12), debit.entry_id)
    settlement.collect(payment.pk, debit.value_date)
    assert Posting.objects.get(account="7770").debit == Decimal(12)
    assert checking.check_books(company, files=False) == []


def test_what_a_debit_took_more_is_no_fee_before_somebody_says_so(debit, payment, browser):
    address, facts = reverse("settle_debit", args=[debit.pk]), {"payment_no": payment.number, "position": 1}
    answer = browser.post(address, facts | {"version": debit.version})
    assert answer.status_code == 422
    assert "12.00 NOK more than the transaction" in answer.content.decode()
    assert statuses(payment) == [2, 2]
    assert browser.post(address, facts | {"version": debit.version, "rest_is_fee": "on"}).status_code < 400
    assert SettlementFact.objects.get().fee == Decimal(12)


def test_less_than_ordered_is_a_part_payment(debit, payment, kari):
    payment.items.filter(position=1).update(amount=Decimal(1500))
    payment.lines.filter(line_no=1).update(amount=Decimal(1500))
    settling_debits.settle_item(debit, kari, items_of(payment)[0], version=debit.version)
    assert payment.lines.get(line_no=1).paid_amount == Decimal(1012)


def test_a_transaction_that_was_settled_before_is_refused_and_the_debit_waits(debit, payment, kari):
    item = items_of(payment)[0]
    settlement.settle([a_debit(item)])
    with pytest.raises(DoesNotFit, match="settled"):
        settling_debits.settle_item(debit, kari, item, version=debit.version, rest_is_fee=True)
    debit.refresh_from_db()
    assert debit.done_at is None
    assert SettlementFact.objects.count() == 1


def test_only_one_of_two_people_decides(debit, payment, kari):
    first, second = items_of(payment)
    settling_debits.settle_item(debit, kari, first, version=debit.version, rest_is_fee=True)
    with pytest.raises(MovedOn):
        settling_debits.settle_item(debit, kari, second, version=debit.version, rest_is_fee=True)
    assert statuses(payment) == [5, 2]


def test_transactions_to_the_same_account_with_the_same_amount_are_proposed(debit, payment, browser):
    item = items_of(payment)[0]
    OpenDebit.objects.update(counterparty_account=item.account, amount=item.amount)
    text = browser.get(reverse("settle_debit", args=[debit.pk])).content.decode()
    assert item.payee_name in text
    facts = {"item": str(item.pk), "version": debit.version}
    browser.post(reverse("settle_debit", args=[debit.pk]), facts)
    assert statuses(payment) == [5, 2]


def test_a_far_away_day_is_not_proposed(debit, payment):
    item = items_of(payment)[0]
    OpenDebit.objects.update(counterparty_account=item.account, amount=item.amount)
    payment.items.update(execution_date=debit.value_date + timedelta(days=30))
    debit.refresh_from_db()
    assert settling_debits.proposed_items(debit, payroll=True) == []


def test_salaries_are_neither_proposed_nor_settled_without_the_payroll_role(debit, payment, browser):
    item = items_of(payment)[0]
    type(payment).objects.filter(pk=payment.pk).update(salary=True)
    OpenDebit.objects.update(counterparty_account=item.account, amount=item.amount)
    assert item.payee_name not in browser.get(reverse("settle_debit", args=[debit.pk])).content.decode()
    for facts in ({"item": str(item.pk)}, {"payment_no": payment.number, "position": 1}):
        answer = browser.post(reverse("settle_debit", args=[debit.pk]), facts | {"version": debit.version})
        assert answer.status_code == 422
    assert statuses(payment) == [2, 2]


def test_a_transaction_is_named_by_payment_and_place(debit, payment, browser):
    facts = {"payment_no": payment.number, "version": debit.version}
    response = browser.post(reverse("settle_debit", args=[debit.pk]), facts)
    assert response.status_code == 422
    assert "write which one" in response.content.decode()
    browser.post(reverse("settle_debit", args=[debit.pk]), facts | {"position": 2, "rest_is_fee": "on"})
    assert statuses(payment) == [2, 5]


def test_a_fee_goes_to_the_fee_account_of_its_bank(debit, browser):
    browser.post(reverse("fee_debit", args=[debit.pk]), {"version": debit.version})
    assert Posting.objects.get(account="7770").debit == Decimal(1012)
    debit.refresh_from_db()
    assert debit.done_at is not None


def test_a_debit_is_handed_to_a_colleague_who_finds_it(company, debit, kari, browser, client):
    ola = build.an_accountant(company)
    facts = {"colleague": ola.pk, "note": "Your card?", "version": debit.version}
    browser.post(reverse("hand_debit", args=[debit.pk]), facts)
    client.force_login(ola)
    text = client.get(reverse("open_debits"), {"show": "mine"}).content.decode()
    assert "Your card?" in text
    client.force_login(kari)
    assert "Your card?" not in client.get(reverse("open_debits"), {"show": "mine"}).content.decode()


@pytest.mark.parametrize("name", ["settle_debit", "fee_debit", "hand_debit"])
def test_only_accountants_decide(company, debit, client, name):
    client.force_login(build.a_person(Role.APPROVER, company=company))
    assert client.post(reverse(name, args=[debit.pk])).status_code == 403


def test_a_fee_on_an_account_that_only_a_factoring_company_knows_goes_to_its_fee_account(kari, company):
    build.a_factoring_company(company, bank_account="60011117949", gl_bank="1940", gl_fee="7790")
    loaded(company, camt054(a_credit(amount="35.00", way="DBIT", code="PMNT/CCRD/POSD"), account="60011117949"))
    debit = OpenDebit.objects.get()

    batch = settling_debits.post_fee(debit, kari, version=debit.version)

    assert batch is not None
    assert set(Posting.objects.values_list("account", "debit", "credit")) == {
        ("7790", Decimal(35), Decimal(0)),
        ("1940", Decimal(0), Decimal(35)),
    }
