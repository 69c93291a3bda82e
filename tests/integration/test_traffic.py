"""The traffic log and the files behind it: once per company, no secrets, kept as long as the law says."""

from datetime import date

import pytest
from django.core.management import call_command

from companies.models import SystemInformation
from integration import exchanges, file_kinds, retention, traffic
from integration.choices import Direction, Outcome
from integration.models import Exchange, FileKind, StoredFile
from payments import files
from payments.choices import TransferState
from payments.models import Payment, PaymentLine, Transfer
from payments.table_import import acts
from payments.table_import.tables import TABLES
from tests import build
from tests.integration.linking import KEY, a_released_transfer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_area(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"


def an_exchange(company=None, **facts):
    return traffic.record(Direction.OUT, facts.pop("kind", "upload"), Outcome.OK, company=company, **facts)


@pytest.mark.parametrize(
    "secret",
    [
        f'{{"signingKey": "{KEY}"}}',
        f"the key is {KEY}.",
        "Authorization: Basic Z2F0ZXdheTpzYW5kYm94",
        "Signature: sig1=:Q1FMK+BUG+DB4nvACKIqT3Cw5S2l3AlYMVUzgHjibRg=:",
        "sftp://us:Z2F0ZXdheTpzYW5kYm94@bank/out",
        '{"password": "Z2F0ZXdheTpzYW5kYm94"}',
    ],
)
def test_no_secret_comes_into_the_log(secret):
    row = an_exchange(text=secret, address=secret)
    for part in (KEY, "Z2F0ZXdheTpzYW5kYm94", "Q1FMK"):
        assert part not in row.text + row.address


def test_ordinary_words_stay_readable():
    text = "refused: msgid-other-bytes (SHA-256 630dcd29630dcd29630dcd29630dcd29630dcd29630dcd29630dcd29630dcd29)"
    assert an_exchange(text=text).text == text


def test_a_person_and_a_transfer_are_on_every_row_of_an_occasion():
    anna, transfer = build.a_person(), a_released_transfer(build.a_company())
    with traffic.on_occasion(person=anna), traffic.on_occasion(transfer=transfer):
        row = an_exchange(transfer.company)
    assert (row.person, row.by_service, row.transfer, row.payment) == (anna, False, transfer, transfer.payment)
    assert an_exchange().by_service


def test_the_same_bytes_are_one_file_in_a_company_and_another_in_the_next():
    first, second = build.a_company(), build.a_company()
    one, again = traffic.keep(first, "vip", b"<VIP/>"), traffic.keep(first, "vip", b"<VIP/>")
    other = traffic.keep(second, "vip", b"<VIP/>")
    assert one == again
    assert one.path != other.path
    assert StoredFile.objects.count() == 2


def test_a_file_gets_the_extension_its_kind_was_given():
    FileKind.objects.filter(pk="vip").update(extension="inn")
    assert traffic.keep(build.a_company(), "vip", b"<VIP/>").path.endswith(".inn")


def test_every_kind_has_its_row_after_installation():
    assert set(FileKind.objects.values_list("kind", flat=True)) >= set(file_kinds.DEFAULTS)


def test_rows_that_went_missing_are_made_again_and_changed_ones_left_alone():
    FileKind.objects.filter(pk="vip").delete()
    FileKind.objects.filter(pk="camt").update(extension="c54")
    assert file_kinds.ensure() == 1
    assert file_kinds.extension("camt") == "c54"


def found(company, word, payroll=False):
    rows = exchanges.visible(company, installation=False)
    return list(rows.filter(exchanges.found(company, word, payroll=payroll)))


def test_the_log_is_searched_by_beginning_of_reference_or_digest():
    company = build.a_company()
    stored = traffic.keep(company, "vip", b"<VIP/>")
    an_exchange(company, reference="AP1-20261125-0001", file=stored)
    an_exchange(company, reference="AP1-20261126-0001")
    assert len(found(company, "AP1-20261126")) == 1
    assert [one.file for one in found(company, stored.digest[:12])] == [stored]
    assert found(company, "20261125") == []


def test_a_company_never_sees_the_traffic_of_another():
    mine, theirs = build.a_company(), build.a_company()
    an_exchange(theirs)
    an_exchange()
    assert not exchanges.visible(mine, installation=False).exists()
    assert exchanges.visible(None, installation=True).count() == 1


def test_a_payment_is_found_by_its_number_and_by_kid_and_account_of_its_lines():
    transfer = a_released_transfer(build.a_company())
    line = transfer.payment.lines.first()
    PaymentLine.objects.filter(pk=line.pk).update(kid="1234567897")
    with traffic.on_occasion(transfer=transfer):
        mine = an_exchange(transfer.company)
    an_exchange(transfer.company)
    for word in (str(transfer.payment.number), "1234567897", line.account):
        assert found(transfer.company, word) == [mine]


def test_what_is_paid_to_people_is_found_by_account_only_with_the_payroll_role():
    transfer = a_released_transfer(build.a_company())
    Payment.objects.update(salary=True)
    account = transfer.payment.lines.first().account
    with traffic.on_occasion(transfer=transfer):
        mine = an_exchange(transfer.company)
    assert found(transfer.company, account) == []
    assert found(transfer.company, account, payroll=True) == [mine]


def test_a_payment_shows_its_own_exchanges():
    transfer = a_released_transfer(build.a_company())
    with traffic.on_occasion(transfer=transfer):
        mine = an_exchange(transfer.company)
    an_exchange(transfer.company)
    assert list(exchanges.of_payment(transfer.payment)) == [mine]


@pytest.mark.parametrize(
    ("country", "days", "until"),
    [
        ("NO", 1, date(2031, 12, 31)),
        ("SE", 1, date(2033, 12, 31)),
        ("XX", 1, date(2036, 12, 31)),
        ("NO", 3653, date(2036, 3, 31)),
    ],
)
def test_no_file_goes_before_the_law_allows(country, days, until):
    assert retention.kept_until(date(2026, 3, 31), "vip", country, {"vip": days}) == until


def test_old_files_go_and_the_log_stays():
    company = build.a_company()
    stored = traffic.keep(company, "vip", b"<VIP/>")
    row = an_exchange(company, file=stored)
    assert list(retention.may_go(date(2036, 11, 1))) == []
    assert [old.path for old in retention.purge(date(2037, 1, 1))] == [stored.path]
    row.refresh_from_db()
    assert row.file is None
    assert not (files.data_area() / stored.path).exists()


def test_a_file_that_still_waits_to_be_sent_never_goes():
    transfer = a_released_transfer(build.a_company())
    assert list(retention.may_go(date(2050, 1, 1))) == []
    Transfer.objects.filter(pk=transfer.pk).update(state=TransferState.ACCEPTED)
    assert [old.path for old in retention.may_go(date(2050, 1, 1))] == [transfer.path]


def test_a_dry_run_deletes_nothing(capsys):
    stored = traffic.keep(build.a_company(), "vip", b"<VIP/>")
    old = files.data_area() / stored.path
    ancient = old.parents[2] / "1999" / "01"
    ancient.mkdir(parents=True)
    old.rename(ancient / old.name)
    call_command("purge_files", "--dry-run")
    assert "1 files, 6 bytes would be deleted." in capsys.readouterr().out
    assert (ancient / old.name).exists()
    call_command("purge_files")
    assert not (ancient / old.name).exists()


def test_files_without_a_row_and_rows_without_a_file_are_listed(capsys):
    company = build.a_company()
    lost = files.store(company, "camt", b"<Document/>")
    gone = traffic.keep(company, "vip", b"<VIP/>")
    (files.data_area() / gone.path).unlink()
    call_command("purge_files", "--orphans")
    out = capsys.readouterr().out
    assert f"no row: {lost.path}" in out
    assert f"no file: {gone.path}" in out
    assert Exchange.objects.count() == 0


def test_the_spreadsheet_of_an_import_belongs_to_its_import(capsys):
    job = acts.start(build.a_company(), TABLES["supplier"], b"Supplier no.;Name\r\n1;Nordlys\r\n", "s.csv", None)
    call_command("purge_files", "--orphans")
    assert job.parameters["path"] not in capsys.readouterr().out


def test_what_the_service_does_is_logged_in_the_name_of_its_service_person():
    row = an_exchange()
    assert (row.by_service, row.person.username) == (True, "system")
    assert not row.person.is_active
    assert not row.person.has_usable_password()
    assert an_exchange().person == row.person


def test_the_person_named_under_credentials_is_the_one_that_is_logged():
    robot = build.a_person(username="robot")
    SystemInformation.objects.update_or_create(pk=1, defaults={"service_person": robot})
    assert an_exchange().person == robot


def test_what_another_program_did_is_nobodys():
    row = an_exchange(kind="api", by_service=False)
    assert (row.by_service, row.person) == (False, None)
