"""*Activate AutoPay*: many companies at once, from "is the gateway there?" to active companies with bank partners.

A company that lacks something is left out with the reason and holds nobody up. What was answered is kept on the run, so
that a person can go back, or come back tomorrow. Each company is activated in a transaction of its own that keeps what
was done; a run that was interrupted is not finished, and goes on with the companies that are left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from companies import saving, stories
from companies.accounts import normalise
from companies.choices import BankSystem, Role
from companies.models import BankPartner, Company, Membership, Person
from integration import company_sync, exporting
from integration.choices import WizardStep
from integration.models import ActivationRun
from payments.validation.setup import LICENCE

COPIED_FROM = (BankSystem.VISMA_PAYMENT, BankSystem.ZDATA)
NOT_COPIED = BankSystem.VISMA_AUTOPAY
LEDGER = ("gl_suppliers", "gl_customers", "gl_fees", "gl_currency_gain", "gl_currency_loss", "gl_unmatched")
MARKS = ("generate_batch", "auto_update_outgoing", "auto_update_incoming")
DEFAULTS: dict[str, bool] = {
    "generate_batch": True,
    "auto_update_outgoing": False,
    "auto_update_incoming": False,
    "use_bank_holidays": True,
    "export": True,
}
LEASE = timedelta(minutes=2)  # for one company; after that whoever asks again carries on
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One company checked: it passed, or the reasons why not."""

    company: Company
    reasons: list[str]

    @property
    def passed(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bank partner of another system. `why_not`: why it cannot be copied."""

    partner: BankPartner
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Activated:
    """What was done for one company; `trouble` when nothing was."""

    company: int
    number: int
    name: str
    copied: int = 0
    partners: int = 0
    exported: bool = False
    trouble: str = ""


def check(companies: Iterable[Company]) -> list[Verdict]:
    """What each company lacks before AutoPay can be activated."""
    wanted = list(companies)
    led: set[int] = set()
    for keys in chunks([company.pk for company in wanted]):
        rows = Membership.objects.filter(company__in=keys, role=Role.ADMINISTRATOR, person__is_active=True)
        led |= set(rows.values_list("company_id", flat=True))
    return [Verdict(company, list(_reasons(company, led=company.pk in led))) for company in wanted]


def _reasons(company: Company, *, led: bool) -> Iterator[str]:
    if unfit := company_sync.unfit(company):
        yield unfit
    if len(str(company.country_id)) != 2:
        yield _("Country must be a code of two letters.")
    if LICENCE not in company.licence_article.split():
        text = _("The licence lacks article %(article)s (Visma.net AutoPay). Enter it in Company data.")
        yield text % {"article": LICENCE}
    labels = {column.name: stories.label_of(column) for column in company._meta.concrete_fields}
    for name in LEDGER:
        if not str(getattr(company, name)).strip():
            label = labels[name]
            yield _("“%(field)s” is empty in Company data.") % {"field": label}
    if not led:
        yield _("The company has no administrator.")


# --- The run ------------------------------------------------------------------------------------------------------
def begin(person: Person) -> ActivationRun:
    """A new walk; one that was left unfinished is given up, unless companies are being activated by it."""
    ActivationRun.objects.filter(_free(), person=person).delete()
    return ActivationRun.objects.create(person=person, started_at=timezone.now(), answers=json.dumps({**DEFAULTS}))


def unfinished(person: Person) -> ActivationRun | None:
    """The walk this person left somewhere in the middle."""
    return ActivationRun.objects.filter(person=person, finished_at__isnull=True).order_by("-started_at").first()


def answers_of(run: ActivationRun) -> dict[str, Any]:
    """What was ticked so far, with what is usual for the rest."""
    return {**DEFAULTS, **json.loads(run.answers or "{}")}


def answer(run: ActivationRun, next_step: WizardStep, **given: Any) -> None:
    """Keep what a step was answered with, and go on."""
    run.answers = json.dumps(answers_of(run) | given)
    go(run, next_step)


def choose(run: ActivationRun, companies: Iterable[Company]) -> None:
    """The companies of this walk; another choice makes the later steps be walked again."""
    run.companies = ",".join(str(company.pk) for company in companies)
    run.reached = WizardStep.GATEWAY
    go(run, WizardStep.GATEWAY)


def go(run: ActivationRun, step: WizardStep) -> None:
    """Stand at this step."""
    order = list(WizardStep)
    run.step = step
    if order.index(step) > order.index(WizardStep(run.reached)):
        run.reached = step
    run.save(update_fields=["step", "reached", "companies", "answers"])


def at_work(run: ActivationRun) -> bool:
    """Whether companies are being activated by this walk: nothing of it is answered meanwhile."""
    return run.finished_at is None and run.working_until is not None and run.working_until >= timezone.now()


def companies_of(run: ActivationRun) -> list[Company]:
    """The companies chosen at the start."""
    keys = [int(key) for key in run.companies.split(",") if key]
    return list(Company.objects.filter(pk__in=keys[:1000]).order_by("number"))


# --- Bank set-up --------------------------------------------------------------------------------------------------
def candidates(companies: Iterable[Company]) -> dict[int, list[Candidate]]:
    """Bank partners of other systems by company, and which of them can be copied."""
    found: dict[int, list[Candidate]] = {company.pk: [] for company in companies}
    rows = [
        row
        for keys in chunks(found)
        for row in BankPartner.objects.filter(company__in=keys, active=True).order_by("company", "number")
    ]
    there = {(one.company_id, normalise(one.account)) for one in rows if one.bank_system == BankSystem.AUTOPAY}
    for one in rows:
        if one.bank_system == NOT_COPIED:
            why_not = _("Rows with system 98 cannot be copied; make a new one.")
            found[one.company_id].append(Candidate(one, why_not))
        elif one.bank_system in COPIED_FROM:
            taken = (one.company_id, normalise(one.account)) in there
            why_not = _("There is a row for Visma.net AutoPay with this account.") if taken else ""
            found[one.company_id].append(Candidate(one, why_not))
    return found


def copy(partner: BankPartner, marks: dict[str, bool]) -> BankPartner:
    """The same account as a row for Visma.net AutoPay (95), with the next free number; the old row stays."""
    numbers = BankPartner.objects.filter(company=partner.company_id)
    fresh = BankPartner.objects.get(pk=partner.pk)
    fresh.pk, fresh._state.adding = None, True
    fresh.number = (numbers.aggregate(last=Max("number"))["last"] or 0) + 1
    fresh.bank_system, fresh.version = BankSystem.AUTOPAY, 0
    for name, wished in marks.items():
        setattr(fresh, name, wished)
    fresh.save()
    return fresh


# --- Finish -------------------------------------------------------------------------------------------------------
def finish(run: ActivationRun, by: Person) -> bool:
    """Activate every company that passes now and was not activated by this walk before.

    False when it was finished before, or somebody is at it. What stops half way may be finished by asking again.
    """
    if not _claim(run):
        return False
    try:
        done = result_of(run)
        given, known = answers_of(run), {one.company for one in done}
        for verdict in check(one for one in companies_of(run) if one.pk not in known):
            with transaction.atomic():
                done.append(_activate(verdict, given, by))
                _keep(run, done)
        if given["export"]:
            keys = [one.company for one in done if not one.trouble]
            exporting.ask(Company.objects.filter(pk__in=keys), by=by)
        _keep(run, done, finished_at=timezone.now(), step=WizardStep.FINISH)
    except _TakenOver:
        return False
    except Exception:
        _mine(run).update(working_until=None)
        raise
    log.info("activation_finished", companies=len(done), left_out=sum(bool(one.trouble) for one in done))
    return True


class _TakenOver(Exception):
    """Somebody else carries the walk on; what stands in the same transaction is undone."""


def _free() -> Q:
    return Q(finished_at__isnull=True) & (Q(working_until__isnull=True) | Q(working_until__lt=timezone.now()))


def _claim(run: ActivationRun) -> bool:
    free = ActivationRun.objects.filter(_free(), pk=run.pk)
    won = free.update(working_until=timezone.now() + LEASE)
    run.refresh_from_db()
    return bool(won)


def _mine(run: ActivationRun) -> QuerySet[ActivationRun]:
    return ActivationRun.objects.filter(pk=run.pk, finished_at__isnull=True, working_until=run.working_until)


def _keep(run: ActivationRun, done: list[Activated], **facts: Any) -> None:
    """What was done so far, with the lease renewed."""
    result = json.dumps([asdict(one) for one in done])
    until = None if "finished_at" in facts else timezone.now() + LEASE
    if not _mine(run).update(result=result, working_until=until, **facts):
        raise _TakenOver
    for name, value in {"result": result, "working_until": until, **facts}.items():
        setattr(run, name, value)


def result_of(run: ActivationRun) -> list[Activated]:
    """What the walk did so far, company by company."""
    return [Activated(**one) for one in json.loads(run.result or "[]")]


def _activate(verdict: Verdict, given: dict[str, Any], by: Person) -> Activated:
    company = verdict.company
    facts: dict[str, Any] = {"company": company.pk, "number": company.number, "name": company.name}
    if not verdict.passed:
        return Activated(**facts, trouble=" ".join(verdict.reasons))
    wanted = {int(key) for key in given.get("copy", [])}
    try:
        with transaction.atomic():
            company.autopay_active, company.use_bank_holidays = True, bool(given["use_bank_holidays"])
            saving.save(company, ("autopay_active", "use_bank_holidays"), by, company.version)
            marks = {name: bool(given[name]) for name in MARKS}
            chosen = [
                one.partner for one in candidates([company])[company.pk] if one.partner.pk in wanted and not one.why_not
            ]
            for partner in chosen:
                copy(partner, marks)
    except saving.ChangedMeanwhile:
        return Activated(**facts, trouble=_("Somebody saved the company meanwhile. Run the wizard again for it."))
    partners = company.bank_partners.filter(bank_system=BankSystem.AUTOPAY, active=True).count()
    return Activated(**facts, copied=len(chosen), partners=partners, exported=bool(given["export"]))
