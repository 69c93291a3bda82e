"""What the bank debited: settled once, booked once, closed what was truly paid; what contradicts moves nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from companies.models import AccountingPeriod, CurrencyAccounts, CurrencyRate
from payments import lifecycle
from payments.choices import BatchKind, BatchState, LineStatus, PaidStatus
from payments.models import AnswerException, Batch, EntryMatch, Posting, SettlementFact, SupplierEntry, Voucher
from payments.settling import settlement
from payments.settling.settlement import ReasonNeeded, ReturnedFact
from tests.build import (
    TODAY,
    a_bank,
    a_bank_partner,
    a_company,
    a_currency,
    a_line,
    a_supplier,
    a_supplier_entry,
    an_accountant,
    an_agreement,
    an_estimate,
)
from tests.payments.bank_messages import (
    a_debit,
    a_sent_payment,
    camt054,
    details,
    items_of,
    ntry,
    settle,
    statuses,
)

pytestmark = pytest.mark.django_db


def an_automatic_payment(lines=3, **facts):
    company = a_company()
    partner = a_bank(company)
    partner.auto_update_outgoing = True
    partner.save()
    return a_sent_payment(company, lines, bank_partner=partner, **facts)


def settled_and_booked(payment, **facts):
    settlement.settle([a_debit(item, **facts) for item in items_of(payment)])
    return settlement.collect(payment.pk, facts.get("value_date", TODAY))


def balance(account, **where):
    rows = Posting.objects.filter(account=account, **where)
    return sum(row.debit - row.credit for row in rows)


def a_return(item, amount=None, **facts):
    facts = {
        "account_amount": Decimal(amount or item.amount),
        "account_currency": "NOK",
        "value_date": TODAY + timedelta(days=2),
        "booking_date": TODAY + timedelta(days=2),
        "source": "camt.054 return",
        "reason_code": "AC04",
    } | facts
    return ReturnedFact(item_id=item.pk, **facts)


def test_a_settled_payment_is_posted_at_once_when_the_bank_partner_says_so():
    payment = an_automatic_payment()

    batch = settled_and_booked(payment)

    assert statuses(payment) == [6, 6, 6]
    assert (batch.state, batch.kind, batch.voucher_count, batch.automatic) == ("posted", BatchKind.SETTLEMENT, 3, True)
    assert (balance("2400"), balance("1920")) == (Decimal(3000), Decimal(-3000))
    entries = SupplierEntry.objects.filter(payment_lines__payment=payment)
    assert {(e.rest, e.in_payment, e.status) for e in entries} == {(Decimal(0), Decimal(0), PaidStatus.ON_TIME)}
    voucher = Voucher.objects.order_by("position").first()
    assert voucher.bank_reference == "B1"
    assert voucher.postings.get(account="2400").cross_reference == payment.lines.get(line_no=1).entry.invoice_no


def test_without_the_mark_a_person_posts_the_batch():
    payment = a_sent_payment()
    batch = settled_and_booked(payment)

    assert (batch.state, batch.number) == (BatchState.WAITING, 1)
    assert statuses(payment) == [5, 5, 5]
    assert {e.rest for e in SupplierEntry.objects.all()} == {Decimal(1000)}


def test_hearing_a_settlement_twice_books_it_once():
    payment = an_automatic_payment()
    settled_and_booked(payment)
    outcome = settlement.settle([a_debit(item, source="camt.053 test") for item in items_of(payment)])

    assert (outcome.new, outcome.heard, outcome.puzzles) == (0, 3, [])
    assert settlement.collect(payment.pk, TODAY) is None
    assert (Voucher.objects.count(), Batch.objects.count()) == (3, 1)


def test_the_same_fact_twice_in_one_slice_is_kept_once():
    payment = a_sent_payment(lines=1)
    (item,) = items_of(payment)
    outcome = settlement.settle([a_debit(item), a_debit(item)])
    assert (outcome.new, outcome.heard) == (1, 1)


def test_settlements_told_later_go_into_a_new_batch():
    payment = an_automatic_payment()
    first, second, third = items_of(payment)
    settlement.settle([a_debit(first)])
    settlement.collect(payment.pk, TODAY)
    settlement.settle([a_debit(second), a_debit(third, value_date=TODAY + timedelta(days=1))])
    settlement.collect(payment.pk, TODAY)
    settlement.collect(payment.pk, TODAY + timedelta(days=1))

    assert list(Batch.objects.order_by("number").values_list("voucher_count", "value_date")) == [
        (1, TODAY),
        (1, TODAY),
        (1, TODAY + timedelta(days=1)),
    ]
    assert statuses(payment) == [6, 6, 6]


@pytest.mark.parametrize("ended", [LineStatus.REJECTED, LineStatus.CANCELLED])
def test_a_debit_after_the_end_is_put_before_a_person_and_settles_nothing(ended):
    payment = a_sent_payment(lines=1)
    lifecycle.move(payment.lines.values_list("pk", flat=True), ended, source="test")
    (item,) = items_of(payment)

    settlement.settle([a_debit(item)])
    settlement.settle([a_debit(item)])

    assert statuses(payment) == [ended]
    assert AnswerException.objects.get().kind == "debit_after_end"
    assert not SettlementFact.objects.exists()


def test_a_debit_for_a_payment_that_was_never_sent_is_an_alarm():
    payment = a_sent_payment(lines=1)
    payment.transfers.update(state="sealed")
    settlement.settle([a_debit(items_of(payment)[0])])
    assert AnswerException.objects.get().kind == "never_sent"
    assert statuses(payment) == [2]


def test_a_second_debit_of_the_same_item_is_put_before_a_person():
    payment = a_sent_payment(lines=1)
    (item,) = items_of(payment)
    settlement.settle([a_debit(item)])
    settlement.settle([a_debit(item, amount="900.00", account_amount="900.00")])
    assert AnswerException.objects.get().kind == "second_debit"
    assert SettlementFact.objects.count() == 1


def test_a_part_payment_closes_what_was_paid_and_leaves_the_rest_payable():
    payment = an_automatic_payment(lines=1)
    (item,) = items_of(payment)
    settlement.settle([a_debit(item, amount="600.00", account_amount="600.00")])
    settlement.collect(payment.pk, TODAY)

    entry = SupplierEntry.objects.get()
    assert (entry.rest, entry.in_payment, entry.status) == (Decimal(400), Decimal(0), PaidStatus.PARTLY)
    assert not entry.remitted
    assert payment.lines.get().paid_amount == Decimal(600)


def a_netted_payment(company=None, **entry):
    """Invoice 2500 and credit note 600 of one supplier: one item of 1900."""
    company = company or a_company()
    payment = an_estimate(company, lines=0)
    supplier = a_supplier(company)
    a_line(payment, a_supplier_entry(supplier, "2500.00", **entry))
    a_line(payment, a_supplier_entry(supplier, "-600.00"))
    return payment


def sealed_as_one_item(payment):
    from tests.build import Transfer, TransferItem

    transfer = Transfer.objects.create(
        company=payment.company, payment=payment, round=1, sequence=1, msg_id=f"M{payment.pk}", version="001.001.09",
        created_at=payment.created_at, digest="d", path="p", size=1, item_count=1, control_sum=Decimal(1900),
        channel="gateway", state="accepted", sent_at=payment.created_at,
    )  # fmt: skip
    line = payment.lines.first()
    item = TransferItem.objects.create(
        transfer=transfer, payment=payment, company=payment.company, supplier=line.supplier, position=1,
        end_to_end_id=f"E{payment.pk}", payment_info_id=f"M{payment.pk}-1", amount=Decimal(1900),
        currency=line.currency,
        execution_date=TODAY, account=line.account, payee_name=line.supplier.name,
    )  # fmt: skip
    payment.lines.update(item=item)
    lifecycle.move(payment.lines.values_list("pk", flat=True), LineStatus.AT_EFT, source="upload")
    lifecycle.move(payment.lines.values_list("pk", flat=True), LineStatus.TRANSFERRED, source="report")
    return item


def test_an_item_with_a_netted_credit_note_closes_both_entries():
    payment = a_netted_payment()
    item = sealed_as_one_item(payment)
    settlement.settle([a_debit(item)])
    batch = settlement.collect(payment.pk, TODAY)
    from payments.books import ledger

    ledger.post(batch)

    assert statuses(payment) == [6, 6]
    assert list(SupplierEntry.objects.values_list("rest", "in_payment")) == [(Decimal(0), Decimal(0))] * 2
    assert (batch.voucher_count, balance("1920")) == (1, Decimal(-1900))
    assert balance("2400") == Decimal(1900)


def test_a_fee_inside_the_debit_goes_to_the_fee_account():
    payment = an_automatic_payment(lines=1)
    settled_and_booked(payment, fee=Decimal("26.00"))
    assert (balance("2400"), balance("7770"), balance("1920")) == (Decimal(1000), Decimal(26), Decimal(-1026))


def test_cash_discount_taken_closes_the_entry_and_goes_to_its_account():
    company = a_company()
    partner = a_bank(company)
    partner.auto_update_outgoing = True
    partner.save()
    payment = an_estimate(company, lines=0, bank_partner=partner)
    a_line(payment, a_supplier_entry(a_supplier(company), "1900.00"))
    line = payment.lines.get()
    SupplierEntry.objects.update(amount=2000, amount_booked=2000, rest=2000, in_payment=2000)
    payment.lines.update(discount=Decimal(100))
    item = sealed_as_one_item(payment)
    settlement.settle([a_debit(item)])
    settlement.collect(payment.pk, TODAY)

    line.entry.refresh_from_db()
    assert (line.entry.rest, line.entry.in_payment) == (Decimal(0), Decimal(0))
    assert (balance("2400"), balance("4080"), balance("1920")) == (Decimal(2000), Decimal(-100), Decimal(-1900))


def a_euro_payment(amount="100.00", booked="1150.00", account_currency="NOK"):
    company = a_company()
    partner = a_bank_partner(company, currency=a_currency(account_currency), auto_update_outgoing=True)
    an_agreement(partner)
    payment = an_estimate(company, lines=0, bank_partner=partner)
    supplier = a_supplier(company)
    a_line(payment, a_supplier_entry(supplier, amount, currency="EUR", amount_booked=Decimal(booked)))
    item = sealed_as_one_item(payment)
    item.amount = Decimal(amount)
    item.save()
    return payment, item


def test_a_currency_loss_goes_to_the_loss_account():
    payment, item = a_euro_payment()
    settlement.settle([a_debit(item, account_amount="1182.50")])
    settlement.collect(payment.pk, TODAY)
    assert (balance("2400"), balance("1920"), balance("8160")) == (
        Decimal(1150),
        Decimal("-1182.50"),
        Decimal("32.50"),
    )


def test_a_currency_gain_goes_to_the_currencys_own_account():
    payment, item = a_euro_payment()
    CurrencyAccounts.objects.create(company=payment.company, currency_id="EUR", gl_gain="8061")
    settlement.settle([a_debit(item, account_amount="1140.00")])
    settlement.collect(payment.pk, TODAY)
    assert balance("8061") == Decimal(-10)


def test_a_euro_account_is_booked_at_the_rate_of_the_value_date():
    payment, item = a_euro_payment(account_currency="EUR")
    CurrencyRate.objects.create(
        company=payment.company, currency_id="EUR", valid_from=date(2026, 11, 1), rate=Decimal("11.6")
    )
    settlement.settle([a_debit(item, account_currency="EUR", fee=Decimal("2.00"))])
    settlement.collect(payment.pk, TODAY)

    assert (balance("1920"), balance("7770"), balance("8160")) == (
        Decimal("-1183.20"),
        Decimal("23.20"),
        Decimal("10.00"),
    )
    assert Posting.objects.get(account="1920").currency_amount == Decimal("-102.00")


def test_a_missing_rate_is_put_before_a_person_and_booked_once_it_is_entered():
    payment, item = a_euro_payment(account_currency="USD")
    a_currency("USD")
    settlement.settle([a_debit(item, account_amount="110.00", account_currency="USD")])
    assert settlement.collect(payment.pk, TODAY) is None
    assert AnswerException.objects.get().kind == "no_rate"

    CurrencyRate.objects.create(company=payment.company, currency_id="USD", valid_from=TODAY, rate=Decimal("10.5"))
    assert settlement.due(quiet=0) == [(payment.pk, TODAY)]
    assert settlement.collect(payment.pk, TODAY).state == BatchState.POSTED


def test_a_bank_partner_without_generate_batch_books_nothing_until_a_person_does():
    payment = a_sent_payment()
    payment.bank_partner.generate_batch = False
    payment.bank_partner.save()
    assert settled_and_booked(payment) is None
    assert settlement.due(quiet=0) == []

    person = an_accountant(payment.company)
    (batch,) = settlement.create_batch_by_hand(payment, person, value_date=TODAY, post=True)
    assert (batch.state, batch.posted_by, statuses(payment)) == ("posted", person, [6, 6, 6])


def test_all_lines_of_a_large_payment_are_asked_for_in_slices():
    payment = a_sent_payment()
    ids = [*payment.lines.values_list("pk", flat=True), *range(10**9, 10**9 + 2_500)]
    with CaptureQueriesContext(connection) as asked:
        settlement.create_batch_by_hand(
            payment, an_accountant(payment.company), line_ids=ids, value_date=TODAY, reason="Bank sends no files"
        )
    assert statuses(payment) == [5, 5, 5]
    assert all(one["sql"].count(",") < 1_500 for one in asked.captured_queries)


def test_lines_the_bank_never_confirms_are_booked_by_hand_with_a_reason():
    payment = a_sent_payment()
    person = an_accountant(payment.company)
    ids = list(payment.lines.order_by("line_no").values_list("pk", flat=True)[:2])

    with pytest.raises(ReasonNeeded):
        settlement.create_batch_by_hand(payment, person, line_ids=ids, value_date=TODAY)
    settlement.create_batch_by_hand(
        payment, person, line_ids=ids, value_date=TODAY, reason="Bank sends no files", post=True
    )

    assert statuses(payment) == [6, 6, 2]
    change = payment.changes.get(line_id=ids[0], after=5)
    assert (change.made_by, change.reason_text) == (person, "Bank sends no files")


def test_a_locked_period_keeps_the_batch_waiting_and_the_sweep_posts_it_later():
    payment = an_automatic_payment()
    period = AccountingPeriod.objects.create(company=payment.company, year=2026, month=11, state="locked")
    batch = settled_and_booked(payment)
    assert (batch.state, statuses(payment)) == (BatchState.WAITING, [5, 5, 5])
    assert "2026-11" in batch.waits_for

    assert settlement.post_waiting() == 0
    period.state = "open"
    period.save()
    assert settlement.post_waiting() == 1
    assert statuses(payment) == [6, 6, 6]


def test_a_posted_payment_that_comes_back_is_reversed_whole_and_can_be_paid_anew():
    payment = an_automatic_payment(lines=1)
    settled_and_booked(payment, fee=Decimal("26.00"))
    (item,) = items_of(payment)

    settlement.bring_back([a_return(item)])
    batch = settlement.collect(payment.pk, TODAY + timedelta(days=2))

    line = payment.lines.get()
    assert (line.status, line.reason_code) == (4, "AC04")
    assert "losed" in line.reason_text
    assert (batch.kind, batch.state, batch.value_date) == (BatchKind.RETURN, "posted", TODAY + timedelta(days=2))
    entry = SupplierEntry.objects.get()
    assert (entry.rest, entry.in_payment, entry.status, entry.remitted) == (
        Decimal(1000),
        Decimal(0),
        PaidStatus.OPEN,
        False,
    )
    # the bank kept its fee of 26
    assert (balance("2400"), balance("1920"), balance("7770")) == (Decimal(0), Decimal(-26), Decimal(26))
    assert sum(match.amount for match in EntryMatch.objects.all()) == 0
    item.refresh_from_db()
    assert item.settlement_round == 1


def test_a_return_with_another_rate_goes_to_the_currency_account():
    payment, item = a_euro_payment()
    settlement.settle([a_debit(item, account_amount="1182.50")])
    settlement.collect(payment.pk, TODAY)
    settlement.bring_back([a_return(item, "1170.00")])
    settlement.collect(payment.pk, TODAY + timedelta(days=2))
    assert balance("1920") == Decimal("-12.50")
    assert balance("8160") == Decimal("12.50")
    assert balance("7770") == 0


def test_hearing_a_return_twice_reverses_once():
    payment = an_automatic_payment(lines=1)
    settled_and_booked(payment)
    (item,) = items_of(payment)
    for _ in range(2):
        settlement.bring_back([a_return(item)])
        settlement.collect(payment.pk, TODAY + timedelta(days=2))
    settlement.settle([a_debit(item)])

    assert (Voucher.objects.count(), statuses(payment)) == (2, [4])
    assert not AnswerException.objects.exists()


def test_a_payment_that_comes_back_before_it_was_posted_is_booked_both_ways_and_closes_nothing():
    payment = a_sent_payment(lines=1)
    waiting = settled_and_booked(payment)
    (item,) = items_of(payment)
    settlement.bring_back([a_return(item)])
    returned = settlement.collect(payment.pk, TODAY + timedelta(days=2))
    from payments.books import ledger

    for batch in (waiting, returned):
        assert ledger.post(batch).state == BatchState.POSTED

    entry = SupplierEntry.objects.get()
    assert (statuses(payment), entry.rest, entry.in_payment) == ([4], Decimal(1000), Decimal(0))
    assert (balance("2400"), balance("1920"), EntryMatch.objects.count()) == (0, 0, 0)


def test_a_return_heard_before_its_debit_takes_effect_with_the_debit():
    payment = an_automatic_payment(lines=1)
    (item,) = items_of(payment)
    settlement.bring_back([a_return(item)])
    assert statuses(payment) == [2]
    assert AnswerException.objects.get().kind == "return_first"
    assert settlement.collect(payment.pk, TODAY + timedelta(days=2)) is None

    settlement.settle([a_debit(item)])
    assert statuses(payment) == [4]
    settlement.collect(payment.pk, TODAY + timedelta(days=2))
    assert (balance("1920"), Voucher.objects.count()) == (0, 2)
    assert settlement.due(quiet=0) == []


class Killed(BaseException):
    pass


def test_a_booking_that_was_killed_goes_on_and_books_each_item_once(monkeypatch):
    from payments.books import ledger_building
    from payments.settling import settlement_booking

    monkeypatch.setattr(ledger_building, "SLICE", 2)
    payment = an_automatic_payment(lines=5)
    settlement.settle([a_debit(item) for item in items_of(payment)])
    made = settlement_booking.settlement_voucher

    def killed_at_the_fourth(fact, *rest):
        if Voucher.objects.count() == 2 and fact == facts[3]:
            raise Killed
        return made(fact, *rest)

    facts = list(SettlementFact.objects.order_by("item__position"))
    monkeypatch.setattr(settlement_booking, "settlement_voucher", killed_at_the_fourth)
    with pytest.raises(Killed):
        settlement.collect(payment.pk, TODAY)
    batch = Batch.objects.get()
    assert (batch.state, batch.voucher_count, statuses(payment)) == (BatchState.BUILDING, 2, [5] * 5)
    assert settlement.due(quiet=0) == [(payment.pk, TODAY)]

    monkeypatch.setattr(settlement_booking, "settlement_voucher", made)
    settlement.collect(payment.pk, TODAY)
    batch = Batch.objects.get()
    assert (batch.state, batch.voucher_count, statuses(payment)) == (BatchState.POSTED, 5, [6] * 5)


def test_a_settlement_that_fails_half_way_leaves_nothing_of_its_slice(monkeypatch):
    from payments.settling import settlement_settling

    payment = a_sent_payment()
    monkeypatch.setattr(settlement_settling, "_write_paid", lambda *_: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed), transaction.atomic():
        settlement.settle([a_debit(item) for item in items_of(payment)])
    assert statuses(payment) == [2, 2, 2]
    assert not SettlementFact.objects.exists()


def test_case_33_a_lump_sum_debit_with_details_settles_its_three_lines_in_one_batch(tmp_path):
    payment = an_automatic_payment()
    items = items_of(payment)
    batch = f"<Btch><PmtInfId>{items[0].payment_info_id}</PmtInfId><NbOfTxs>3</NbOfTxs></Btch>"
    entries = camt054(
        tmp_path,
        payment.bank_partner.account,
        ntry("3000.00", *(details(item.end_to_end_id, "1000.00") for item in items), batch=batch),
    )
    settle(payment.company, entries)
    settlement.collect(payment.pk, TODAY)
    assert statuses(payment) == [6, 6, 6]
    assert Batch.objects.get().voucher_count == 3


def test_a_lump_sum_debit_without_details_settles_the_block_when_the_sum_fits(tmp_path):
    payment = a_sent_payment()
    batch = f"<Btch><PmtInfId>{items_of(payment)[0].payment_info_id}</PmtInfId></Btch>"
    account = payment.bank_partner.account
    (told,) = settle(payment.company, camt054(tmp_path, account, ntry("2999.00", batch=batch)))
    assert told.problem
    assert statuses(payment) == [2, 2, 2]

    settle(payment.company, camt054(tmp_path, account, ntry("3000.00", batch=batch)))
    assert statuses(payment) == [5, 5, 5]


def test_case_34_a_fee_inside_the_entry_is_booked_beside_the_payment(tmp_path):
    payment = an_automatic_payment(lines=1, amount="1500.00")
    (item,) = items_of(payment)
    entry = ntry("1526.00", details(item.end_to_end_id, "1500.00", charge="26.00"))
    settle(payment.company, camt054(tmp_path, payment.bank_partner.account, entry))
    settlement.collect(payment.pk, TODAY)
    assert (balance("2400"), balance("7770"), balance("1920")) == (Decimal(1500), Decimal(26), Decimal(-1526))


def test_case_35_charges_that_are_not_in_the_sum_are_not_booked_here(tmp_path):
    payment = an_automatic_payment(lines=2, amount="500.00")
    one, two = items_of(payment)
    entry = ntry("1000.00", details(one.end_to_end_id, "500.00", charge="20.00"), details(two.end_to_end_id, "500.00"))
    settle(payment.company, camt054(tmp_path, payment.bank_partner.account, entry))
    settlement.collect(payment.pk, TODAY)
    assert (balance("7770"), balance("1920")) == (0, Decimal(-1000))


def test_case_28_a_credit_with_our_end_to_end_id_takes_a_posted_line_back(tmp_path):
    payment = an_automatic_payment(lines=1)
    settled_and_booked(payment)
    (item,) = items_of(payment)
    entry = ntry("1000.00", details(item.end_to_end_id, "1000.00", returned="AC04"), way="CRDT", on="2026-11-27")
    settle(payment.company, camt054(tmp_path, payment.bank_partner.account, entry))
    settlement.collect(payment.pk, date(2026, 11, 27))
    line = payment.lines.get()
    assert (line.status, line.reason_code) == (4, "AC04")
    assert Voucher.objects.get(reverses__isnull=False).value_date == date(2026, 11, 27)


def test_case_40_an_exchanged_payment_is_booked_with_what_the_account_paid(tmp_path):
    """The mapping's case is a credit; a debit in another currency without CcyXchg follows the same rule."""
    company = a_company()
    partner = a_bank_partner(company, currency=a_currency("EUR"), auto_update_outgoing=True)
    an_agreement(partner)
    payment = an_estimate(company, lines=0, bank_partner=partner)
    entry = a_supplier_entry(a_supplier(company), "2082.58", currency="SEK", amount_booked=Decimal("2186.71"))
    a_line(payment, entry)
    item = sealed_as_one_item(payment)
    item.amount = Decimal("2082.58")
    item.save()
    CurrencyRate.objects.create(company=company, currency_id="EUR", valid_from=TODAY, rate=Decimal("10.1"))

    row = ntry(
        "216.85", details(item.end_to_end_id, "216.85", instructed="2082.58 SEK", currency="EUR"), currency="EUR"
    )
    settle(company, camt054(tmp_path, partner.account, row, currency="EUR"))
    settlement.collect(payment.pk, TODAY)

    fact = SettlementFact.objects.get()
    assert (fact.account_amount, fact.amount) == (Decimal("216.85"), Decimal("2082.58"))
    assert "0.10412" in Voucher.objects.get().extra_text
    assert statuses(payment) == [6]


def test_entries_that_are_not_booked_settle_nothing(tmp_path):
    payment = a_sent_payment(lines=1)
    (item,) = items_of(payment)
    entry = ntry("1000.00", details(item.end_to_end_id, "1000.00"), status="PDNG")
    settle(payment.company, camt054(tmp_path, payment.bank_partner.account, entry))
    assert statuses(payment) == [2]


def test_a_debit_of_another_amount_with_our_id_is_looked_at_first(tmp_path):
    payment = a_sent_payment(lines=1)
    (item,) = items_of(payment)
    entry = ntry("900.00", details(item.end_to_end_id, "900.00"))
    (told,) = settle(payment.company, camt054(tmp_path, payment.bank_partner.account, entry))
    assert "900.00" in told.problem
    assert told.items == [item]
    assert statuses(payment) == [2]


def test_a_debit_that_names_nothing_of_ours_is_none_of_our_payments(tmp_path):
    payment = a_sent_payment(lines=1)
    (told,) = settle(
        payment.company, camt054(tmp_path, payment.bank_partner.account, ntry("10.00", details("X1", "10.00")))
    )
    assert (len(told.other), told.settled) == (1, [])
