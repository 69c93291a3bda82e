"""Which invoices a payment pays, and why it is parked when nothing is proven."""

from decimal import Decimal

import pytest

from payments.choices import IncomingState, ParkReason, Rule
from payments.matching import rules, shared
from payments.models import CustomerEntry, IncomingPayment, Match, PayerAccount
from tests import build
from tests.payments.incoming.bank_files import (
    a_credit,
    a_customer,
    a_document,
    a_payment,
    a_receiving_company,
    an_invoice,
    camt054,
    loaded,
)

pytestmark = pytest.mark.django_db
KID = "00001234500000100011"


def one(company, *payments):
    """Load one credit with these payments and answer the first."""
    file = loaded(company, camt054(a_credit(*payments)))
    return IncomingPayment.objects.filter(file=file).order_by("number").first()


def matched(payment):
    return {match.entry.invoice_no: match.closes for match in payment.matches.select_related("entry")}


def proposals(payment):
    return [
        (row.rule, [part["invoice"] for part in row.entries["parts"]]) for row in payment.candidates.order_by("rank")
    ]


def test_the_guides_setting_reads_its_kid_as_invoice_12345_of_customer_10001():
    company = a_receiving_company()
    an_invoice(company, kid="")
    payment = one(company, a_payment(kid=KID))
    assert payment.state == IncomingState.POSTED
    assert payment.rule == Rule.SPLIT_KID
    assert matched(payment) == {"12345": Decimal("1012.50")}
    proof = payment.matches.get().proof
    assert [(cell["role"], cell["text"], cell["start"]) for cell in proof["segments"]] == [
        ("invoice", "000012345", 1),
        ("customer", "0000010001", 10),
        ("check", "1", 20),
    ]
    assert proof["check"] == "mod10"


def test_the_whole_kid_on_an_open_entry_comes_first():
    company = a_receiving_company()
    an_invoice(company)
    payment = one(company, a_payment(kid=KID))
    assert (payment.rule, matched(payment)) == (Rule.WHOLE_KID, {"12345": Decimal("1012.50")})


def test_a_kid_by_modulus_eleven_that_ends_in_a_dash_is_matched():
    company = a_receiving_company()
    an_invoice(company, "500.00", "77", kid="0006-")
    assert one(company, a_payment("500.00", kid="0006-")).rule == Rule.WHOLE_KID


def test_a_split_kid_whose_customer_does_not_own_the_invoice_proves_nothing():
    company = a_receiving_company()
    a_customer(company, 10001)
    an_invoice(company, customer=20002, kid="")
    payment = one(company, a_payment(kid=KID))
    assert (payment.state, payment.reason) == (IncomingState.PARKED, ParkReason.KID_UNKNOWN)


def test_a_wrong_check_digit_is_parked_with_the_invoice_it_would_name_as_proposal():
    company = a_receiving_company()
    an_invoice(company, kid="")
    payment = one(company, a_payment(kid=KID[:-1] + "7"))
    assert payment.reason == ParkReason.KID_INVALID
    assert proposals(payment)[0] == (Rule.SPLIT_KID, ["12345"])


def test_a_kid_nobody_gave_out_is_parked_as_unknown():
    company = a_receiving_company()
    payment = one(company, a_payment(kid=build.a_kid("9999")))
    assert (payment.state, payment.reason) == (IncomingState.PARKED, ParkReason.KID_UNKNOWN)


def test_without_a_factoring_company_an_unknown_kid_says_that_the_definition_is_missing():
    company = a_receiving_company()
    company.factoring_companies.all().delete()
    payment = one(company, a_payment(kid=build.a_kid("9999")))
    assert payment.reason == ParkReason.NO_DEFINITION


def test_a_kid_with_nothing_open_is_a_possible_double_payment():
    company = a_receiving_company()
    an_invoice(company)
    one(company, a_payment(kid=KID))
    second = one(company, a_payment(kid=KID))
    assert (second.state, second.reason) == (IncomingState.PARKED, ParkReason.DOUBLE)
    assert "12345" in second.explanation


