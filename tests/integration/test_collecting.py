"""Files banks leave in folders: stored and used once, archived afterwards, and only for the company they are about."""

import pytest

from integration import collecting
from integration.channels import dropping
from integration.choices import Outcome
from integration.models import Exchange
from payments.models import BankFile
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_area(settings, tmp_path, monkeypatch):
    settings.DATA_AREA = tmp_path / "files"
    monkeypatch.setattr(dropping, "STILL_SECONDS", 0.01)


@pytest.fixture
def share(tmp_path):
    (tmp_path / "share" / "in").mkdir(parents=True)
    return tmp_path / "share"


def a_company_at(share, **agreement):
    company = build.a_company()
    partner = build.a_bank_partner(company)
    build.an_agreement(partner, channel="folder", channel_address=str(share), **agreement)
    return company, partner.account


def leave(share, account, name="incoming.xml", amount="100.00"):
    (share / "in" / name).write_text(
        f"""<VismaIncomingPayments xmlns="urn:autopay-console:vip:1"><Header><MessageId>VIP-{account}</MessageId>
        <CreationDateTime>2026-11-25T06:00:00+01:00</CreationDateTime><Ref>2026-000013</Ref>
        <OrganisationNumber>918234567</OrganisationNumber></Header>
        <Account><Number>{account}</Number><Currency>NOK</Currency><TransactionGroup>
        <BookingDate>2026-11-25</BookingDate><ValueDate>2026-11-25</ValueDate><BankReference>B{account}</BankReference>
        <Amount Ccy="NOK">{amount}</Amount><Type>UNSTRUCTURED</Type><Payment>
        <PaymentReference>R1</PaymentReference><Amount Ccy="NOK">{amount}</Amount><Debtor><Name>Ola</Name></Debtor>
        <Unstructured>Thanks</Unstructured></Payment></TransactionGroup></Account></VismaIncomingPayments>"""
    )


def archived(share):
    return [path.name for path in (share / "in" / "archive").glob("*")]


def test_a_file_is_stored_then_archived_at_the_other_side(share):
    company, account = a_company_at(share)
    leave(share, account)
    [place] = collecting.collect_all()
    assert (place.taken, place.put_aside, place.error) == (1, 0, "")
    file = BankFile.objects.get()
    assert (file.company, file.name) == (company, "incoming.xml")
    assert archived(share) == ["incoming.xml"]


def test_it_is_in_the_log_with_the_stored_file(share):
    company, account = a_company_at(share)
    leave(share, account)
    collecting.collect_all()
    row = Exchange.objects.get(company=company)
    assert (row.kind, row.direction, row.outcome, row.reference) == ("file", "in", Outcome.OK, "incoming.xml")
    assert row.file.digest == row.bank_file.digest


def test_the_same_file_left_twice_is_one_file(share):
    _company, account = a_company_at(share)
    for name in ("first.xml", "second.xml"):
        leave(share, account, name)
        collecting.collect_all()
    assert BankFile.objects.count() == 1
    assert list(Exchange.objects.order_by("at").values_list("outcome", flat=True)) == [Outcome.OK, Outcome.REPEAT]
    assert sorted(archived(share)) == ["first.xml", "second.xml"]


def test_companies_that_share_a_folder_get_their_own_files(share):
    first, _account = a_company_at(share)
    second, account = a_company_at(share)
    leave(share, account)
    collecting.collect_all()
    assert BankFile.objects.get().company == second != first


def test_a_file_about_another_companys_account_is_put_aside(share, tmp_path):
    a_company_at(share)
    (tmp_path / "elsewhere").mkdir()
    _stranger, account = a_company_at(tmp_path / "elsewhere")
    leave(share, account)
    places = {place.address: place for place in collecting.collect_all()}
    assert places[str(share)].put_aside == 1
    assert (share / "in" / "error" / "incoming.xml").exists()
    assert not BankFile.objects.exists()


def test_a_file_that_cannot_be_read_is_kept_for_a_person_to_look_at(share):
    company, _account = a_company_at(share)
    (share / "in" / "letter.txt").write_text("Dear customer")
    collecting.collect_all()
    assert BankFile.objects.get().company == company
    assert archived(share) == ["letter.txt"]


def test_a_place_that_is_down_does_not_stop_the_others(share, tmp_path):
    _company, account = a_company_at(share)
    a_company_at(tmp_path / "gone")
    leave(share, account)
    found = {place.address: place for place in collecting.collect_all()}
    assert "mounted" in found[str(tmp_path / "gone")].error
    assert found[str(share)].taken == 1


def test_agreements_that_are_not_for_download_are_left_alone(share):
    _company, account = a_company_at(share, active_download=False)
    leave(share, account)
    assert collecting.collect_all() == []
