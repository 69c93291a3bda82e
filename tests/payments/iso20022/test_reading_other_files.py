"""VIP files and payment orders, read into the same entries as bank statements."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from payments.iso20022.messages import Refused
from payments.iso20022.reading import survey
from tests.payments.iso20022.reading_tools import KID, MESSAGES, read

SCHEMAS = Path(__file__).parents[3] / "payments" / "iso20022" / "schemas"


def changed(folder, name, before, after):
    path = folder / name
    text = (MESSAGES / name).read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    return path


@pytest.mark.parametrize(
    ("name", "schema"),
    [("vip.xml", "visma-incoming-payments.xsd"), ("status-report.xml", "visma-status-report.xsd")],
)
def test_our_examples_fit_our_schemas(name, schema):
    rules = etree.XMLSchema(etree.parse(SCHEMAS / schema))
    assert rules.validate(etree.parse(MESSAGES / name)), rules.error_log


def test_a_transaction_group_is_an_entry_and_its_payments_are_details():
    found = read("vip.xml")
    assert found.survey.type == "vip"
    assert [(entry.kind, entry.amount, len(entry.details)) for entry in found.entries] == [
        ("KID", Decimal("3012.50"), 2),
        ("INVOICE", Decimal("11400.00"), 1),
    ]
    assert found.warnings == []


def test_the_download_reference_and_organisation_are_kept():
    head = read("vip.xml").survey.head
    assert (head.reference, head.organisation) == ("1184022", "999999999")


def test_every_vip_entry_is_a_booked_credit():
    assert {(entry.status, entry.direction) for entry in read("vip.xml").entries} == {("BOOK", "credit")}


def test_a_vip_payment_has_its_kid_and_payer():
    detail = read("vip.xml").entries[0].details[0]
    assert (detail.references[0].value, detail.references[0].valid) == (KID, True)
    assert (detail.debtor.name, detail.debtor.account) == ("Nordlys Kafé AS", "12345678903")


def test_a_fee_taken_from_a_vip_payment_is_inside_the_entry():
    entry = read("vip.xml").entries[1]
    assert (entry.adds_up, entry.charges_included) == (True, True)
    assert entry.details[0].exchange.instructed.currency == "EUR"
    assert entry.value_date == entry.booking_date == date(2026, 11, 20)


def test_the_older_name_of_the_text_is_read(tmp_path):
    path = changed(tmp_path, "vip.xml", "Unstructured>", "InfoMessage>")
    assert read(path).entries[1].details[0].text == ("Thank you",)


def test_an_account_without_groups_is_still_an_account():
    assert [account.currency for account in read("vip.xml").survey.accounts] == ["NOK", "EUR"]


def test_a_vip_group_that_does_not_add_up_is_an_exception(tmp_path):
    found = read(changed(tmp_path, "vip.xml", "<Amount>3012.50", "<Amount>3000.00"))
    assert (found.entries[0].adds_up, found.warnings) == (False, ["details_do_not_add_up"])


def test_a_vip_payment_without_amount_is_refused(tmp_path):
    with pytest.raises(Refused) as caught:
        survey(changed(tmp_path, "vip.xml", "<Amount>1012.50</Amount>", ""))
    assert (caught.value.code, caught.value.entry, caught.value.line) == ("amount_missing", 1, 18)


def test_a_prefix_changes_nothing_in_a_vip_file(tmp_path):
    text = (MESSAGES / "vip.xml").read_text().replace("</", "\0").replace("<?", "\1")
    text = text.replace("<", "<v:").replace("\0", "</v:").replace("\1", "<?")
    text = text.replace("<v:VismaIncomingPayments", '<v:VismaIncomingPayments xmlns:v="urn:example:vip"')
    path = tmp_path / "vip.xml"
    path.write_text(text)
    assert read(path).pairs == read("vip.xml").pairs


def test_an_order_is_read_for_display():
    found = read("pain.001.001.09-order.xml")
    assert (found.survey.type, found.survey.head.count, found.survey.head.total) == ("pain.001", 2, Decimal(3000))
    assert (found.entry.amount, found.entry.value_date, found.entry.batch.payment_id) == (
        Decimal("3000.00"),
        date(2026, 11, 25),
        "C1-B2045-01",
    )
    assert [detail.end_to_end_id for detail in found.entry.details] == ["1-2045-1", "1-2045-2"]


def test_an_order_is_no_booking():
    assert not read("pain.001.001.09-order.xml").entry.booked


def test_an_order_whose_sums_disagree_is_marked(tmp_path):
    found = read(
        changed(tmp_path, "pain.001.001.09-order.xml", "3000.00</CtrlSum>\n      <Reqd", "3001</CtrlSum><Reqd")
    )
    assert (found.entry.adds_up, found.warnings) == (False, ["counts"])


def test_an_order_in_several_currencies_has_no_single_one(tmp_path):
    path = changed(tmp_path, "pain.001.001.09-order.xml", 'InstdAmt Ccy="NOK">2000', 'InstdAmt Ccy="EUR">2000')
    found = read(path)
    assert (found.entry.currency, found.entry.amount) == ("", Decimal("3000.00"))
    assert [(row.currency, row.debit_sum) for row in found.survey.sums] == [
        ("EUR", Decimal("2000.00")),
        ("NOK", Decimal("1000.00")),
    ]