def test_two_payments_of_one_kid_in_one_file_close_the_invoice_once():
    company = a_receiving_company()
    an_invoice(company)
    file = loaded(company, camt054(a_credit(a_payment(kid=KID, ref="A1"), a_payment(kid=KID, ref="A2"))))
    states = list(IncomingPayment.objects.filter(file=file).order_by("number").values_list("state", "reason"))
    assert states == [(IncomingState.POSTED, ""), (IncomingState.PARKED, ParkReason.DOUBLE)]


def test_a_matched_payment_whose_batch_waits_keeps_its_invoice_from_others():
    company = a_receiving_company(auto=False)
    an_invoice(company)
    assert one(company, a_payment(kid=KID)).state == IncomingState.MATCHED
    assert one(company, a_payment(kid=KID)).reason == ParkReason.DOUBLE


def test_an_underpaid_kid_closes_the_invoice_in_part_and_leaves_the_rest_open():
    company = a_receiving_company()
    entry = an_invoice(company)
    payment = one(company, a_payment("1000.00", kid=KID))
    entry.refresh_from_db()
    assert (payment.state, payment.rest, entry.rest) == (IncomingState.POSTED, Decimal(0), Decimal("12.50"))
    assert "12.50" in payment.explanation


def test_an_overpaid_kid_closes_the_invoice_and_shows_the_rest():
    company = a_receiving_company()
    entry = an_invoice(company)
    payment = one(company, a_payment("1100.00", kid=KID))
    entry.refresh_from_db()
    assert (payment.state, payment.reason) == (IncomingState.PARKED, ParkReason.AMOUNT_DIFFERS)
    assert (payment.rest, entry.rest) == (Decimal("87.50"), Decimal(0))


def test_an_overpaid_kid_whose_message_names_the_other_invoice_pays_both():
    company = a_receiving_company()
    an_invoice(company, "1000.00")
    an_invoice(company, "250.00", "12361")
    payment = one(company, a_payment("1250.00", kid=KID, text="FAKT 12345 12361"))
    assert matched(payment) == {"12345": Decimal(1000), "12361": Decimal(250)}


def test_cash_discount_taken_in_time_closes_the_whole_invoice():
    company = a_receiving_company()
    entry = an_invoice(company, "1000.00", discount_amount=Decimal(20), discount_date=build.TODAY)
    payment = one(company, a_payment("980.00", kid=KID))
    entry.refresh_from_db()
    assert entry.rest == 0
    assert payment.matches.get().discount == Decimal(20)


def test_cash_discount_taken_too_late_leaves_it_open():
    company = a_receiving_company()
    entry = an_invoice(company, "1000.00", discount_amount=Decimal(20), discount_date=build.TODAY.replace(day=1))
    one(company, a_payment("980.00", kid=KID))
    entry.refresh_from_db()
    assert entry.rest == Decimal(20)


@pytest.mark.parametrize("paid", ["1011.50", "1013.50"])
def test_a_difference_within_the_companys_limit_is_written_off(paid):
    company = a_receiving_company(write_off_limit=Decimal(1))
    entry = an_invoice(company)
    payment = one(company, a_payment(paid, kid=KID))
    entry.refresh_from_db()
    assert (entry.rest, payment.rest, payment.state) == (0, 0, IncomingState.POSTED)


def test_an_invoice_number_in_its_own_field_counts_when_the_amount_is_the_rest():
    company = a_receiving_company()
    an_invoice(company, "500.00", "8801")
    payment = one(company, a_payment("500.00", docs=a_document("8801")))
    assert (payment.rule, payment.state) == (Rule.INVOICE, IncomingState.POSTED)


def test_an_invoice_number_with_another_amount_is_parked_with_a_proposal():
    company = a_receiving_company()
    an_invoice(company, "500.00", "8801")
    payment = one(company, a_payment("400.00", docs=a_document("8801")))
    assert payment.reason == ParkReason.AMOUNT_DIFFERS
    assert (Rule.INVOICE, ["8801"]) in proposals(payment)


def test_invoice_and_credit_note_named_with_their_shares_are_both_closed():
    company = a_receiving_company()
    an_invoice(company, "2500.00", "8801")
    an_invoice(company, "-600.00", "8802")
    payment = one(
        company, a_payment("1900.00", docs=a_document("8801", "2500.00") + a_document("8802", "600.00", "CREN"))
    )
    assert matched(payment) == {"8801": Decimal(2500), "8802": Decimal(-600)}


