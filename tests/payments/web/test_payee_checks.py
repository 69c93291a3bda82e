"""The bank found other names: the file waits, two people decide, the right name goes to the supplier."""

import pytest
from django.urls import reverse

from companies.choices import Role
from integration import asking
from payments import events
from payments.answering import answers
from payments.choices import PayeeDecisionState
from payments.models import PayeeDecision
from payments.releasing import payee_checks
from tests import build
from tests.payments.bank_messages import a_sent_payment, block, items_of, pain002, statuses, transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(company, tmp_path):
    """Three lines; the bank knows the owner of the first account by another name."""
    payment = a_sent_payment(company, 3)
    first = items_of(payment)[0]
    said = block(first.payment_info_id, "", "", transaction("RVNM", first.end_to_end_id, "NARR Nordlys Energi AS"))
    msg_id = payment.transfers.get().msg_id
    answers.apply(company, pain002(tmp_path, msg_id, "RVCM", said), "pain.002 test")
    return payment


@pytest.fixture
def told():
    """Decisions the bank side was to be told."""
    heard = []

    def listen(decision_ids, **_more):
        heard.extend(decision_ids)

    events.payee_check_decided.connect(listen)
    yield heard
    events.payee_check_decided.disconnect(listen)


def asked(browser, payment, act="release", reason="Called the number on the contract"):
    transfer = payment.transfers.get()
    url = reverse("payee_check_ask", args=[payment.number, transfer.pk])
    return browser.post(url, {"act": act, "reason": reason, "seen": payee_checks.shown(transfer)})


def named(payment, tmp_path, place, name, code="RVNM"):
    """The bank names the owner of one more account."""
    item = items_of(payment)[place]
    said = block(item.payment_info_id, "", "", transaction(code, item.end_to_end_id, f"NARR {name}"))
    answers.apply(payment.company, pain002(tmp_path, item.transfer.msg_id, "RVCM", said), "pain.002 more")


def decide(browser, payment, do="confirm"):
    decision = PayeeDecision.objects.latest("pk")
    return browser.post(reverse("payee_check_decide", args=[payment.number, decision.pk]), {"do": do})


def test_our_name_stands_beside_the_banks(payment, anna, browse):
    text = browse(anna).get(reverse("payee_check", args=[payment.number])).content.decode()
    assert items_of(payment)[0].payee_name in text
    assert "Nordlys Energi AS" in text
    assert statuses(payment) == [2, 2, 2]


def test_payment_page_and_list_lead_there(payment, anna, browse):
    link = reverse("payee_check", args=[payment.number])
    assert link in browse(anna).get(reverse("payment", args=[payment.number])).content.decode()
    assert link in browse(anna).get(reverse("payee_checks")).content.decode()
    assert reverse("payee_checks") in browse(anna).get(reverse("exceptions")).content.decode()


def test_a_second_person_releases_and_the_bank_side_is_told(payment, anna, bjorn, browse, told):
    asked(browse(anna), payment)
    assert told == []
    decide(browse(bjorn), payment)
    decision = PayeeDecision.objects.get()
    assert (decision.state, decision.asked_by, decision.decided_by) == ("confirmed", anna, bjorn)
    assert told == [decision.pk]
    assert payee_checks.paused(payment) == []


def test_nobody_confirms_what_they_asked_for_themselves(payment, anna, browse, told):
    asked(browse(anna), payment)
    decide(browse(anna), payment)
    assert PayeeDecision.objects.get().state == PayeeDecisionState.WAITING
    assert told == []


def test_a_decision_is_made_once(payment, anna, bjorn, browse, told):
    asked(browse(anna), payment)
    asked(browse(bjorn), payment, act="cancel")
    assert PayeeDecision.objects.count() == 1
    decide(browse(bjorn), payment)
    decide(browse(bjorn), payment)
    assert len(told) == 1


