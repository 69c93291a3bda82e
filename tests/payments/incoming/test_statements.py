"""Statements page by page, gaps between balances, lines with their vouchers, and the proof of an account."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.clearing import resolving, resolving_undo
from payments.lists import statements
from payments.models import BankEntry, IncomingPayment, OpenDebit, Statement, Voucher
from payments.month_end import reconciling
from payments.month_end.reconciling import Name
from payments.settling import settlement
from tests import build
from tests.payments.bank_messages import a_sent_payment, items_of
from tests.payments.incoming.bank_files import (
    ACCOUNT,
    a_credit,
    a_payment,
    a_receiving_company,
    an_invoice,
    camt053,
    camt054,
    loaded,
)

pytestmark = pytest.mark.django_db
KID = "00001234500000100011"
DAY = date(2026, 11, 24)


def whole(company):
    return statements.of_account(company, ACCOUNT)


def differences(proof):
    return {one.name: one.amount for one in proof.differences}


def test_pages_that_come_in_the_wrong_order_are_one_statement_checked_when_both_are_here():
    company = a_receiving_company()
    pending = a_credit(amount="999.00", status="PDNG")
    second = camt053(a_credit(amount="50.00"), pending, statement="S", page=(2, True), closing="250.00")
    loaded(company, second)
    assert [one.adds_up for one in whole(company)] == [None]
    loaded(company, camt053(a_credit(amount="100.00"), statement="S", page=(1, False), opening="100.00"))
    (statement,) = whole(company)
    assert (statement.complete, statement.adds_up, statement.entries) == (True, True, 3)


def test_a_gap_between_closing_and_next_opening_is_shown_with_its_amount():
    company = a_receiving_company()
    loaded(company, camt053(a_credit(amount="100.00"), opening="0.00", closing="100.00", day="2026-11-23"))
    loaded(company, camt053(a_credit(amount="10.00"), opening="130.00", closing="140.00"))
    assert [one.missing_before for one in whole(company)] == [None, Decimal(30)]
    (account,) = statements.accounts(company)
    assert (account.gaps, account.balance) == (1, Decimal(140))


def test_a_copy_of_a_statement_is_no_second_one():
    company = a_receiving_company()
    entry = a_credit(amount="100.00", ref="A")
    loaded(company, camt053(entry, closing="100.00", statement="S"))
    loaded(company, camt053(entry, closing="100.00", statement="S"))
    assert len(whole(company)) == 1


def test_each_line_of_a_statement_leads_to_the_voucher_that_booked_it():
    company = a_receiving_company()
    an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid=KID), ref="E1")))
    loaded(company, camt053(a_credit(amount="1012.50", ref="E1"), closing="1012.50"))
    lines = list(statements.lines(whole(company)[0]))
    assert statements.vouchers_of(lines) == {lines[0].pk: [Voucher.objects.get()]}


def test_an_account_on_which_everything_is_booked_is_proven_without_differences():
    company = a_receiving_company()
    an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid=KID), ref="E1")))
    loaded(company, camt053(a_credit(amount="1012.50", ref="E1"), closing="1012.50"))
    proof = reconciling.proof(company, ACCOUNT, DAY)
    assert (proof.bank, proof.ledger, proof.differences) == (Decimal("1012.50"), Decimal("1012.50"), ())
    assert proof.holds


def test_parked_payments_waiting_batches_and_unknown_debits_are_named():
    company = a_receiving_company(auto=False)
    an_invoice(company)
    rows = [
        a_credit(a_payment(kid=KID), ref="E1"),
        a_credit(a_payment("200.00"), ref="E2"),
        a_credit(amount="30.00", way="DBIT", ref="E3", code="PMNT/CCRD/POSD"),
    ]
    loaded(company, camt054(*rows))
    loaded(company, camt053(*rows, opening="500.00", closing="1682.50"))
    assert differences(reconciling.proof(company, ACCOUNT, DAY)) == {
        Name.BEFORE: Decimal(500),
        Name.WAITING: Decimal("1012.50"),
        Name.PARKED: Decimal(200),
        Name.DEBITS: Decimal(-30),
    }


def test_a_line_only_the_bank_knows_and_a_voucher_only_the_books_know_are_named():
    company = a_receiving_company()
    an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid=KID), ref="E1")))
    loaded(company, camt053(a_credit(amount="77.00", ref="E9"), closing="77.00"))
    assert differences(reconciling.proof(company, ACCOUNT, DAY)) == {
        Name.BANK_ONLY: Decimal(77),
        Name.NOT_YET: Decimal("-1012.50"),
    }


def test_a_gap_in_the_statements_is_named_in_the_proof():
    company = a_receiving_company()
    loaded(company, camt053(opening="0.00", closing="0.00", day="2026-11-23"))
    loaded(company, camt053(opening="40.00", closing="40.00"))
    assert differences(reconciling.proof(company, ACCOUNT, DAY)) == {Name.MISSING: Decimal(40)}


def test_without_a_statement_nothing_is_proven():
    company = a_receiving_company()
    proof = reconciling.proof(company, ACCOUNT, DAY)
    assert (proof.bank, proof.holds) == (None, False)


def test_a_line_is_tied_to_a_voucher_by_its_bank_reference_first():
    company = a_receiving_company()
    payment = a_sent_payment(company, 1, bank_partner=company.bank_partners.get())
    voucher = settled_by_hand(payment, "E7")
    loaded(company, camt053(a_credit(amount="1000.00", ref="E7", way="DBIT"), closing="-1000.00"))
    assert BankEntry.objects.get().voucher == voucher
    assert reconciling.proof(company, ACCOUNT, DAY).differences == ()


def settled_by_hand(payment, reference):
    """A settlement nobody's file told of."""
    item = items_of(payment)[0]
    settlement.settle(
        [
            settlement.SettledFact(
                item.pk, item.amount, item.amount, "NOK", DAY, DAY, "by hand", bank_reference=reference
            )
        ]
    )
    payment.bank_partner.auto_update_outgoing = True
    payment.bank_partner.save()
    settlement.collect(payment.pk, DAY)
    return Voucher.objects.get()