def test_numbers_in_the_message_are_tried_and_must_add_up():
    company = a_receiving_company()
    an_invoice(company, "300.00", "12347")
    an_invoice(company, "200.00", "12348")
    payment = one(company, a_payment("500.00", text="Faktura 12347 og 12348"))
    assert (payment.rule, matched(payment)) == (Rule.TEXT, {"12347": Decimal(300), "12348": Decimal(200)})


def test_a_reference_that_stands_in_the_message_is_found():
    company = a_receiving_company()
    an_invoice(company)
    assert one(company, a_payment(text=f"KID {KID}")).rule == Rule.TEXT


def test_a_message_whose_invoices_do_not_add_up_is_parked():
    company = a_receiving_company()
    an_invoice(company, "300.00", "12347")
    payment = one(company, a_payment("500.00", text="Faktura 12347"))
    assert payment.reason == ParkReason.AMOUNT_DIFFERS


def test_an_invoice_named_in_the_message_and_paid_short_is_proposed_first_in_part():
    company = a_receiving_company()
    an_invoice(company, "900.00", "12346")
    an_invoice(company, "21522.76", "12347")
    payment = one(company, a_payment("21489.43", text="Faktura 12347"))
    first = payment.candidates.order_by("rank").first()
    assert [(part["invoice"], part["amount"]) for part in first.entries["parts"]] == [("12347", "21489.43")]
    assert "12347 with 21\u202f522.76 NOK open, but 21\u202f489.43 NOK came in" in payment.explanation


def test_several_invoices_named_and_paid_short_are_proposed_oldest_due_first():
    company = a_receiving_company()
    an_invoice(company, "300.00", "12347", due_date=build.TODAY)
    an_invoice(company, "200.00", "12348", due_date=build.TODAY.replace(day=1))
    payment = one(company, a_payment("350.00", text="Faktura 12347 og 12348"))
    first = payment.candidates.order_by("rank").first()
    parts = [(part["invoice"], part["amount"]) for part in first.entries["parts"]]
    assert parts == [("12348", "200.00"), ("12347", "150.00")]


def test_a_kid_that_names_the_customer_but_no_open_invoice_proposes_his_account():
    company = a_receiving_company()
    customer = a_customer(company, 10001)
    payment = one(company, a_payment("990.00", kid=build.a_kid("000099998" + "0000010001")))
    assert payment.reason == ParkReason.CUSTOMER_ONLY
    first = payment.candidates.get(rank=1)
    assert (first.customer, first.entries["to_account"], first.entries["parts"]) == (customer, "990.00", [])


def test_invoices_of_the_named_customer_that_take_the_amount_come_before_his_account():
    company = a_receiving_company()
    an_invoice(company, "990.00", "777", kid="")
    an_invoice(company, "990.00", "778", kid="")
    payment = one(company, a_payment("990.00", kid=build.a_kid("000099998" + "0000010001")))
    *invoices, account = [row.entries["parts"] for row in payment.candidates.order_by("rank")]
    assert all(invoices) and account == []


def test_an_rf_reference_finds_the_entry_with_the_national_reference():
    company = a_receiving_company()
    an_invoice(company, "500.00", "55", kid="8101642")
    assert one(company, a_payment("500.00", kid="RF798101642")).rule == Rule.RF


def test_a_customer_kid_is_placed_on_the_only_set_of_entries_that_adds_up():
    company = a_receiving_company()
    company.factoring_companies.update(factoring_id="1;0", customer_length=5)
    for number, amount in (("1", "100.00"), ("2", "250.00"), ("3", "75.50")):
        an_invoice(company, amount, number, kid="")
    payment = one(company, a_payment("175.50", kid=build.a_kid("10001")))
    assert (payment.rule, matched(payment)) == (Rule.SUM, {"1": Decimal(100), "3": Decimal("75.50")})


