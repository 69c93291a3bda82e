"""Rules that hold for every file, tried on many."""

import tempfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.iso20022.currencies import DECIMALS, written
from payments.iso20022.messages import Refused
from payments.iso20022.reading import entries, survey
from tests.payments.iso20022.reading_tools import MESSAGES, an_entry, camt054

CREDIT = (MESSAGES / "camt.054.001.02-credit.xml").read_bytes()


def read_bytes(data: bytes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bank.xml"
        path.write_bytes(data)
        found = survey(path)
        return found, list(entries(path, found))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DECIMALS)), st.integers(min_value=0, max_value=10**14))
def test_an_amount_comes_back_as_it_was_written(currency, units):
    amount = Decimal(units).scaleb(-DECIMALS[currency])
    account = f"<Id><IBAN>NO9386011117947</IBAN></Id><Ccy>{currency}</Ccy>"
    text = camt054(an_entry(amount=written(amount, currency), currency=currency), account=account)
    (_, entry) = read_bytes(text.encode())[1][0]
    assert (entry.amount, written(entry.amount, currency)) == (amount, written(amount, currency))


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0, max_value=len(CREDIT.rstrip()) - 1))
def test_a_file_cut_anywhere_is_refused(length):
    with pytest.raises(Refused):
        read_bytes(CREDIT[:length])


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=1, max_value=30))
def test_doubled_entities_are_refused(depth):
    entities = "".join(f'<!ENTITY e{level} "&e{level - 1};&e{level - 1};">' for level in range(1, depth + 1))
    text = f'<!DOCTYPE Document [<!ENTITY e0 "x">{entities}]>' + camt054(
        an_entry(after=f"<AddtlNtryInf>&e{depth};</AddtlNtryInf>")
    )
    with pytest.raises(Refused) as caught:
        read_bytes(text.encode())
    assert caught.value.code == "doctype"


@settings(max_examples=25, deadline=None)
@given(st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True).filter(lambda prefix: not prefix.startswith("xml")))
def test_a_namespace_prefix_changes_nothing(prefix):
    text = CREDIT.decode().replace("</", "\0").replace("<?", "\1").replace("<", f"<{prefix}:")
    text = text.replace("\0", f"</{prefix}:").replace("\1", "<?").replace("xmlns=", f"xmlns:{prefix}=")
    found, pairs = read_bytes(text.encode())
    plain, plain_pairs = read_bytes(CREDIT)
    assert (pairs, found.warnings, found.accounts) == (plain_pairs, plain.warnings, plain.accounts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=12), st.integers(-3, 3))
def test_details_add_up_exactly_or_not_at_all(cents, off):
    details = "".join(
        f'<TxDtls><AmtDtls><TxAmt><Amt Ccy="NOK">{Decimal(share).scaleb(-2)}</Amt></TxAmt></AmtDtls></TxDtls>'
        for share in cents
    )
    total = sum(cents) + off
    if total < 0:
        return
    _, pairs = read_bytes(camt054(an_entry(details, amount=f"{Decimal(total).scaleb(-2):f}")).encode())
    assert pairs[0][1].adds_up == (off == 0)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_never_crash(data):
    with pytest.raises(Refused):
        read_bytes(data)


@settings(max_examples=120, deadline=None)
@given(st.integers(min_value=0, max_value=len(CREDIT) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_file_is_read_or_refused_and_never_crashes(place, noise):
    with suppress(Refused):
        read_bytes(CREDIT[:place] + noise + CREDIT[place + len(noise) :])
