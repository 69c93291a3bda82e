"""Words of a message that a person wants remembered: they propose, and post only where a person said so."""

from decimal import Decimal

import pytest

from payments.choices import IncomingState, ParkReason, Rule
from payments.clearing import phrases, resolving, resolving_choices
from payments.clearing.resolving_choices import Choice
from payments.matching import rules
from payments.matching.phrase import folded
from payments.models import IncomingPayment, PhraseRule, Posting
from tests import build
from tests.payments.incoming.bank_files import a_credit, a_customer, a_payment, a_receiving_company, camt054, loaded
from tests.payments.incoming.test_matching import KID, an_invoice, proposals

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return a_receiving_company()


@pytest.fixture
def kari(company):
    return build.an_accountant(company)


def paid(company, text, amount="750.00", **facts):
    file = loaded(company, camt054(a_credit(a_payment(amount, text=text, account="", payer="Somebody", **facts))))
    return IncomingPayment.objects.get(file=file)


def test_a_phrase_for_an_account_proposes_it_and_posts_nothing(company, kari):
    phrases.keep(company, kari, "Parking fee", gl_account="3600")
    payment = paid(company, "PARKING  FEE november")
    assert (payment.state, payment.reason) == (IncomingState.PARKED, ParkReason.NO_REFERENCE)
    candidate = payment.candidates.get()
    assert (candidate.rule, candidate.entries["gl_account"]) == (Rule.PHRASE, "3600")


def test_a_phrase_that_may_post_books_the_payment_to_its_account(company, kari):
    phrases.keep(company, kari, "parking fee", gl_account="3600", posts=True)
    payment = paid(company, "Parking fee")
    assert (payment.state, payment.rule) == (IncomingState.POSTED, Rule.PHRASE)
    assert Posting.objects.get(voucher=payment.voucher, account="3600").credit == Decimal("750.00")
    assert "Parking fee".casefold() in payment.explanation.casefold()


def test_a_phrase_never_posts_a_payment_with_a_valid_reference(company, kari):
    phrases.keep(company, kari, "parking fee", gl_account="3600", posts=True)
    payment = paid(company, "parking fee", kid=KID)
    assert payment.state == IncomingState.PARKED


def test_a_phrase_that_is_off_says_nothing(company, kari):
    rule = phrases.keep(company, kari, "parking fee", gl_account="3600", posts=True)
    phrases.switch(rule, kari, on=False)
    assert not paid(company, "parking fee").candidates.exists()


def test_the_whole_rule_switched_off_proposes_what_it_would_have_posted(company, kari):
    phrases.keep(company, kari, "parking fee", gl_account="3600", posts=True)
    rules.switch(company, Rule.PHRASE, on=False, by=kari)
    payment = paid(company, "parking fee")
    assert (payment.state, payment.reason) == (IncomingState.PARKED, ParkReason.SWITCHED_OFF)


def test_a_phrase_for_a_customer_proposes_what_is_open(company, kari):
    an_invoice(company, "750.00", "777", kid="")
    phrases.keep(company, kari, "yearly subscription", customer=company.customers.get())
    assert proposals(paid(company, "Yearly subscription 2026"))[0] == (Rule.PHRASE, ["777"])


def test_a_phrase_for_a_customer_with_nothing_open_proposes_an_advance(company, kari):
    owner = a_customer(company)
    phrases.keep(company, kari, "yearly subscription", customer=owner)
    payment = paid(company, "yearly subscription")
    assert payment.candidates.get().customer == owner
    done = resolving.accept(payment, kari, 1, version=payment.version)
    assert done.payment.matches.get().customer == owner
    assert done.payment.state == IncomingState.POSTED


def test_words_inside_other_words_are_not_the_phrase(company, kari):
    phrases.keep(company, kari, "rent", gl_account="3600", posts=True)
    assert paid(company, "current account").state == IncomingState.PARKED


def test_the_longer_of_two_phrases_goes_first(company, kari):
    phrases.keep(company, kari, "parking", gl_account="3600", posts=True)
    phrases.keep(company, kari, "parking garage", gl_account="3610", posts=True)
    assert paid(company, "parking garage").matches.get().gl_account == "3610"


def test_the_same_words_again_change_the_rule_that_has_them(company, kari):
    first = phrases.keep(company, kari, "Parking fee", gl_account="3600")
    again = phrases.keep(company, kari, "parking  FEE", gl_account="3610")
    assert (first.pk, PhraseRule.objects.get().gl_account) == (again.pk, "3610")


@pytest.mark.parametrize(
    ("phrase", "facts", "field"),
    [
        ("a-b", {"gl_account": "3600"}, "phrase"),
        ("parking", {}, "gl_account"),
        ("parking", {"posts": True}, "gl_account"),
    ],
)
def test_a_phrase_that_is_not_right_names_the_field(company, kari, phrase, facts, field):
    with pytest.raises(phrases.PhraseRefused) as refused:
        phrases.keep(company, kari, phrase, **facts)
    assert refused.value.field == field


def test_a_phrase_for_a_customer_never_posts(company, kari):
    with pytest.raises(phrases.PhraseRefused):
        phrases.keep(company, kari, "parking", customer=a_customer(company), posts=True)


def test_a_decision_can_leave_a_phrase_behind(company, kari):
    payment = paid(company, "Parking fee")
    choice = Choice((), resolving.RestTo("3600"), phrase="parking fee", phrase_posts=True)
    resolving_choices.decide(payment, kari, choice, version=payment.version)
    rule = PhraseRule.objects.get()
    assert (rule.gl_account, rule.posts, rule.made_by) == ("3600", True, kari)


def test_who_made_changed_and_removed_a_phrase_is_kept(company, kari):
    rule = phrases.keep(company, kari, "parking fee", gl_account="3600")
    phrases.remove(rule, kari)
    told = PhraseRule.history.order_by("history_id").values_list("history_type", "history_user_id")
    assert list(told) == [("+", kari.pk), ("-", kari.pk)]


def test_signs_and_blanks_between_words_do_not_matter():
    assert folded("  Parking-fee,\tNOVEMBER ") == "parking fee november"
