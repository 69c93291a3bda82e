"""A person resolves what was parked; two people cannot resolve the same payment; everything can be undone."""

from decimal import Decimal

import pytest

from payments.choices import BatchState, IncomingState, ParkReason, Rule
from payments.clearing import resolving, resolving_undo
from payments.clearing.resolving import DoesNotFit, MovedOn, RestTo, Share
from payments.models import Batch, CustomerEntry, IncomingPayment, PayerAccount, Posting, SupplierEntry, Voucher
from payments.month_end import checking
from tests import build
from tests.payments.incoming.bank_files import (
    a_credit,
    a_customer,
    a_payment,
    a_receiving_company,
    an_invoice,
    camt054,
    loaded,
)

pytestmark = pytest.mark.django_db
KID = "00001234500000100011"


@pytest.fixture
def company():
    return a_receiving_company()


@pytest.fixture
def kari(company):
    return build.an_accountant(company)


def parked(company, amount="500.00", **facts):
    """A payment that names nothing."""
    file = loaded(company, camt054(a_credit(a_payment(amount, **{"account": "", **facts}))))
    return IncomingPayment.objects.get(file=file)


def balance(company, account):
    rows = Posting.objects.filter(company=company, account=account, voucher__number__isnull=False)
    return sum((row.debit - row.credit for row in rows), Decimal(0))


def books_are_right(company):
    return checking.check_books(company, files=False) == []


def test_accepting_a_proposal_matches_books_and_learns_the_payers_account(company, kari):
    entry = an_invoice(company, "500.00")
    payment = parked(company, account="97101234564")
    done = resolving.accept(payment, kari, 1, version=payment.version)
    entry.refresh_from_db()
    assert (done.payment.state, entry.rest) == (IncomingState.POSTED, 0)
    assert done.batch.source_key == f"incoming:{payment.pk}:1"
    assert PayerAccount.objects.get().account == "97101234564"
    assert books_are_right(company)


def test_the_second_of_two_people_is_told_what_happened(company, kari):
    an_invoice(company, "500.00")
    payment = parked(company)
    seen = payment.version
    resolving.accept(payment, kari, 1, version=seen)
    with pytest.raises(MovedOn) as told:
        resolving.assign(payment, build.an_accountant(company), [Share(1, Decimal(1))], version=seen)
    assert str(kari) in told.value.text


def test_a_payment_is_split_over_entries_and_the_rest_goes_to_an_account(company, kari):
    first, second = an_invoice(company, "300.00", "1"), an_invoice(company, "150.00", "2")
    payment = parked(company)
    shares = [Share(first.pk, Decimal(300)), Share(second.pk, Decimal(150))]
    done = resolving.assign(payment, kari, shares, version=payment.version, rest=RestTo("2990"))
    assert done.payment.state == IncomingState.POSTED
    assert balance(company, "2990") == Decimal(-50)
    assert books_are_right(company)


def test_what_is_not_placed_stays_parked_and_the_next_round_books_it_alone(company, kari):
    entry = an_invoice(company, "300.00", "1")
    payment = parked(company)
    done = resolving.assign(payment, kari, [Share(entry.pk, Decimal(300))], version=payment.version)
    assert (done.payment.state, done.payment.rest) == (IncomingState.PARKED, Decimal(200))
    rest = resolving.post_to_account(done.payment, kari, version=done.payment.version)
    assert rest.payment.state == IncomingState.POSTED
    assert balance(company, "1920") == Decimal(500)
    assert balance(company, company.gl_unmatched) == Decimal(-200)
    assert Voucher.objects.count() == 2


def test_the_rest_can_stand_on_the_customers_account(company, kari):
    customer = a_customer(company)
    payment = parked(company)
    resolving.post_to_account(payment, kari, version=payment.version, customer_id=customer.pk)
    posting = Posting.objects.get(account=company.gl_customers)
    assert (posting.customer, posting.credit, posting.cross_reference) == (customer, Decimal(500), "")


def test_more_than_an_entry_has_left_is_refused_with_its_number(company, kari):
    entry = an_invoice(company, "300.00", "77")
    payment = parked(company)
    with pytest.raises(DoesNotFit) as told:
        resolving.assign(payment, kari, [Share(entry.pk, Decimal(400))], version=payment.version)
    assert "77" in told.value.text
    payment.refresh_from_db()
    assert payment.rest == payment.amount