def test_a_wish_can_be_withdrawn_and_asked_anew(payment, anna, bjorn, browse):
    asked(browse(anna), payment)
    decide(browse(anna), payment, do="withdraw")
    asked(browse(bjorn), payment, act="cancel", reason="Wrong supplier")
    assert PayeeDecision.objects.get(state="waiting").asked_by == bjorn


def test_a_release_is_not_confirmed_when_the_bank_named_more_since_it_was_asked_for(
    payment, anna, bjorn, browse, told, tmp_path
):
    asked(browse(anna), payment)
    named(payment, tmp_path, 1, "Somebody Else AS")

    page = browse(bjorn).get(reverse("payee_check", args=[payment.number])).content.decode()
    decide(browse(bjorn), payment)

    assert "New since it was asked" in page
    assert 'value="confirm"' not in page
    assert PayeeDecision.objects.get().state == PayeeDecisionState.WAITING
    assert payee_checks.open_items(payment.company).count() == 2
    assert told == []


def test_a_name_that_came_after_the_question_stays_open_when_the_file_is_given_up(
    payment, anna, bjorn, browse, told, tmp_path
):
    asked(browse(anna), payment, act="cancel")
    named(payment, tmp_path, 1, "Somebody Else AS")
    decide(browse(bjorn), payment)
    assert PayeeDecision.objects.get().state == PayeeDecisionState.CONFIRMED
    assert [item.position for item in payee_checks.open_items(payment.company)] == [2]
    assert len(told) == 1


def test_another_finding_about_a_name_that_was_decided_is_decided_anew(payment, anna, bjorn, browse, tmp_path):
    asked(browse(anna), payment)
    decide(browse(bjorn), payment)
    named(payment, tmp_path, 0, "Nordlys Energi AS")
    assert not payee_checks.open_items(payment.company).exists()
    named(payment, tmp_path, 0, "Quite Another AS")
    assert payee_checks.open_items(payment.company).count() == 1


def test_nobody_asks_about_names_they_did_not_see(payment, anna, browse, tmp_path):
    transfer = payment.transfers.get()
    seen = payee_checks.shown(transfer)
    named(payment, tmp_path, 1, "Somebody Else AS")
    url = reverse("payee_check_ask", args=[payment.number, transfer.pk])
    answer = browse(anna).post(url, {"act": "release", "reason": "Called them", "seen": seen})
    assert answer.status_code == 422
    assert not PayeeDecision.objects.exists()


def test_a_file_with_many_names_says_how_many_and_lists_them_all_page_by_page(
    payment, anna, browse, tmp_path, monkeypatch
):
    monkeypatch.setattr(payee_checks, "SHOWN", 1)
    named(payment, tmp_path, 1, "Somebody Else AS")
    named(payment, tmp_path, 2, "A Third AS")
    link = reverse("payee_check", args=[payment.number])
    all_names = f"{link}?file={payment.transfers.get().pk}"
    first, whole = (browse(anna).get(one).content.decode() for one in (link, all_names))
    assert "The first 1 of 3 names" in first
    assert all_names in first
    assert "A Third AS" not in first
    assert "A Third AS" in whole
    assert "3 names differ" in first
    assert "1 to 3 of 3" in whole
    assert "You decide about 3 names" in dialog(browse(anna), payment)


def test_a_name_beyond_those_shown_first_still_hinders_the_release(payment, anna, bjorn, browse, tmp_path, monkeypatch):
    monkeypatch.setattr(payee_checks, "SHOWN", 1)
    asked(browse(anna), payment)
    named(payment, tmp_path, 2, "A Third AS")
    (file,) = payee_checks.paused(payment)
    assert [item.pk for item in file.items] == [items_of(payment)[0].pk]
    assert not file.may_be_confirmed


def dialog(browser, payment):
    url = reverse("payee_check_ask", args=[payment.number, payment.transfers.get().pk])
    return browser.get(url).content.decode()