def test_money_between_own_accounts_is_proven_on_both():
    company = a_receiving_company()
    build.an_agreement(build.a_bank_partner(company, account="15031234561", gl_bank="1930", auto_update_incoming=True))
    other = "<Cdtr><Nm>We</Nm></Cdtr><CdtrAcct><Id><Othr><Id>15031234561</Id></Othr></Id></CdtrAcct>"
    details = f"<NtryDtls><TxDtls><Refs/><RltdPties>{other}</RltdPties></TxDtls></NtryDtls></Ntry>"
    out = a_credit(amount="900.00", ref="X", way="DBIT").replace("</Ntry>", details)
    back = a_credit(a_payment("900.00", account=ACCOUNT), ref="Y")
    loaded(company, camt054(back, account="15031234561"))
    loaded(company, camt053(back, closing="900.00", account="15031234561"))
    before = reconciling.proof(company, "15031234561", DAY)
    assert differences(before) == {Name.TRANSFERS: Decimal(900)}
    loaded(company, camt054(out))
    loaded(company, camt053(out, closing="-900.00"))
    reconciling.reconcile(company, "15031234561")
    for account in (ACCOUNT, "15031234561"):
        assert reconciling.proof(company, account, DAY).differences == ()


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_came_and_was_decided_the_proof_has_a_name_for_every_difference(data):
    from django.db import transaction

    sid = transaction.savepoint()
    company = a_receiving_company(auto=data.draw(st.booleans()))
    kari = build.an_accountant(company)
    an_invoice(company)
    kinds = {
        "kid": a_credit(a_payment(kid=KID, ref="K"), ref="R1"),
        "over": a_credit(a_payment("1100.00", kid=KID, ref="O"), ref="R2"),
        "lump": a_credit(a_payment("10.00", ref="L1"), a_payment("20.00", ref="L2"), ref="R3"),
        "fee": a_credit(amount="12.50", ref="R4", way="DBIT", code="PMNT/ICDT/CHRG"),
        "debit": a_credit(amount="30.00", ref="R5", way="DBIT", code="PMNT/CCRD/POSD"),
        "odd": a_credit(a_payment("500.00", ref="D"), amount="777.00", ref="R6"),
    }
    chosen = data.draw(st.lists(st.sampled_from(sorted(kinds)), unique=True, min_size=1))
    told = data.draw(st.sets(st.sampled_from(sorted(kinds))))
    loaded(company, camt054(*(kinds[one] for one in chosen)))
    shown = sorted(set(chosen) & told)
    loaded(company, camt053(*(kinds[one] for one in shown), opening="100.00", closing=None))
    total = sum(BankEntry.objects.filter(message_type="camt.053", company=company).values_list("amount", flat=True))
    statements.live(company).update(closing=Decimal(100) + total)
    for payment in IncomingPayment.objects.filter(company=company).order_by("amount"):
        act = data.draw(st.sampled_from(["leave", "post", "repeat", "undo"]))
        try:
            if act == "post":
                resolving.post_to_account(payment, kari, version=payment.version)
            elif act == "repeat":
                resolving.mark_repeat(payment, kari, version=payment.version)
            elif act == "undo":
                resolving_undo.undo(payment, kari, version=payment.version)
        except (resolving.MovedOn, resolving.DoesNotFit):
            pass
    proof = reconciling.proof(company, ACCOUNT, DAY)
    assert proof.holds, proof.differences
    assert proof.bank == proof.ledger + sum(one.amount for one in proof.differences)
    assert OpenDebit.objects.filter(company=company).count() == len({"debit"} & set(chosen))
    transaction.savepoint_rollback(sid)


def test_an_intraday_report_closes_with_the_balance_so_far():
    company = a_receiving_company()
    text = camt053(a_credit(amount="50.00"), statement="I", closing="250.00").replace("CLBD", "ITBD")
    text = text.replace("camt.053.001.02", "camt.052.001.02").replace("BkToCstmrStmt", "BkToCstmrAcctRpt")
    loaded(company, text.replace("Stmt>", "Rpt>"))
    assert Statement.objects.get(company=company).closing == Decimal(250)