def test_an_entry_another_payment_waits_to_close_is_not_closed_twice(kari, company):
    company.bank_partners.update(auto_update_incoming=False)
    entry = an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid=KID))))
    payment = parked(company, "1012.50")
    with pytest.raises(DoesNotFit):
        resolving.assign(payment, kari, [Share(entry.pk, Decimal("1012.50"))], version=payment.version)


def test_discount_and_write_off_given_by_hand_close_the_entry(company, kari):
    entry = an_invoice(company, "510.00", "1")
    payment = parked(company)
    share = Share(entry.pk, Decimal(500), discount=Decimal(8), write_off=Decimal(2))
    resolving.assign(payment, kari, [share], version=payment.version)
    entry.refresh_from_db()
    assert entry.rest == 0
    assert (balance(company, company.gl_discount_given), balance(company, company.gl_write_off)) == (8, 2)
    assert books_are_right(company)


def test_parking_with_a_note_keeps_the_rules_away(company, kari):
    from payments.receiving import incoming

    payment = parked(company, text="faktura 12345")
    resolving.park(payment, kari, "Asked the customer", version=payment.version)
    an_invoice(company, "500.00")
    assert incoming.match_parked(company) == []


def test_a_parked_payment_is_matched_once_its_invoice_is_registered(company):
    from payments.receiving import incoming, posting_incoming

    payment = parked(company, text="faktura 12345")
    entry = an_invoice(company, "500.00")
    assert incoming.match_parked(company) == [payment.pk]
    payment.refresh_from_db()
    posting_incoming.book_matched(payment)
    entry.refresh_from_db()
    assert entry.rest == 0


def test_handing_over_names_the_colleague(company, kari):
    payment, colleague = parked(company), build.an_accountant(company)
    resolving.hand_over(payment, kari, colleague, version=payment.version)
    payment.refresh_from_db()
    assert payment.assigned_to == colleague


def test_undoing_a_posted_match_reverses_its_voucher_and_opens_the_invoice(company, kari):
    entry = an_invoice(company)
    file = loaded(company, camt054(a_credit(a_payment(kid=KID))))
    payment = IncomingPayment.objects.get(file=file)
    done = resolving_undo.undo(payment, kari, version=payment.version)
    entry.refresh_from_db()
    assert entry.rest == entry.amount
    assert (done.payment.state, done.payment.rest) == (IncomingState.PARKED, payment.amount)
    assert balance(company, "1920") == 0
    assert done.payment.candidates.get(rank=1).rule == Rule.WHOLE_KID
    assert books_are_right(company)


def test_what_was_undone_can_be_matched_again(company, kari):
    entry = an_invoice(company)
    payment = IncomingPayment.objects.get(file=loaded(company, camt054(a_credit(a_payment(kid=KID)))))
    undone = resolving_undo.undo(payment, kari, version=payment.version).payment
    resolving.accept(undone, kari, 1, version=undone.version)
    entry.refresh_from_db()
    assert entry.rest == 0
    assert balance(company, "1920") == payment.amount
    assert books_are_right(company)


def test_undoing_a_match_that_waits_takes_its_voucher_out_of_the_files_batch(company, kari):
    company.bank_partners.update(auto_update_incoming=False)
    an_invoice(company)
    an_invoice(company, "200.00", "12346")
    other = build.a_kid("000012346" + "0000010001")
    file = loaded(company, camt054(a_credit(a_payment(kid=KID, ref="1"), a_payment("200.00", kid=other, ref="2"))))
    payment = IncomingPayment.objects.get(file=file, number=1)
    resolving_undo.undo(payment, kari, version=payment.version)
    batch = Batch.objects.get(file=file)
    assert (batch.voucher_count, batch.debit_total, batch.state) == (1, Decimal(200), BatchState.WAITING)
    assert list(batch.vouchers.values_list("position", flat=True)) == [1]


def test_what_was_undone_says_who_did_it_and_why_no_rule_matches_it(company, kari):
    an_invoice(company, "21522.76", "12347")
    payment = parked(company, "21489.43", text="Faktura 12347")
    done = resolving.accept(payment, kari, 1, version=payment.version).payment
    undone = resolving_undo.undo(done, kari, version=done.version).payment
    assert undone.reason == ParkReason.AMOUNT_DIFFERS
    assert undone.explanation.startswith(f"The match was undone by {kari.shown}. The message names 12347")


