"""What is sealed is what is approved and sent: fixed bytes, ids that never repeat, one transaction per debt."""

import hashlib
from decimal import Decimal

import pytest
from lxml import etree

from companies.models import VoucherSeries
from payments import files
from payments.iso20022.schema import schema_errors
from payments.models import PaymentLine, Transfer, TransferItem
from payments.preparing import ordering, sealing
from payments.preparing.sealing import CannotSeal, seal
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    return tmp_path


@pytest.fixture
def payment():
    return build.an_estimate(lines=3)


def tree_of(transfer):
    tree = etree.parse(files.open_stored(transfer.path)).getroot()
    for element in tree.iter():
        element.tag = etree.QName(element).localname
    return tree


def texts(transfer, path):
    return [element.text for element in tree_of(transfer).findall(f".//{path}")]


def test_each_invoice_is_a_transaction_and_its_line_points_at_it(payment):
    sealed = seal(payment, 1)
    assert sealed.items == TransferItem.objects.count() == 3
    for line in payment.lines.select_related("item"):
        assert (line.item.amount, line.item.account) == (line.amount, line.account)


def test_the_file_satisfies_the_official_schema(payment):
    seal(payment, 1)
    transfer = Transfer.objects.get()
    assert schema_errors(files.full_path(transfer.path), transfer.version) == []


def test_the_row_knows_the_bytes_it_stands_for(payment):
    seal(payment, 1)
    transfer = Transfer.objects.get()
    content = files.open_stored(transfer.path).read()
    assert (transfer.digest, transfer.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (transfer.item_count, transfer.control_sum) == (3, Decimal(3000))


def test_sealing_the_same_again_gives_the_same_bytes(payment, tmp_path):
    seal(payment, 1)
    transfer = Transfer.objects.get()
    desk = ordering.Desk(payment)
    plan = sealing.planned(desk, 1)
    (_, blocks, first, behind), *_ = plan.spans()
    part = (blocks, first, behind)
    order = sealing._order(desk, 1, plan, part, transfer.msg_id, transfer.created_at.astimezone(build.NOW.tzinfo))
    again = sealing.schema.write_valid(order, tmp_path / "again.xml")
    assert again.sha256 == transfer.digest


def test_the_payments_digest_is_that_of_its_files_in_order(payment):
    payment.bank_partner.profile = build.a_profile("small", items_per_file=2, items_per_group=2)
    payment.bank_partner.save()
    sealed = seal(payment, 1)
    digests = list(Transfer.objects.order_by("sequence").values_list("digest", flat=True))
    assert len(digests) == 2
    assert sealed.digest == hashlib.sha256("\n".join(digests).encode()).hexdigest()


def test_files_keep_to_the_banks_limit(payment):
    payment.bank_partner.profile = build.a_profile("small", items_per_file=2, items_per_group=1)
    payment.bank_partner.save()
    seal(payment, 1)
    assert sorted(Transfer.objects.values_list("item_count", flat=True)) == [1, 2]
    assert all(count == "1" for one in Transfer.objects.all() for count in texts(one, "PmtInf/NbOfTxs"))


def test_message_ids_name_company_and_day_and_are_never_used_again(payment):
    seal(payment, 1)
    first = Transfer.objects.get().msg_id
    sealing.discard(payment, 1)
    seal(payment, 1)
    second = Transfer.objects.get().msg_id
    number = payment.company.number
    assert (first, second) == (f"AP{number}-20261125-000001", f"AP{number}-20261125-000002")
    assert VoucherSeries.objects.get(company=payment.company, code="file").next_number == 3


def test_end_to_end_ids_name_company_payment_round_and_transaction(payment):
    seal(payment, 2)
    expected = [f"{payment.company.number}-{payment.number}-2-{number}" for number in (1, 2, 3)]
    assert texts(Transfer.objects.get(), "PmtId/EndToEndId") == expected
    assert list(TransferItem.objects.order_by("position").values_list("end_to_end_id", flat=True)) == expected


def test_items_name_the_block_they_stand_in(payment):
    seal(payment, 1)
    transfer = Transfer.objects.get()
    assert set(transfer.items.values_list("payment_info_id", flat=True)) == set(texts(transfer, "PmtInfId"))


def test_a_credit_note_is_set_off_in_one_transaction(payment):
    line = payment.lines.first()
    note = build.a_line(payment, build.a_supplier_entry(line.supplier, "-250", invoice_no="K7"))
    seal(payment, 1)
    items = dict(PaymentLine.objects.filter(payment=payment).values_list("pk", "item_id"))
    assert items[note.pk] == items[line.pk]
    assert TransferItem.objects.get(pk=items[note.pk]).amount == Decimal(750)
    assert texts(Transfer.objects.get(), "CdtNoteAmt") == ["250.00"]


def test_a_credit_note_without_invoice_cannot_be_sealed(payment):
    build.a_line(payment, build.a_supplier_entry(build.a_supplier(payment.company), "-250", invoice_no="K7"))
    with pytest.raises(CannotSeal, match="K7"):
        seal(payment, 1)
    assert not Transfer.objects.exists()


def test_an_empty_payment_cannot_be_sealed():
    with pytest.raises(CannotSeal):
        seal(build.an_estimate(lines=0), 1)


def test_a_kid_goes_out_as_creditor_reference(payment):
    seal(payment, 1)
    kids = sorted(payment.lines.values_list("kid", flat=True))
    assert sorted(texts(Transfer.objects.get(), "CdtrRefInf/Ref")) == kids


def test_salaries_are_marked_and_booked_as_one(payment):
    for line in payment.lines.all():
        line.supplier.is_payroll = True
        line.supplier.save()
    seal(payment, 1)
    assert texts(Transfer.objects.get(), "CtgyPurp/Cd") == ["SALA"]
    assert texts(Transfer.objects.get(), "BtchBookg") == ["true"]


def test_each_payment_date_has_its_own_block(payment):
    line = payment.lines.first()
    line.pay_date = build.TODAY.replace(day=27)
    line.save()
    seal(payment, 1)
    assert texts(Transfer.objects.get(), "ReqdExctnDt/Dt") == ["2026-11-25", "2026-11-27"]


def test_a_swedish_bankgiro_with_ocr_stands_alone():
    company = build.a_company(country=build.a_country("SE"), currency=build.a_currency("SEK"), town="Stockholm")
    partner = build.a_bank_partner(
        company,
        account="SE4550000000058398257466",
        bic="SWEDSESS",
        country=build.a_country("SE"),
        currency=build.a_currency("SEK"),
    )
    build.an_agreement(partner)
    payment = build.an_estimate(company, lines=0, bank_partner=partner)
    supplier = build.a_supplier(company, country=build.a_country("SE"), account="991-2346", town="Malmö")
    build.a_line(payment, build.a_supplier_entry(supplier, "2500", kid="1234574"), account="9912346")
    build.a_line(payment, build.a_supplier_entry(supplier, "500"), account="9912346")
    build.a_line(payment, build.a_supplier_entry(supplier, "-100"), account="9912346")
    seal(payment, 1)
    transfer = Transfer.objects.get()
    assert sorted(texts(transfer, "InstdAmt")) == ["2500.00", "400.00"]
    assert texts(transfer, "CdtrRefInf/Ref") == ["1234574"]
    assert set(texts(transfer, "CdtrAcct/Id/Othr/SchmeNm/Prtry")) == {"BGNR"}
