"""The page of matching rules: order, switches, small differences, remembered words, payer accounts."""

import pytest
from django.urls import reverse

from companies.choices import Role
from payments.choices import IncomingState, Rule
from payments.lists import rule_queries
from payments.matching import rules
from payments.models import IncomingPayment, PayerAccount, PhraseRule
from tests import build
from tests.payments.incoming import bank_files
from tests.payments.web.incoming_world import KID, a_company, parked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data_area(tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def company(db):
    return a_company()


@pytest.fixture
def eva(company):
    return build.a_person(Role.ADMINISTRATOR, company=company, first_name="Eva")


def order(company):
    return [step.rule for step in rules.steps(company)]


def test_the_rules_stand_in_their_order_with_an_example(company, frida, browse):
    page = browse(frida).get(reverse("matching_rules"))
    assert [one.rule for one in page.context["rules"]] == list(rules.FINDERS)
    assert "00001234500000100011 is invoice 12345 of customer 10001" in page.content.decode()


@pytest.mark.parametrize(("limit", "at_once"), [(1, True), (0, False)])
def test_very_many_payments_are_counted_by_rule_only_when_somebody_asks(
    company, frida, browse, monkeypatch, limit, at_once
):
    monkeypatch.setattr(rule_queries, "COUNT_LIMIT", limit)
    bank_files.loaded(company, bank_files.camt054(bank_files.a_credit(bank_files.a_payment("1012.50", kid=KID))))
    client = browse(frida)
    page = client.get(reverse("matching_rules"))
    assert page.context["rules"][0].used == (1 if at_once else None)
    asked = reverse("matching_rules") + "?counts=1"
    assert (asked in page.content.decode()) == (not at_once)
    assert client.get(asked).context["rules"][0].used == 1


def test_looking_at_the_rules_makes_no_row(company, frida, browse):
    company.matching_rules.all().delete()
    browse(frida).get(reverse("matching_rules"))
    assert not company.matching_rules.exists()


def test_a_rule_is_moved_one_place_up(company, anna, browse):
    browse(anna).post(reverse("move_rule", args=["rf"]), {"up": "1"})
    assert order(company)[:3] == [Rule.WHOLE_KID, Rule.RF, Rule.SPLIT_KID]


def test_the_first_rule_cannot_go_further_up(company, anna, browse):
    before = order(company)
    browse(anna).post(reverse("move_rule", args=["whole_kid"]), {"up": "1"})
    assert order(company) == before


def test_a_rule_that_is_switched_off_matches_nothing_and_proposes(company, anna, browse):
    client = browse(anna)
    for rule in rules.FINDERS:
        client.post(reverse("switch_rule", args=[rule]), {"on": "0"})
    payment = parked(company, "1012.50", kid=KID)
    assert payment.reason == "switched_off"
    assert payment.candidates.exists()


def test_the_order_decides_which_rule_proves(company, anna, browse):
    client = browse(anna)
    client.post(reverse("move_rule", args=["split_kid"]), {"up": "1"})
    bank_files.loaded(company, bank_files.camt054(bank_files.a_credit(bank_files.a_payment("1012.50", kid=KID))))
    assert IncomingPayment.objects.get().rule == Rule.SPLIT_KID


def test_the_history_says_who_switched_and_moved(company, anna, browse):
    client = browse(anna)
    client.post(reverse("switch_rule", args=["text"]), {"on": "0"})
    client.post(reverse("move_rule", args=["rf"]), {"up": "0"})
    told = client.get(reverse("matching_rules")).context["history"]
    assert [(one.what, one.by) for one in told] == [
        ("“RF reference” moved to place 4", anna),
        ("“Numbers in the message text” switched off", anna),
    ]


def test_small_differences_close_an_invoice_once_there_is_a_limit(company, eva, browse):
    answer = browse(eva).post(
        reverse("small_differences"), {"write_off_limit": "5,00", "gl_write_off": "7790", "seen": company.version}
    )
    assert answer.status_code == 302
    bank_files.loaded(company, bank_files.camt054(bank_files.a_credit(bank_files.a_payment("1010.00", kid=KID))))
    payment = IncomingPayment.objects.get()
    assert payment.state == IncomingState.POSTED
    assert str(payment.matches.get().write_off) == "2.50"
    assert payment.voucher.postings.filter(account="7790", debit="2.50").exists()


def test_a_limit_somebody_else_changed_meanwhile_is_not_saved_over(company, eva, browse):
    facts = {"write_off_limit": "5", "gl_write_off": "7790", "seen": company.version + 1}
    assert browse(eva).post(reverse("small_differences"), facts).status_code == 422


def test_only_an_administrator_sets_what_is_written_off(company, anna, browse):
    assert browse(anna).get(reverse("small_differences")).status_code == 403


def test_a_reader_may_look_and_change_nothing(company, frida, browse):
    client = browse(frida)
    assert b"Switch off" not in client.get(reverse("matching_rules")).content
    assert client.post(reverse("switch_rule", args=["text"]), {"on": "0"}).status_code == 403


def test_words_are_remembered_changed_switched_and_forgotten(company, anna, browse):
    client = browse(anna)
    client.post(reverse("new_phrase"), {"phrase": "Parking fee", "gl_account": "3600"})
    rule = PhraseRule.objects.get()
    client.post(
        reverse("change_phrase", args=[rule.pk]), {"phrase": "Parking fee", "gl_account": "3610", "posts": "on"}
    )
    client.post(reverse("switch_phrase", args=[rule.pk]), {"on": "0"})
    rule.refresh_from_db()
    assert (rule.gl_account, rule.posts, rule.active) == ("3610", True, False)
    client.post(reverse("remove_phrase", args=[rule.pk]))
    assert not PhraseRule.objects.exists()


def test_words_that_lead_nowhere_stay_in_the_dialog(company, anna, browse):
    page = browse(anna).post(reverse("new_phrase"), {"phrase": "Parking fee"})
    assert page.status_code == 422
    assert b"Name a customer or a ledger account" in page.content


def test_a_customer_that_is_not_there_is_named(company, anna, browse):
    page = browse(anna).post(reverse("new_phrase"), {"phrase": "Parking fee", "customer_no": "99"})
    assert "There is no customer 99" in page.content.decode()


def test_a_payers_account_is_forgotten(company, anna, browse):
    row = PayerAccount.objects.create(
        company=company, account="12345678903", customer=company.customers.get(), last_seen_on=build.TODAY
    )
    client = browse(anna)
    assert b"12345678903" in client.get(reverse("payer_accounts") + "?export=csv").getvalue()
    client.post(reverse("forget_payer", args=[row.pk]))
    assert not PayerAccount.objects.exists()


def test_words_written_while_resolving_must_stand_in_the_message(company, anna, browse):
    payment = parked(company, text="Parking fee")
    facts = {"version": payment.version, "rest": "account", "gl_account": "3600", "phrase": "something else"}
    page = browse(anna).post(reverse("match_incoming", args=[payment.pk]), facts)
    assert page.status_code == 422
    assert b"These words do not stand in the message" in page.content
    browse(anna).post(reverse("match_incoming", args=[payment.pk]), facts | {"phrase": "parking FEE"})
    assert PhraseRule.objects.get().gl_account == "3600"


def test_a_proposal_from_words_fills_the_account(company, anna, browse):
    browse(anna).post(reverse("new_phrase"), {"phrase": "Parking fee", "gl_account": "3600"})
    payment = parked(company, text="Parking fee")
    page = browse(anna).get(reverse("resolve", args=[payment.pk]) + "?take=1")
    assert (page.context["draft"].rest_to, page.context["draft"].gl_account) == ("account", "3600")
    assert "Account 3600" in page.content.decode()


def test_adding_an_entry_by_search_works_without_script(company, anna, browse):
    payment = parked(company)
    client = browse(anna)
    entry = company.customer_entries.get()
    page = client.get(reverse("resolve", args=[payment.pk]) + "?find=12345")
    assert list(page.context["found"]) == [entry]
    page = client.get(reverse("resolve", args=[payment.pk]) + f"?rest=unmatched&add={entry.pk}")
    draft = page.context["draft"]
    assert ([row.entry for row in draft.rows], draft.rest_to) == ([entry], "unmatched")


@pytest.mark.parametrize("name", ["matching_rules", "payer_accounts"])
def test_the_pages_ask_few_questions(company, anna, browse, name, django_assert_max_num_queries):
    client = browse(anna)
    client.get(reverse(name))
    with django_assert_max_num_queries(12):
        client.get(reverse(name))
