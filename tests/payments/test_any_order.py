"""Whatever banks say, in any order and again: the books balance, nothing is booked twice, rests are what was paid."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.answering import answers
from payments.books import ledger
from payments.choices import BatchState
from payments.iso20022.messages import FileHead, PaymentStatus, Reason, StatusReport, TransactionStatus
from payments.models import Batch, EntryMatch, Posting, SettlementFact, Voucher
from payments.month_end.checking import check_books
from payments.settling import settlement
from payments.settling.settlement import ReturnedFact
from tests.build import TODAY, a_bank, a_company, an_accountant
from tests.payments.bank_messages import a_debit, a_sent_payment, items_of

_heard = itertools.count()
LINES = 3
CODES = ("RCVD", "ACTC", "ACCP", "PDNG", "ACSP", "ACSC", "PART", "RJCT", "CANC", "RVNM", "BLCK", "XXXX")
line = st.integers(0, LINES - 1)
steps = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(CODES), st.one_of(st.none(), line), st.sampled_from(CODES)),
    st.tuples(st.just("debit"), line, st.sampled_from(("1000.00", "1000.00", "400.00")), st.integers(0, 1)),
    st.tuples(st.just("return"), line, st.sampled_from(("1000.00", "950.00"))),
    st.tuples(st.just("collect"), st.integers(0, 3)),
    st.tuples(st.just("post")),
    st.tuples(st.just("by hand"), line),
    st.tuples(st.just("again"), st.integers(0, 5)),
)


class Story:
    """One payment, and what is done to it."""

    def __init__(self, automatic):
        company = a_company()
        partner = a_bank(company)
        partner.auto_update_outgoing = automatic
        partner.save()
        self.payment = a_sent_payment(company, LINES, bank_partner=partner)
        self.items = items_of(self.payment)
        self.person = an_accountant(company)

    def answer(self, group, place, code):
        item = self.items[place or 0]
        own = TransactionStatus(code, (Reason("AC04"),), end_to_end_id=item.end_to_end_id)
        head = FileHead("f", "0", 1, "utf-8", "pain.002", message_id=f"B{next(_heard)}")
        blocks = () if place is None else (PaymentStatus(item.payment_info_id, transactions=(own,)),)
        report = StatusReport(head, item.transfer.msg_id, group_status=group, payments=blocks)
        answers.apply(self.payment.company, report, "pain.002")

    def debit(self, place, amount, day):
        on = TODAY + timedelta(days=day)
        fact = a_debit(self.items[place], amount=amount, account_amount=amount, value_date=on)
        settlement.settle([fact])

    def give_back(self, place, amount):
        on = TODAY + timedelta(days=2)
        fact = ReturnedFact(self.items[place].pk, Decimal(amount), "NOK", on, on, "camt.054", reason_code="AC04")
        settlement.bring_back([fact])

    def collect(self, day):
        settlement.collect(self.payment.pk, TODAY + timedelta(days=day))

    def post(self):
        for batch in Batch.objects.filter(state=BatchState.WAITING):
            ledger.post(batch, self.person)

    def by_hand(self, place):
        ids = [self.payment.lines.order_by("line_no")[place].pk]
        settlement.create_batch_by_hand(
            self.payment, self.person, line_ids=ids, value_date=TODAY, reason="never confirmed"
        )

    def do(self, step):
        kind, *values = step
        {
            "answer": self.answer,
            "debit": self.debit,
            "return": self.give_back,
            "collect": self.collect,
            "post": self.post,
            "by hand": self.by_hand,
        }[kind](*values)

    def check(self):
        assert check_books(self.payment.company, files=False) == []
        assert sum(row.debit - row.credit for row in Posting.objects.all()) == 0
        for item in self.items:
            rows = SettlementFact.objects.filter(item=item)
            assert rows.filter(kind="settled").count() <= 1
            assert Voucher.objects.filter(source_key__startswith=f"{item.pk}:settled").count() <= 1
            assert Voucher.objects.filter(source_key__startswith=f"{item.pk}:returned").count() <= 1
        for one in self.payment.lines.select_related("entry"):
            paid = one.paid_amount if one.status == 6 else Decimal(0)
            reversal_waits = EntryMatch.objects.filter(
                supplier_entry=one.entry, voucher__batch__state=BatchState.WAITING, amount__lt=0
            ).exists() or (one.status == 4 and unbooked_return(one))
            if not reversal_waits:
                assert one.entry.rest == one.entry.amount - paid, (one.status, one.entry.rest)
        assert not any(batch.state == BatchState.BUILDING for batch in Batch.objects.all())


def unbooked_return(one):
    """Came back, but its reversal is not in the books yet."""
    posted = Voucher.objects.filter(
        source_key__startswith=f"{one.item_id}:returned", batch__state=BatchState.POSTED
    ).exists()
    return not posted


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(steps, max_size=12), automatic=st.booleans())
def test_any_answers_in_any_order_keep_the_books_right(told, automatic):
    with transaction.atomic():
        story = Story(automatic)
        done = []
        for step in told:
            if step[0] == "again":
                for earlier in done[-step[1] :]:
                    story.do(earlier)
            else:
                story.do(step)
                done.append(step)
            story.check()
        story.post()
        for day in range(4):
            story.collect(day)
        story.post()
        story.check()
        transaction.set_rollback(True)
