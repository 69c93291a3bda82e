"""The life of a bank agreement: only an active one sends and imports, and two people make it active."""

import pytest

from companies import agreements, pending, saving
from companies.choices import AgreementState, PendingState, Role
from companies.models import BankMandate, MailOutbox, PendingChange
from payments.preparing import selection
from payments.receiving.importing_checks import ImportRefused, owners
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def anna(company):
    return build.a_person(Role.ADMINISTRATOR, company=company)


@pytest.fixture
def dag(company):
    return build.a_person(Role.ADMINISTRATOR, company=company)


def an_agreement(company, state):
    return build.an_agreement(build.a_bank_partner(company), state=state)


def test_the_bank_confirms_and_nothing_else_is_needed(company, anna):
    agreement = an_agreement(company, AgreementState.ORDERED)
    assert agreements.move(agreement, "confirmed", anna) is None
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.CONFIRMED


def test_an_ordered_agreement_is_not_activated_before_the_bank_confirmed(company, anna):
    with pytest.raises(agreements.NotMoved):
        agreements.move(an_agreement(company, AgreementState.ORDERED), "active", anna)


def test_activation_waits_for_a_second_administrator_and_mails_both(company, anna, dag):
    agreement = an_agreement(company, AgreementState.CONFIRMED)
    change = agreements.move(agreement, "active", anna)
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.CONFIRMED
    pending.accept(change, dag)
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.ACTIVE
    assert {mail.to for mail in MailOutbox.objects.filter(key__startswith="agreement-active")} == {
        anna.email,
        dag.email,
    }


def test_who_asked_for_the_activation_cannot_accept_it(company, anna):
    change = agreements.move(an_agreement(company, AgreementState.CONFIRMED), "active", anna)
    with pytest.raises(pending.NotDecided):
        pending.accept(change, anna)


def test_changing_the_agreement_takes_its_waiting_activation_back(company, anna):
    agreement = an_agreement(company, AgreementState.CONFIRMED)
    change = agreements.move(agreement, "active", anna)
    agreement.approvers = 1
    saving.save(agreement, ["approvers"], anna, agreement.version)
    change.refresh_from_db()
    assert change.state == PendingState.WITHDRAWN


def test_an_account_has_one_active_agreement(company, anna):
    partner = build.a_bank(company)
    second = build.an_agreement(partner, state=AgreementState.CONFIRMED)
    with pytest.raises(agreements.NotMoved):
        agreements.move(second, "active", anna)


def test_ending_needs_nobody_else_and_stops_payments_at_once(company, anna):
    agreement = build.a_bank(company).agreements.get()
    assert selection.payable_partners(company)
    agreements.move(agreement, "ended", anna)
    assert not selection.payable_partners(company)
    assert not PendingChange.objects.exists()


@pytest.mark.parametrize("state", [AgreementState.ORDERED, AgreementState.CONFIRMED, AgreementState.ENDED])
def test_only_an_active_agreement_sends(company, state):
    an_agreement(company, state)
    assert selection.payable_partners(company) == {}


@pytest.mark.parametrize("state", [AgreementState.ORDERED, AgreementState.CONFIRMED, AgreementState.ENDED])
def test_only_an_active_agreement_imports(company, state):
    agreement = an_agreement(company, state)
    with pytest.raises(ImportRefused):
        owners(company, [account_of(agreement)])


def test_an_active_agreement_imports_when_it_is_marked_for_download(company):
    agreement = an_agreement(company, AgreementState.ACTIVE)
    assert owners(company, [account_of(agreement)])
    type(agreement).objects.update(active_download=False)
    with pytest.raises(ImportRefused):
        owners(company, [account_of(agreement)])


def account_of(agreement):
    from payments.iso20022.messages import Account

    number = agreement.bank_partner.account
    return Account(index=0, line=1, id=number, iban="", bban=number, currency="NOK")


def test_a_mandate_is_entered_once_and_its_story_is_kept(company, anna):
    agreement = build.a_bank(company).agreements.get()
    assert agreements.add_mandate(agreement, anna)
    assert not agreements.add_mandate(agreement, anna)
    assert agreements.remove_mandate(agreement, anna.pk)
    assert [one.history_type for one in BankMandate.history.order_by("history_id")] == ["+", "-"]
