"""Stored files: whole, named by digest, kept apart by company."""

import hashlib

import pytest

from payments import files
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    return tmp_path


def test_a_stored_file_is_named_by_company_month_kind_and_digest():
    company = build.a_company()
    digest = hashlib.sha256(b"<Document/>").hexdigest()
    stored = files.store(company, "pain001", b"<Document/>")
    assert stored.path == f"{company.number}/2026/11/pain001-{digest[:16]}.xml"
    assert files.open_stored(stored.path).read() == b"<Document/>"


def test_the_same_bytes_are_stored_once():
    company = build.a_company()
    assert files.store(company, "camt", b"x") == files.store(company, "camt", b"x")
    assert len(list(files.stored_paths())) == 1


def test_two_companies_never_share_a_file():
    first = files.store(build.a_company(), "camt", b"x")
    second = files.store(build.a_company(), "camt", b"x")
    assert first.path != second.path


def test_a_file_can_be_stored_from_disk_in_pieces(area):
    source = area / "big"
    source.write_bytes(b"0123456789" * 300_000)
    stored = files.store(build.a_company(), "vip", source)
    assert stored.size == 3_000_000
    assert stored.digest == files.digest_of(source)


def test_nothing_half_written_is_left_behind(area):
    company = build.a_company()

    def fail_midway():
        with files.workspace(company) as folder:
            (folder / "half").write_bytes(b"ha")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_midway()
    assert list(files.stored_paths()) == []
    assert list(area.rglob("half")) == []


def test_a_path_out_of_the_data_area_is_refused():
    with pytest.raises(files.FileGone):
        files.open_stored("../../etc/passwd")


def test_changed_bytes_are_noticed(area):
    stored = files.store(build.a_company(), "pain001", b"as approved")
    (area / stored.path).write_bytes(b"another")
    with pytest.raises(files.FileChanged):
        files.check_digest(stored.path, stored.digest)
