"""Identifiers for rows that are stored in bulk."""

from uuid import RFC_4122, UUID

from autopay_console.kernel.ids import new_keys


def test_keys_made_together_differ_and_ascend():
    keys = new_keys(1_000)
    assert len(set(keys)) == 1_000
    assert keys == sorted(keys)


def test_a_key_is_a_time_ordered_identifier_without_hyphens():
    (key,) = new_keys(1)
    assert (len(key), UUID(key).version, UUID(key).variant) == (32, 7, RFC_4122)
