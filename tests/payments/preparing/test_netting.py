"""Which lines of a supplier make one transaction."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from payments.preparing.netting import put_together

DAY, LATER = date(2026, 11, 25), date(2026, 12, 1)


class Line(NamedTuple):
    line_no: int
    amount: Decimal
    pay_date: date = DAY
    kid: str = ""
    account: str = "86010000507"


def lines(*amounts, **facts):
    return [Line(number, Decimal(amount), **facts) for number, amount in enumerate(amounts, 1)]


def numbers(made):
    return [sorted(line.line_no for line in some) for some in made]


def test_invoices_without_credit_notes_go_one_by_one():
    made, left = put_together(lines(100, 200), lambda line: True)
    assert (numbers(made), left) == ([[1], [2]], [])


def test_a_credit_note_takes_as_few_invoices_as_it_needs():
    made, left = put_together(lines(100, 300, 50, -200), lambda line: True)
    assert (numbers(made), left) == ([[2, 4], [1], [3]], [])


def test_invoices_without_a_reference_are_netted_first():
    both = [Line(1, Decimal(500), kid="12345674"), Line(2, Decimal(300)), Line(3, Decimal(-200))]
    made, _ = put_together(both, lambda line: True)
    assert numbers(made) == [[2, 3], [1]]


def test_a_credit_note_that_would_leave_nothing_is_left_over():
    made, left = put_together(lines(100, -100), lambda line: True)
    assert (numbers(made), [line.line_no for line in left]) == ([[1]], [2])


def test_credit_notes_wait_for_a_day_that_can_carry_them():
    some = [Line(1, Decimal(100)), Line(2, Decimal(900), LATER), Line(3, Decimal(-500))]
    made, left = put_together(some, lambda line: True)
    assert (numbers(made), left) == ([[1], [2, 3]], [])


def test_invoices_that_must_stand_alone_carry_no_credit_note():
    made, left = put_together(lines(500, -100), lambda line: False)
    assert (numbers(made), len(left)) == ([[1]], 1)


OTHER = "86010000604"


def test_invoices_of_two_accounts_are_never_one_transaction():
    both = [Line(1, Decimal(1000)), Line(2, Decimal(500), account=OTHER), Line(3, Decimal(-1200))]
    made, left = put_together(both, lambda line: True)
    assert (numbers(made), [line.line_no for line in left]) == ([[1], [2]], [3])


def test_a_credit_note_goes_with_the_invoices_of_its_own_account():
    some = [
        Line(1, Decimal(1000)),
        Line(2, Decimal(900), account=OTHER),
        Line(3, Decimal(-300), account=OTHER),
        Line(4, Decimal(-400)),
    ]
    made, left = put_together(some, lambda line: True)
    assert (sorted(numbers(made)), left) == ([[1, 4], [2, 3]], [])


def test_a_credit_note_that_its_own_account_cannot_carry_lowers_what_another_account_of_the_supplier_gets():
    some = [Line(1, Decimal(100)), Line(2, Decimal(900), account=OTHER), Line(3, Decimal(-300))]
    made, left = put_together(some, lambda line: True)
    assert (numbers(made), left) == ([[2, 3], [1]], [])


amounts = st.lists(st.integers(-500, 500).filter(bool), min_size=1, max_size=12)


twelve = st.lists(st.booleans(), min_size=12, max_size=12)


@given(amounts, twelve, twelve, twelve)
def test_every_line_is_used_once_and_every_transaction_pays_something(values, late, kids, others):
    some = [
        Line(
            number,
            Decimal(value),
            LATER if late[number - 1] else DAY,
            "1" if kids[number - 1] else "",
            OTHER if others[number - 1] else Line._field_defaults["account"],
        )
        for number, value in enumerate(values, 1)
    ]
    made, left = put_together(some, lambda line: not line.kid)
    seen = sorted([line.line_no for items in made for line in items] + [line.line_no for line in left])
    assert seen == [line.line_no for line in some]
    for items in made:
        assert sum(line.amount for line in items) > 0
        assert len({(line.pay_date, line.account) for line in items if line.amount > 0}) == 1
    assert all(line.amount < 0 for line in left)
