"""Whole numbers as a page, an address or a search box sent them."""

from __future__ import annotations

import pytest

from autopay_console.kernel.numbers import LARGEST_KEY, LARGEST_NUMBER, as_key, as_keys, as_number


@pytest.mark.parametrize("text", ["", " 7", "7 ", "-7", "+7", "7.0", "1_000", "seven", "²", "١٢", "1" * 5000, "0" * 20])
def test_what_is_not_plain_digits_is_no_number(text):
    assert as_number(text, None) is None
    assert as_number(text, -1) == -1
    assert as_key(text) == 0


def test_a_number_a_column_cannot_hold_is_no_number():
    assert as_number(str(LARGEST_NUMBER), None) == LARGEST_NUMBER
    assert as_number(str(LARGEST_NUMBER + 1), None) is None
    assert as_number("1000", 0, most=999) == 0


def test_a_key_is_as_large_as_the_key_of_a_row():
    assert as_key(str(LARGEST_KEY)) == LARGEST_KEY
    assert as_key(str(LARGEST_KEY + 1)) == 0


def test_keys_keep_their_order_and_leave_out_what_is_none():
    assert as_keys(["3", "x", "", "1", "0", "9" * 30, "2"]) == [3, 1, 2]