def test_only_the_latest_round_is_undone(company, kari):
    entry = an_invoice(company)
    payment = IncomingPayment.objects.get(file=loaded(company, camt054(a_credit(a_payment("1100.00", kid=KID)))))
    rest = resolving.post_to_account(payment, kari, version=payment.version).payment
    undone = resolving_undo.undo(rest, kari, version=rest.version).payment
    entry.refresh_from_db()
    assert (undone.rest, entry.rest) == (Decimal("87.50"), 0)
    assert undone.voucher is not None


def test_a_repeat_is_not_money_and_can_be_taken_back(company, kari):
    payment = parked(company)
    marked = resolving.mark_repeat(payment, kari, version=payment.version).payment
    assert (marked.state, marked.rest) == (IncomingState.DUPLICATE, 0)
    back = resolving_undo.undo(marked, kari, version=marked.version).payment
    assert (back.state, back.rest) == (IncomingState.PARKED, payment.amount)


def test_a_possible_repeat_that_is_money_of_its_own_is_matched_and_booked(company, kari):
    an_invoice(company, "1012.50")
    an_invoice(company, "1012.50", "12346", kid="")
    for kid in (KID, KID):
        file = loaded(company, camt054(a_credit(a_payment(kid=kid), ref="")))
    CustomerEntry.objects.filter(invoice_no="12346").update(kid=KID)
    payment = IncomingPayment.objects.get(file=file)
    assert payment.reason == ParkReason.POSSIBLE_REPEAT
    done = resolving.not_a_repeat(payment, kari, version=payment.version)
    assert done.payment.state == IncomingState.POSTED


def test_a_worker_that_dies_while_it_is_told_apart_leaves_it_parked(company, kari, monkeypatch):
    an_invoice(company)
    for _ in range(2):
        file = loaded(company, camt054(a_credit(a_payment("500.00"), ref="")))
    payment = IncomingPayment.objects.get(file=file)

    def dies(payment):
        raise KeyboardInterrupt

    monkeypatch.setattr(resolving.posting_incoming, "book_matched", dies)
    with pytest.raises(KeyboardInterrupt):
        resolving.not_a_repeat(payment, kari, version=payment.version)
    payment.refresh_from_db()
    assert (payment.state, payment.reason) == (IncomingState.PARKED, ParkReason.POSSIBLE_REPEAT)


def test_a_refund_becomes_an_open_entry_of_the_payee(company, kari):
    payment = parked(company)
    supplier = build.a_supplier(company)
    done = resolving_undo.refund(payment, kari, supplier, version=payment.version)
    owed = SupplierEntry.objects.get()
    assert (owed.supplier, owed.rest, done.payment.state) == (supplier, Decimal(500), IncomingState.REFUND)
    assert balance(company, company.gl_suppliers) == Decimal(-500)


def test_a_refund_that_is_not_on_its_way_can_be_taken_back(company, kari):
    payment = parked(company)
    done = resolving_undo.refund(payment, kari, build.a_supplier(company), version=payment.version).payment
    back = resolving_undo.undo(done, kari, version=done.version).payment
    assert back.state == IncomingState.PARKED
    assert not SupplierEntry.objects.exists()
    assert balance(company, "1920") == 0


def test_a_refund_in_a_payment_stays(company, kari):
    payment = parked(company)
    done = resolving_undo.refund(payment, kari, build.a_supplier(company), version=payment.version).payment
    SupplierEntry.objects.update(in_payment=Decimal(500))
    with pytest.raises(DoesNotFit):
        resolving_undo.undo(done, kari, version=done.version)


def test_the_banks_fee_is_booked_again_when_a_match_was_undone_and_made_anew(company, kari):
    charge = '<Chrgs><Amt Ccy="NOK">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs>'
    entry = an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid=KID), amount="1002.50", more=charge)))
    payment = IncomingPayment.objects.get()

    undone = resolving_undo.undo(payment, kari, version=payment.version).payment
    assert (balance(company, "1920"), balance(company, "7770")) == (0, 0)
    share = Share(entry.pk, Decimal("1000.00"))
    again = resolving.assign(undone, kari, [share], version=undone.version).payment
    assert (balance(company, "1920"), balance(company, "7770")) == (Decimal("990.00"), Decimal("10.00"))
    resolving.post_to_account(again, kari, "2990", version=again.version)

    assert (balance(company, "1920"), balance(company, "7770")) == (Decimal("1002.50"), Decimal("10.00"))
    assert books_are_right(company)