def test_two_sets_that_add_up_are_two_proposals():
    company = a_receiving_company()
    company.factoring_companies.update(factoring_id="1;0", customer_length=5)
    for number, amount in (("1", "100.00"), ("2", "100.00")):
        an_invoice(company, amount, number, kid="")
    payment = one(company, a_payment("100.00", kid=build.a_kid("10001")))
    assert payment.reason == ParkReason.AMBIGUOUS
    assert {tuple(invoices) for _rule, invoices in proposals(payment)} >= {("1",), ("2",)}


def test_a_kid_paid_twice_is_not_placed_on_another_invoice_of_the_same_amount():
    company = a_receiving_company()
    an_invoice(company, "1000.00")
    an_invoice(company, "1000.00", "12346", kid="")
    one(company, a_payment("1000.00", kid=KID))
    assert one(company, a_payment("1000.00", kid=KID)).reason == ParkReason.DOUBLE


def test_a_payer_known_from_an_accepted_match_is_only_proposed():
    company = a_receiving_company()
    an_invoice(company)
    one(company, a_payment(kid=KID))
    assert PayerAccount.objects.get(company=company).seen == 1
    an_invoice(company, "640.00", "12399")
    payment = one(company, a_payment("640.00"))
    assert payment.state == IncomingState.PARKED
    assert (Rule.PAYER, ["12399"]) in proposals(payment)


@pytest.mark.parametrize(("others", "proposed"), [(19, True), (20, False)])
def test_an_account_that_many_customers_pay_from_says_nothing_about_who_paid(others, proposed):
    company = a_receiving_company()
    an_invoice(company)
    payer = one(company, a_payment(kid=KID, account="97101234564")).payer_account
    for _ in range(others):
        PayerAccount.objects.create(
            company=company, account=payer, customer=build.a_customer(company), last_seen_on=build.TODAY
        )
    an_invoice(company, "640.00", "12399")
    payment = one(company, a_payment("500.00", payer="Paying Service AB", account="97101234564"))
    assert ((Rule.PAYER, ["12399"]) in proposals(payment)) == proposed


def test_a_rule_that_is_switched_off_parks_and_says_so():
    company = a_receiving_company()
    an_invoice(company)
    for rule in (Rule.WHOLE_KID, Rule.SPLIT_KID, Rule.SUM):
        rules.switch(company, rule, on=False)
    payment = one(company, a_payment(kid=KID))
    assert payment.reason == ParkReason.SWITCHED_OFF
    assert proposals(payment)[0][1] == ["12345"]


def test_rules_are_tried_in_the_companys_order():
    company = a_receiving_company()
    an_invoice(company)
    rules.reorder(company, [Rule.SPLIT_KID])
    assert one(company, a_payment(kid=KID)).rule == Rule.SPLIT_KID


def test_money_in_another_currency_than_the_invoice_is_parked():
    company = a_receiving_company()
    an_invoice(company, "100.00", currency="EUR")
    payment = one(company, a_payment("1150.00", kid=KID))
    assert payment.reason == ParkReason.CURRENCY


def test_what_the_payer_ordered_in_the_invoices_currency_settles_it():
    company = a_receiving_company()
    an_invoice(company, "100.00", currency="EUR", amount_booked=Decimal("1140.00"))
    ordered = a_payment("1150.00", kid=KID).replace(
        "<AmtDtls>", '<AmtDtls><InstdAmt><Amt Ccy="EUR">100.00</Amt></InstdAmt>'
    )
    payment = one(company, ordered)
    assert payment.state == IncomingState.POSTED
    assert CustomerEntry.objects.get().rest == 0
    gain = payment.voucher.postings.get(account=company.gl_currency_gain)
    assert gain.credit == Decimal(10)


def test_nothing_is_posted_on_a_guess():
    company = a_receiving_company()
    an_invoice(company, "999.00", "12345")
    payment = one(company, a_payment("999.00", payer="Ukjent", account=""))
    assert payment.state == IncomingState.PARKED
    assert not Match.objects.exists()
    assert proposals(payment) == [(Rule.PAYER, ["12345"])]


@pytest.mark.parametrize(("currency", "said"), [("JPY", "1\u202f000 JPY"), ("NOK", "1\u202f000.00 NOK")])
def test_a_sentence_gives_an_amount_the_decimals_its_currency_has(currency, said):
    assert shared.amount(Decimal("1000"), currency) == said