def test_the_dialog_carries_what_the_page_showed(payment, anna, browse):
    browser = browse(anna)
    browser.get(reverse("payee_check", args=[payment.number]))
    seen = payee_checks.shown(payment.transfers.get())
    assert f'<input type="hidden" name="seen" value="{seen}"' in dialog(browser, payment)


def test_names_that_came_between_the_page_and_the_dialog_were_not_seen(payment, anna, browse, tmp_path):
    browser = browse(anna)
    browser.get(reverse("payee_check", args=[payment.number]))
    named(payment, tmp_path, 1, "Somebody Else AS")
    assert payee_checks.shown(payment.transfers.get()) not in dialog(browser, payment)
    browser.get(reverse("payee_check", args=[payment.number]))
    assert payee_checks.shown(payment.transfers.get()) in dialog(browser, payment)


def test_a_release_confirmed_before_the_bank_named_more_is_not_told(payment, anna, bjorn, browse, tmp_path):
    asked(browse(anna), payment)
    decide(browse(bjorn), payment)
    named(payment, tmp_path, 1, "Somebody Else AS")
    decision = PayeeDecision.objects.get()
    assert asking.tell_payee_decisions([decision.pk]) == 0
    decision.refresh_from_db()
    assert decision.told_at is None
    assert "decide about these names" in decision.last_error


def test_a_reason_is_asked_for(payment, anna, browse):
    assert asked(browse(anna), payment, reason="").status_code == 422


def test_a_cancellation_at_the_bank_makes_lines_7_not_4(payment, anna, bjorn, browse, tmp_path):
    asked(browse(anna), payment, act="cancel")
    decide(browse(bjorn), payment)
    msg_id = payment.transfers.get().msg_id
    answers.apply(payment.company, pain002(tmp_path, msg_id, "RJCT", reason="DS02"), "pain.002 test")
    assert statuses(payment) == [7, 7, 7]


def test_a_bank_that_goes_on_by_itself_ends_the_pause(payment, tmp_path):
    msg_id = payment.transfers.get().msg_id
    answers.apply(payment.company, pain002(tmp_path, msg_id, "ACCP"), "pain.002 test")
    assert payee_checks.paused(payment) == []
    assert not payee_checks.waiting_payments(payment.company, payroll=True).exists()


def test_the_banks_name_is_taken_over_to_the_supplier(payment, anna, browse):
    browse(anna).post(reverse("payee_check_name", args=[payment.number, 1]))
    item = items_of(payment)[0]
    item.supplier.refresh_from_db()
    assert item.supplier.name == "Nordlys Energi AS"
    assert item.supplier.history.count() >= 1


def test_a_decision_whose_nudge_was_lost_is_due_for_the_sweep(payment, anna, bjorn, browse):
    asked(browse(anna), payment)
    decide(browse(bjorn), payment)
    PayeeDecision.objects.update(decided_at="2026-01-01T00:00:00Z")
    decision = PayeeDecision.objects.get()
    assert payee_checks.due() == [decision.pk]
    assert payee_checks.told(decision)
    assert not payee_checks.told(decision)
    assert payee_checks.due() == []


def test_a_file_sent_by_folder_says_that_the_bank_must_be_told_by_hand(payment, anna, bjorn, browse, told):
    payment.transfers.update(channel="folder")
    asked(browse(anna), payment)
    decide(browse(bjorn), payment)
    assert told == []
    assert payment.events.filter(text__contains="do the same in the bank").exists()


@pytest.mark.parametrize("role", [Role.READER, Role.ADMINISTRATOR])
def test_only_accountants_and_approvers_decide(company, payment, browse, role):
    assert asked(browse(build.a_person(role, company=company)), payment).status_code == 403


def test_names_of_a_salary_payment_are_hidden(payment, anna, browse):
    type(payment).objects.filter(pk=payment.pk).update(salary=True)
    assert browse(anna).get(reverse("payee_check", args=[payment.number])).status_code == 403
    assert "payee_check" not in browse(anna).get(reverse("payee_checks")).content.decode()
