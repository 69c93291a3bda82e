"""Identifiers for rows that are stored in bulk."""

from itertools import pairwise
from uuid import RFC_4122, UUID

from autopay_console.kernel.ids import new_id, new_keys


def test_keys_made_together_differ_and_ascend():
    keys = new_keys(1_000)
    assert len(set(keys)) == 1_000
    assert keys == sorted(keys)


def test_a_key_is_a_time_ordered_identifier_without_hyphens():
    (key,) = new_keys(1)
    assert (len(key), UUID(key).version, UUID(key).variant) == (32, 7, RFC_4122)


def test_keys_made_one_after_the_other_are_in_that_order():
    made = [new_id() for _ in range(200)]
    assert len(set(made)) == 200
    in_order = sum(first < second for first, second in pairwise(made))
    assert in_order >= 190  # a clock that stands still for a moment leaves it to chance
    assert {one.version for one in made} == {7}
