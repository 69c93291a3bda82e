"""Whatever the registers hold: the file is valid, the letters are the bank's, no number is cut in two."""

import re
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.iso20022 import charset, pain001
from payments.iso20022.order_kinds import CharacterSet
from payments.iso20022.orders import Address, Creditor, Document, Profile, Regulatory
from payments.iso20022.schema import schema_errors
from tests.payments.iso20022.order_builders import (
    BANKGIRO_PAYEE,
    DANISH,
    FINNISH,
    FJORDVIK,
    GERMAN_PAYEE,
    KID,
    NORWEGIAN_PAYEE,
    SWEDISH,
    US_PAYEE,
    an_item,
    an_order,
    replace,
)

WORDS = st.text(max_size=60)
AMOUNTS = st.integers(1, 10**13).map(lambda oere: Decimal(oere) / 100)
ROADS = st.sampled_from(
    [
        (FJORDVIK, NORWEGIAN_PAYEE, "NOK"),
        (SWEDISH, BANKGIRO_PAYEE, "SEK"),
        (DANISH, Creditor("Kontor ApS", DANISH.account, "DK"), "DKK"),
        (FINNISH, GERMAN_PAYEE, "EUR"),
        (FJORDVIK, US_PAYEE, "USD"),
        (SWEDISH, GERMAN_PAYEE, "EUR"),
    ]
)
ADDRESSES = st.builds(
    Address,
    street=WORDS,
    building=WORDS,
    post_code=WORDS,
    town=WORDS,
    subdivision=WORDS,
    country=st.sampled_from(["", "NO", "DE"]),
    lines=st.lists(WORDS, max_size=4).map(tuple),
)
DOCUMENTS = st.lists(st.builds(Document, st.sampled_from(["CINV", "CREN"]), WORDS, AMOUNTS), max_size=3).map(tuple)


@st.composite
def items(draw):
    debtor, payee, currency = draw(ROADS)
    payee = replace(payee, name=draw(WORDS), address=draw(st.none() | ADDRESSES))
    number = draw(st.integers(1, 10**9))
    return an_item(
        draw(AMOUNTS),
        currency,
        debtor,
        payee,
        end_to_end_id=f"1-{number}",
        text=draw(WORDS),
        documents=draw(DOCUMENTS),
        reference=draw(st.none() | st.just(KID)) if payee.country == "NO" else None,
        regulatory=draw(st.none() | st.builds(Regulatory, st.just("NO"), st.just("14"), WORDS)),
        category_purpose=draw(st.sampled_from(["", "SALA", "INTC"])),
        fee_code=draw(st.integers(0, 4)),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(items(), min_size=1, max_size=5), st.sampled_from(pain001.VERSIONS), st.booleans())
def test_any_order_is_valid_against_the_official_schema(some, version, both):
    profile = Profile(version=version, strd_and_ustrd=both, max_items_block=2)
    with TemporaryDirectory() as folder:
        written = pain001.write(an_order(*some, profile=profile), Path(folder) / "order.xml")
        assert schema_errors(written.path, version) == []
    assert written.control_sum == sum(item.amount for item in some)


@settings(deadline=None)
@given(st.text(), st.sampled_from(CharacterSet))
def test_a_cleaned_text_holds_only_letters_of_the_alphabet(text, letters):
    assert set(charset.clean(text, letters)) <= charset.ALLOWED[letters]


@settings(deadline=None)
@given(st.text(), st.sampled_from(CharacterSet))
def test_cleaning_twice_changes_nothing_more(text, letters):
    once = charset.clean(text, letters)
    assert charset.clean(once, letters) == once


@settings(deadline=None)
@given(st.lists(st.from_regex(r"[0-9]{1,12}|[a-z]{1,12}", fullmatch=True)).map(" ".join), st.integers(12, 60))
def test_a_cut_text_ends_with_whole_numbers(text, length):
    kept = charset.cut(text, length)
    assert len(kept) <= length
    assert set(re.findall("[0-9]+", kept)) <= set(re.findall("[0-9]+", text))


@settings(deadline=None)
@given(
    st.lists(st.from_regex(r"[0-9]{1,12}|[a-z]{1,12}", fullmatch=True), min_size=1).map(" ".join), st.integers(13, 40)
)
def test_lines_lose_no_word_unless_they_say_so(text, length):
    lines, left_out = charset.lines(text, 1000, length)
    assert not left_out
    assert " ".join(lines) == text
    assert all(len(line) <= length for line in lines)


def test_a_note_names_the_text_before_and_after():
    note = charset.cleaned("Müller", CharacterSet.BASIC).note
    assert '"Müller"' in note.text
    assert '"Muller"' in note.text


def test_nordic_letters_stay_at_home():
    assert charset.clean("Ærlig & Søn Åse", CharacterSet.NORDIC) == "Ærlig & Søn Åse"


def test_one_letter_becomes_one_letter_where_it_can():
    assert charset.clean("Bjørn Ångström", CharacterSet.BASIC) == "Bjorn Angstrom"
