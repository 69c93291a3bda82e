"""Entries that carry an id like one of ours: only what agrees with our payment settles it or brings it back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from payments import tasks
from payments.lists import bank_file_queries
from payments.models import AnswerException, IncomingPayment, OpenDebit, Posting, SettlementFact
from payments.settling import settlement, settlement_entries
from tests.build import TODAY, a_bank, a_bank_partner, a_company, an_agreement
from tests.payments.bank_messages import a_debit, a_sent_payment, details, items_of, ntry, statuses
from tests.payments.incoming.bank_files import a_credit, a_payment, camt053, camt054, loaded

pytestmark = pytest.mark.django_db
NUMBER = "60011117949"


@pytest.fixture(autouse=True)
def own_data_area(tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def company():
    company = a_company()
    a_bank(company)
    company.bank_partners.update(auto_update_outgoing=True)
    return company


@pytest.fixture
def payment(company):
    return a_sent_payment(company, lines=1, bank_partner=company.bank_partners.get())


@pytest.fixture
def posted(payment):
    """1000.00 that was debited and booked."""
    (item,) = items_of(payment)
    settlement.settle([a_debit(item)])
    settlement.collect(payment.pk, TODAY)
    return payment


def told(payment, *entries):
    return loaded(payment.company, camt054(*entries, account=payment.bank_partner.account))


def name_of(payment):
    return payment.items.get().end_to_end_id


def test_a_customer_whose_end_to_end_id_is_like_ours_brings_nothing_back(posted):
    told(posted, a_credit(a_payment("2500.00", e2e=name_of(posted), account=NUMBER)))

    assert statuses(posted) == [6]
    assert IncomingPayment.objects.get().amount == Decimal(2500)


def test_the_same_amount_from_a_customers_account_brings_nothing_back(posted):
    told(posted, a_credit(a_payment("1000.00", e2e=name_of(posted), account=NUMBER)))

    assert statuses(posted) == [6]
    assert IncomingPayment.objects.get().payer_account == NUMBER


def test_the_same_amount_with_a_reference_is_a_customers(posted):
    told(posted, a_credit(a_payment("1000.00", e2e=name_of(posted), account="", kid="00001234500000100011")))

    assert statuses(posted) == [6]


@pytest.mark.parametrize("payer", ["", "the payee's", "ours"])
def test_the_same_amount_without_a_mark_comes_back_from_the_payee_or_from_nobody(posted, payer):
    line = posted.lines.get()
    account = {"": "", "the payee's": line.account, "ours": posted.bank_partner.account}[payer]
    told(posted, a_credit(a_payment("1000.00", e2e=name_of(posted), account=account), code="PMNT/RCDT/DMCT"))

    assert statuses(posted) == [4]
    assert not IncomingPayment.objects.exists()


def test_a_mark_of_the_bank_brings_less_back_too(posted):
    back = ntry("990.00", details(name_of(posted), "990.00"), way="CRDT", reversal=True)
    told(posted, back)

    assert statuses(posted) == [4]


def test_what_the_bank_takes_back_of_a_customer_settles_nothing_of_ours(payment):
    taken_back = ntry("1000.00", details(name_of(payment), "1000.00"), reversal=True)
    told(payment, taken_back)

    assert statuses(payment) == [2]
    assert OpenDebit.objects.get().amount == Decimal(1000)


def test_an_item_named_twice_in_one_entry_is_settled_once_and_the_rest_is_a_question(payment):
    once = details(name_of(payment), "1000.00")
    told(payment, ntry("2000.00", once, once))

    assert SettlementFact.objects.get().amount == Decimal(1000)
    assert OpenDebit.objects.get().amount == Decimal(1000)
    assert statuses(payment) in ([5], [6])


def balance(account):
    rows = Posting.objects.filter(account=account)
    return sum((row.debit - row.credit for row in rows), Decimal(0))


def collected():
    for payment_id, day in settlement.due(quiet=0):
        settlement.collect(payment_id, day)


def another_account(company):
    other = a_bank_partner(company, gl_bank="1930", gl_fee="7780")
    an_agreement(other)
    return other


def back(payment, amount="1000.00", account=None):
    entry = ntry(amount, details(name_of(payment), amount, returned="AC04"), way="CRDT", on="2026-11-27")
    loaded(payment.company, camt054(entry, account=account or payment.bank_partner.account))
    collected()


def test_a_debit_of_another_account_than_ordered_is_booked_where_the_money_left(payment):
    other = another_account(payment.company)
    loaded(payment.company, camt054(ntry("1000.00", details(name_of(payment), "1000.00")), account=other.account))
    collected()

    assert (balance("2400"), balance("1920"), balance("1930")) == (Decimal(1000), 0, Decimal(-1000))


def test_money_that_comes_back_onto_another_account_is_booked_there(posted):
    back(posted, "990.00", another_account(posted.company).account)

    assert statuses(posted) == [4]
    assert (balance("1920"), balance("1930"), balance("7780")) == (Decimal(-1000), Decimal(990), Decimal(10))
    assert balance("2400") == 0


def test_a_return_is_booked_on_the_ledger_account_that_is_right_by_now(posted):
    posted.bank_partner.gl_bank = "1921"
    posted.bank_partner.save()
    back(posted)

    assert (balance("2400"), balance("1920"), balance("1921")) == (0, Decimal(-1000), Decimal(1000))
    assert balance("8060") == 0


def test_a_payment_that_cannot_be_booked_holds_up_no_other(payment, monkeypatch):
    payment.bank_partner.gl_bank = ""
    payment.bank_partner.save()
    other = a_sent_payment(lines=1)
    other.bank_partner.auto_update_outgoing = True
    other.bank_partner.save()
    settlement.settle([a_debit(item) for one in (payment, other) for item in items_of(one)])
    SettlementFact.objects.update(created_at=timezone.now() - timedelta(hours=1))

    tasks.settle_due()
    tasks.settle_due()
    assert (statuses(payment), statuses(other)) == ([5], [6])
    assert "has no ledger account" in AnswerException.objects.get().text

    payment.bank_partner.gl_bank = "1920"
    payment.bank_partner.save()
    tasks.settle_due()
    assert statuses(payment) == [6]


def test_a_fault_while_booking_one_payment_holds_up_no_other(payment, monkeypatch):
    other = a_sent_payment(lines=1)
    settlement.settle([a_debit(item) for one in (payment, other) for item in items_of(one)])
    SettlementFact.objects.update(created_at=timezone.now() - timedelta(hours=1))
    met = []

    def collect(payment_id, day):
        met.append(payment_id)
        raise ValueError("a fault")

    monkeypatch.setattr(tasks.settlement, "collect", collect)
    tasks.settle_due()
    assert met == [payment.pk, other.pk]


def test_a_statement_that_proves_salaries_is_for_payroll_as_their_notification_is(payment):
    payment.salary = True
    payment.save()
    debit = a_credit(a_payment("1000.00", e2e=name_of(payment)), way="DBIT", code="PMNT/ICDT/DMCT", ref="S1")
    notified = told(payment, debit)
    proof = a_credit(amount="1000.00", way="DBIT", code="PMNT/ICDT/DMCT", ref="S1")
    statement = loaded(payment.company, camt053(proof, account=payment.bank_partner.account))

    for file in (notified, statement):
        assert bank_file_queries.holds_salary(file)
        assert bank_file_queries.holds_salary(bank_file_queries.bank_file(payment.company, file.pk))


def test_a_lump_sum_over_a_large_block_gives_the_last_payment_no_more_than_its_share():
    parts = settlement_entries._spread(Decimal("10005.11"), [Decimal("10.00")] * 1000 + [Decimal("0.01")])
    assert sum(parts) == Decimal("10005.11")
    assert {*parts[:-1]} == {Decimal("10.00"), Decimal("10.01")}
    assert parts[-1] in (Decimal("0.01"), Decimal("0.02"))


@pytest.mark.parametrize(("decimals", "smallest"), [(0, "1"), (3, "0.001")])
def test_a_lump_sum_in_yen_or_dinars_is_shared_out_in_amounts_the_currency_has(decimals, smallest):
    parts = settlement_entries._spread(Decimal("1000"), [Decimal(1)] * 3, decimals)
    assert sum(parts) == Decimal("1000")
    assert all(part % Decimal(smallest) == 0 for part in parts)
    assert max(parts) - min(parts) == Decimal(smallest)
