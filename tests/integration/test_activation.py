"""Activate AutoPay: what companies lack, bank partners of older systems copied, the walk kept."""

import json
from datetime import timedelta

import pytest
from django.db.models.signals import pre_save
from django.utils import timezone

from companies.choices import BankSystem, Role
from companies.models import BankPartner, Company
from integration import activation
from integration.choices import ExportState, WizardStep
from integration.models import ActivationRun, CompanyExport
from tests import build

pytestmark = pytest.mark.django_db


def a_company(**facts):
    facts = {"organisation_no": "918234578", "licence_article": "406004", "autopay_active": False} | facts
    company = build.a_company(**facts)
    build.a_person(Role.ADMINISTRATOR, company=company)
    return company


def reasons(company):
    [verdict] = activation.check([company])
    return " ".join(verdict.reasons)


def a_run(person, companies, **answers):
    run = activation.begin(person)
    activation.choose(run, companies)
    activation.answer(run, WizardStep.FINISH, **answers)
    return run


def test_a_company_with_everything_passes():
    assert reasons(a_company()) == ""


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"organisation_no": ""}, "Organisation number"),
        ({"licence_article": "1234"}, "406004"),
        ({"gl_fees": ""}, "Bank fees"),
    ],
)
def test_what_is_missing_is_named(facts, words):
    assert words in reasons(a_company(**facts))


def test_a_company_without_administrator_is_told():
    assert "administrator" in reasons(build.a_company(organisation_no="918234578", licence_article="406004"))


def test_bank_partners_of_90_and_99_are_copied_those_of_98_are_not():
    company = a_company()
    rows = [build.a_bank_partner(company, bank_system=system) for system in (90, 99, 98)]
    found = activation.candidates([company])[company.pk]
    assert [(one.partner, bool(one.why_not)) for one in found] == [(rows[0], False), (rows[1], False), (rows[2], True)]
    run = a_run(build.a_person(), [company], copy=[row.pk for row in rows], auto_update_incoming=True)
    activation.finish(run, run.person)
    copies = BankPartner.objects.filter(company=company, bank_system=BankSystem.AUTOPAY)
    assert sorted(copies.values_list("account", flat=True)) == sorted([rows[0].account, rows[1].account])
    assert all(copy.auto_update_incoming and copy.generate_batch for copy in copies)
    assert len(set(BankPartner.objects.filter(company=company).values_list("number", flat=True))) == 5


def test_an_account_that_has_its_row_already_is_not_copied_again():
    company = a_company()
    old = build.a_bank_partner(company, bank_system=90)
    build.a_bank_partner(company, account=old.account, bank_system=95)
    [candidate] = activation.candidates([company])[company.pk]
    assert candidate.why_not


def test_a_company_that_fails_is_left_out_and_holds_nobody_up():
    good, bad = a_company(), a_company(organisation_no="923609016", licence_article="")
    run = a_run(build.a_person(), [good, bad])
    activation.finish(run, run.person)
    assert [Company.objects.get(pk=one.pk).autopay_active for one in (good, bad)] == [True, False]
    found = {one.company: one.trouble for one in activation.result_of(run)}
    assert found[good.pk] == ""
    assert "406004" in found[bad.pk]
    assert CompanyExport.objects.get(company=good).state == ExportState.WAITING
    assert not CompanyExport.objects.filter(company=bad).exists()


def test_activating_is_in_the_history_of_the_company():
    company, person = a_company(), build.a_person()
    run = a_run(person, [company])
    activation.finish(run, person)
    assert Company.objects.get(pk=company.pk).version == company.version + 1


def test_a_walk_is_finished_once():
    run = a_run(build.a_person(), [a_company()])
    assert activation.finish(run, run.person)
    assert not activation.finish(run, run.person)


@pytest.fixture
def power_cut():
    """Ends the work at the moment a company is saved."""
    cut = []

    def fail(instance, **_more):
        if instance.pk in cut:
            raise RuntimeError("power cut")

    pre_save.connect(fail, sender=Company)
    yield cut
    pre_save.disconnect(fail, sender=Company)


def test_an_activation_that_breaks_is_not_finished_and_goes_on_with_what_is_left(power_cut):
    first, second = a_company(), a_company(organisation_no="923609016")
    run = a_run(build.a_person(), [first, second])
    power_cut.append(second.pk)
    with pytest.raises(RuntimeError):
        activation.finish(run, run.person)
    run.refresh_from_db()
    assert run.finished_at is None
    assert [one.company for one in activation.result_of(run)] == [first.pk]
    assert activation.unfinished(run.person) == run
    assert not activation.at_work(run)
    version = Company.objects.get(pk=first.pk).version

    power_cut.clear()
    assert activation.finish(run, run.person)

    run.refresh_from_db()
    assert run.finished_at is not None
    assert [one.company for one in activation.result_of(run)] == [first.pk, second.pk]
    assert Company.objects.get(pk=first.pk).version == version
    assert Company.objects.get(pk=second.pk).autopay_active
    assert CompanyExport.objects.count() == 2


def test_a_walk_somebody_works_on_is_left_alone_until_its_lease_is_over():
    run = a_run(build.a_person(), [a_company()])
    ActivationRun.objects.filter(pk=run.pk).update(working_until=timezone.now() + timedelta(minutes=1))
    assert not activation.finish(run, run.person)
    assert activation.at_work(run)
    assert activation.begin(run.person) != run
    assert ActivationRun.objects.filter(pk=run.pk).exists()

    ActivationRun.objects.filter(pk=run.pk).update(working_until=timezone.now() - timedelta(seconds=1))
    assert activation.finish(run, run.person)


def test_an_unfinished_walk_is_found_again_and_a_new_one_takes_its_place():
    person = build.a_person()
    run = a_run(person, [a_company()], export=False)
    assert activation.unfinished(person) == run
    assert json.loads(ActivationRun.objects.get(pk=run.pk).answers)["export"] is False
    assert activation.begin(person) == activation.unfinished(person) != run
