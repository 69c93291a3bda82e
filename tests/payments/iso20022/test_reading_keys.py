"""Keys by which the console knows what it has seen before."""

from payments.iso20022.keys import (
    EntryKeys,
    account_key,
    booking_key,
    detail_keys,
    message_key,
    reference_key,
    status_event_key,
)
from tests.payments.iso20022.reading_tools import MESSAGES, a_detail, an_entry, camt054, read, read_text


def keys_of(found):
    keys = EntryKeys(found.survey.type)
    return [keys.key(account, entry) for account, entry in found.pairs]


def test_two_equal_entries_of_a_day_have_two_keys():
    assert len(set(keys_of(read("camt.053.001.02-page2.xml")))) == 2


def test_the_same_statement_again_has_the_same_keys(tmp_path):
    text = (MESSAGES / "camt.053.001.02-page1.xml").read_text()
    later = text.replace("2026-11-20T23:10:00+01:00", "2026-11-21T04:00:00+01:00")
    assert later != text
    assert keys_of(read_text(tmp_path, later)) == keys_of(read("camt.053.001.02-page1.xml"))


def test_the_same_payment_in_another_version_has_the_same_entry_key():
    old = read("camt.054.001.02-credit.xml")
    account, entry = old.pairs[0]
    single = entry._replace(amount=entry.details[0].amount, details=(entry.details[0]._replace(bank_reference=""),))
    new_account, new_entry = read("camt.054.001.08-mixed.xml").pairs[0]
    keys = EntryKeys("camt.054").key(account, single), EntryKeys("camt.054").key(new_account, new_entry)
    assert keys[0] == keys[1]


def test_an_equal_amount_from_another_payer_is_another_entry(tmp_path):
    def from_(name):
        party = f"<RltdPties><DbtrAcct><Id><Othr><Id>{name}</Id></Othr></Id></DbtrAcct></RltdPties>"
        return keys_of(read_text(tmp_path, camt054(an_entry(a_detail("1000.00", more=party), reference=""))))

    assert from_("12345678903") != from_("15031234561")


def test_an_equal_notification_has_an_equal_key_for_a_person_to_judge(tmp_path):
    text = camt054(an_entry(a_detail("1000.00"), reference=""))
    assert keys_of(read_text(tmp_path, text)) == keys_of(read_text(tmp_path, text.replace("N1", "N2")))


def test_details_sharing_a_bank_reference_have_their_own_keys(tmp_path):
    same = a_detail("500.00", refs="<AcctSvcrRef>X</AcctSvcrRef>")
    entry = read_text(tmp_path, camt054(an_entry(same + same))).entry
    assert len(set(detail_keys("e", entry.details))) == 2


def test_accounts_are_compared_without_form():
    assert {account_key(form) for form in ("8601 11 17947", "8601.11.17947", "NO93 8601 1117 947")} == {"86011117947"}


def test_only_finnish_references_lose_leading_zeros():
    assert reference_key("0000123453", "FI") == "123453"
    assert reference_key("0000123453", "KID") == "0000123453"


def test_one_booking_is_the_same_in_statement_and_notification():
    notified = read("camt.054.001.02-credit.xml").pairs[0]
    stated = read("camt.053.001.02-page1.xml").pairs[0]
    assert booking_key(*notified) == booking_key(*stated)


def test_pages_of_a_message_have_their_own_keys():
    pages = [read(f"camt.053.001.02-page{number}.xml").survey.head for number in (1, 2)]
    assert message_key(pages[0], "dnb") != message_key(pages[1], "dnb")


def test_a_key_never_outgrows_its_column():
    key = status_event_key("bank" * 50, "message" * 50, ["block" * 40], "RJCT", "AC04")
    assert len(key) <= 255
    assert key != status_event_key("bank" * 50, "message" * 50, ["block" * 40], "RJCT", "AC06")
