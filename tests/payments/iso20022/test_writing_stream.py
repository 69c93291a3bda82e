"""The file itself: same order, same bytes; whole or not there; flat memory; checked against the schema."""

import hashlib
import os
import tracemalloc
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from payments.iso20022 import grouping, pain001
from payments.iso20022.orders import PartyId, Profile
from payments.iso20022.pain001 import OrderMismatch
from payments.iso20022.pain001_parts import TooManyDecimals
from payments.iso20022.schema import NotValid, schema_errors, write_valid
from tests.payments.iso20022.order_builders import KID, OLD, an_item, an_order

MARKED = replace(Profile(), feedback="Feedback=XDY")


def many(count):
    return (replace(an_item(reference=KID), end_to_end_id=f"1-2045-{n}") for n in range(count))


def test_the_same_order_gives_the_same_bytes(tmp_path):
    first = pain001.write(an_order(*many(3)), tmp_path / "a.xml")
    second = pain001.write(an_order(*many(3)), tmp_path / "b.xml")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.sha256 == second.sha256 == hashlib.sha256(first.path.read_bytes()).hexdigest()


def test_the_result_tells_count_and_sum(tmp_path):
    written = pain001.write(an_order(*many(3)), tmp_path / "a.xml")
    assert (written.count, written.control_sum) == (3, Decimal("3037.50"))


def test_a_failed_file_leaves_nothing_behind(tmp_path):
    order = an_order(an_item("1.005"))
    with pytest.raises(TooManyDecimals):
        pain001.write(order, tmp_path / "a.xml")
    assert list(tmp_path.iterdir()) == []


def test_a_sum_that_was_not_planned_stops_the_file(tmp_path):
    order = an_order(an_item("1"))
    with pytest.raises(OrderMismatch, match="C1-B2045-01"):
        pain001.write(replace(order, items=[an_item("2")]), tmp_path / "a.xml")


def test_an_item_too_many_stops_the_file(tmp_path):
    order = an_order(an_item("1"))
    with pytest.raises(OrderMismatch):
        pain001.write(replace(order, items=[an_item("1"), an_item("1")]), tmp_path / "a.xml")


def test_a_moment_without_time_zone_is_refused(tmp_path):
    order = an_order(an_item("1"))
    with pytest.raises(ValueError, match="time zone"):
        pain001.write(replace(order, created_at=order.created_at.replace(tzinfo=None)), tmp_path / "a.xml")


def test_blocks_end_at_the_banks_limit_and_files_hold_whole_blocks():
    profile = Profile(max_items_block=2, max_items_file=4)
    blocks = list(grouping.blocks(many(5), profile, "C1-B1"))
    assert [(b.id, b.count) for b in blocks] == [("C1-B1-01", 2), ("C1-B1-02", 2), ("C1-B1-03", 1)]
    assert [len(file) for file in grouping.files(blocks, profile)] == [2, 1]


def test_a_large_file_is_written_and_checked_in_flat_memory(tmp_path):
    profile = Profile(max_items_file=10**6)
    blocks = tuple(grouping.blocks(many(20_000), profile, "C1-B1"))
    order = replace(an_order(an_item("1"), profile=profile), blocks=blocks, items=many(20_000))
    tracemalloc.start()
    written = pain001.write(order, tmp_path / "a.xml")
    assert schema_errors(written.path, profile.version) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert written.count == 20_000
    assert peak < 8_000_000 < written.path.stat().st_size


def test_a_schema_error_names_its_line(tmp_path):
    path = pain001.write(an_order(*many(3)), tmp_path / "a.xml").path
    lines = path.read_text().splitlines(keepends=True)
    bad = next(n for n, line in enumerate(lines) if "1-2045-1<" in line)
    lines[bad] = lines[bad].replace("NOK", "kroner")
    path.write_text("".join(lines))
    errors = schema_errors(path, "001.001.09")
    assert {error.line for error in errors} == {bad + 1}
    assert "kroner" in errors[0].text


def test_a_valid_order_is_written_and_checked_in_one_go(tmp_path):
    checked = write_valid(an_order(*many(3)), tmp_path / "a.xml")
    plain = pain001.write(an_order(*many(3)), tmp_path / "b.xml")
    assert checked.sha256 == plain.sha256
    assert checked.path.exists()


def test_an_order_that_breaks_the_schema_leaves_no_file_and_names_the_line(tmp_path):
    bad = replace(an_item("1"), end_to_end_id="1" * 36)
    with pytest.raises(NotValid) as found:
        write_valid(an_order(an_item("1"), bad), tmp_path / "a.xml")
    assert {error.line for error in found.value.errors} == {6}
    assert list(tmp_path.iterdir()) == []


def test_a_file_cut_off_is_no_valid_file(tmp_path):
    path = pain001.write(an_order(*many(3)), tmp_path / "a.xml").path
    path.write_bytes(path.read_bytes()[:-40])
    assert schema_errors(path, "001.001.09")


def test_the_versions_do_not_pass_for_each_other(tmp_path):
    path = pain001.write(an_order(*many(1)), tmp_path / "a.xml").path
    assert schema_errors(path, OLD)


def test_a_bank_is_asked_for_its_feedback_in_the_header(tmp_path):
    path = pain001.write(an_order(an_item("1"), profile=MARKED), tmp_path / "a.xml").path
    assert "<Authstn><Prtry>Feedback" in path.read_text()
    assert schema_errors(path, "001.001.09") == []


def test_ids_are_written_as_data_not_as_markup(tmp_path):
    order = replace(an_order(an_item("1")), initiating_ids=(PartyId("A&B<C", "BANK"),))
    path = pain001.write(order, tmp_path / "a.xml").path
    assert "A&amp;B&lt;C" in path.read_text()


@pytest.mark.samples
@pytest.mark.parametrize("version", pain001.VERSIONS)
def test_the_packaged_schema_agrees_with_the_shared_one(tmp_path, version):
    folder = os.environ.get("AUTOPAY_XSD")
    if not folder:
        pytest.skip("AUTOPAY_XSD does not name the folder of official schemas")
    schema = etree.XMLSchema(etree.parse(str(Path(folder) / f"pain.{version}.xsd")))
    path = pain001.write(an_order(*many(3), profile=Profile(version=version)), tmp_path / "a.xml").path
    schema.assertValid(etree.parse(str(path)))
    assert schema_errors(path, version) == []
