"""Whatever invoices are open and whatever is paid: sums are found exactly, nothing is closed twice or on a guess."""

import itertools
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autopay_console.kernel.money import ZERO
from payments.choices import IncomingState, ParkReason, Rule
from payments.matching.amounts import Fit, fit
from payments.matching.facts import Limits
from payments.matching.sums import MOST_ENTRIES, exact_sums
from payments.models import CustomerEntry, IncomingPayment, Match
from payments.month_end.checking import check_books
from tests import build
from tests.payments.incoming.bank_files import (
    a_credit,
    a_customer,
    a_payment,
    a_receiving_company,
    an_invoice,
    camt054,
    loaded,
)
from tests.payments.incoming.matching_facts import an_entry, paid

cents = st.integers(1, 900).map(lambda units: Decimal(units) / 4)
signed = st.integers(-400, 900).filter(bool).map(lambda units: Decimal(units) / 4)


def every_set(amounts, target):
    places = range(len(amounts))
    sets = itertools.chain.from_iterable(itertools.combinations(places, n) for n in range(1, len(amounts) + 1))
    return [chosen for chosen in sets if sum(amounts[place] for place in chosen) == target]


@settings(max_examples=150, deadline=None)
@given(st.lists(signed, min_size=1, max_size=9), cents)
def test_sums_are_found_as_trying_every_set_finds_them(amounts, target):
    known = every_set(amounts, target)
    answers = exact_sums(amounts, target)
    assert len(answers.found) == min(len(known), 2)
    assert set(answers.found) <= set(known)
    assert (answers.unique is not None) == (len(known) == 1)


@settings(max_examples=30, deadline=None)
@given(st.lists(signed, min_size=1, max_size=MOST_ENTRIES), st.data())
def test_a_sum_that_is_there_is_found_among_forty(amounts, data):
    chosen = data.draw(st.sets(st.integers(0, len(amounts) - 1), min_size=1))
    target = sum(amounts[place] for place in chosen)
    answers = exact_sums(amounts, target)
    if target > 0:
        assert answers.found or answers.too_many
    assert all(sum(amounts[place] for place in found) == target for found in answers.found)


def test_more_than_forty_open_entries_are_not_searched():
    assert exact_sums([Decimal(1)] * MOST_ENTRIES + [Decimal(7)], Decimal(7)).too_many
    assert exact_sums([Decimal(1)] * (MOST_ENTRIES - 1) + [Decimal(77)], Decimal(77)).unique == (MOST_ENTRIES - 1,)


@settings(max_examples=200, deadline=None)
@given(cents, cents, st.sampled_from(("0.00", "1.00", "5.00")), st.sampled_from(("0", "10", "50")))
def test_what_is_paid_discounted_and_written_off_is_what_is_closed(given_amount, open_amount, limit, discount):
    entry = an_entry(open=open_amount, discount=Decimal(discount))
    fitted = fit(paid(given_amount), entry, Limits(Decimal(limit), "NOK"))
    part = fitted.part
    assert part is not None
    assert part.closes == part.amount + part.discount + part.write_off
    assert ZERO < part.closes <= open_amount
    assert part.amount <= given_amount
    assert abs(part.write_off) <= Decimal(limit)
    left = given_amount - part.amount
    assert (left > ZERO) == (fitted.fit is Fit.OVER)


@pytest.mark.django_db
def test_a_customer_with_more_than_forty_open_invoices_is_left_to_a_person():
    company = a_receiving_company()
    owner = a_customer(company, 20002)
    for number in range(MOST_ENTRIES + 1):
        build.a_customer_entry(owner, f"{100 + number}.00", invoice_no=f"{900 + number}", kid="")
    file = loaded(company, camt054(a_credit(a_payment("203.00", payer=owner.name, account=""))))
    payment = IncomingPayment.objects.get(file=file)
    assert payment.state == IncomingState.PARKED


@pytest.mark.django_db
def test_an_invoice_in_kronor_paid_to_a_euro_account_is_closed_by_what_was_ordered():
    """Mapping, case 40: ordered SEK 2082.58, booked EUR 216.85, no rate given."""
    euro, krona = build.a_currency("EUR"), build.a_currency("SEK")
    company = a_receiving_company(currency=euro)
    company.bank_partners.update(currency=euro)
    entry = an_invoice(company, "2082.58", currency=krona, amount_booked=Decimal("217.00"))
    detail = a_payment("216.85", kid="00001234500000100011").replace('Ccy="NOK"', 'Ccy="EUR"')
    ordered = '<AmtDtls><InstdAmt><Amt Ccy="SEK">2082.58</Amt></InstdAmt>'
    text = camt054(a_credit(detail.replace("<AmtDtls>", ordered), amount="216.85")).replace('Ccy="NOK"', 'Ccy="EUR"')
    loaded(company, text.replace("<Ccy>NOK</Ccy>", "<Ccy>EUR</Ccy>"))
    payment, entry = IncomingPayment.objects.get(), CustomerEntry.objects.get(pk=entry.pk)
    assert (payment.state, entry.rest) == (IncomingState.POSTED, Decimal(0))
    sides = {row.account: row.debit - row.credit for row in payment.voucher.postings.all()}
    assert sides[company.gl_customers] == Decimal("-217.00")
    assert sum(sides.values()) == 0
    assert sides.get(company.gl_currency_loss) == Decimal("0.15")


INVOICES = tuple((f"4{number}1", f"{amount}.00") for number, amount in enumerate((100, 150, 150, 250, 400), 1))
a_told = st.tuples(
    st.sampled_from(("", *(number for number, _amount in INVOICES), "9999")),  # the invoice the message names
    st.sampled_from(("100.00", "150.00", "250.00", "300.00", "399.50", "500.00")),
    st.sampled_from(("97101234564", "12345678903", "")),
)


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(a_told, min_size=1, max_size=6), limit=st.sampled_from(("0.00", "1.00")))
def test_no_invoice_is_closed_twice_and_nothing_is_posted_that_names_nothing(told, limit):
    sid = transaction.savepoint()
    company = a_receiving_company(write_off_limit=Decimal(limit))
    for number, amount in INVOICES:
        an_invoice(company, amount, number=number, kid="")
    details = [
        a_payment(amount, text=f"invoice {number}" if number else "thanks", account=account, ref=f"A{place}")
        for place, (number, amount, account) in enumerate(told)
    ]
    loaded(company, camt054(a_credit(*details)))
    for entry in CustomerEntry.objects.filter(company=company):
        closed = sum((match.closes for match in Match.objects.filter(entry=entry)), ZERO)
        assert ZERO <= entry.rest == entry.amount - closed
    for payment in IncomingPayment.objects.filter(company=company):
        assert payment.rest == payment.amount - sum((match.amount for match in payment.matches.all()), ZERO)
        if payment.state == IncomingState.POSTED:
            assert payment.rule in (Rule.TEXT, Rule.INVOICE, Rule.SUM)
            assert "invoice" in payment.text
        else:
            assert payment.reason in ParkReason.values
    assert check_books(company, files=False) == []
    transaction.savepoint_rollback(sid)
