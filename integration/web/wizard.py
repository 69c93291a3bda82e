"""*Activate AutoPay*, step by step: start, gateway, companies checked, bank set-up, standard set-up, finish."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import export
from autopay_console.kernel.numbers import as_keys
from companies.access import ConsoleRequest, instance_view
from companies.choices import InstanceRoleKind
from companies.models import Company
from integration import activation, enabling
from integration.choices import WizardStep
from integration.models import ActivationRun
from integration.web import desks
from payments.validation.setup import LICENCE

ADMINISTRATOR = InstanceRoleKind.ADMINISTRATOR
ORDER = list(WizardStep)
TICKS = (
    (
        "generate_batch",
        gettext_lazy("Generate batch/vouchers for settlement from EFT system"),
        gettext_lazy("Settled payments are booked without anybody pressing Create batch. For the rows copied here."),
    ),
    (
        "auto_update_outgoing",
        gettext_lazy("Automatically updated batch from Visma.net AutoPay (outgoing)"),
        gettext_lazy("Batches of outgoing payments are posted by themselves. For the rows copied here."),
    ),
    (
        "auto_update_incoming",
        gettext_lazy("Automatically updated batch from Visma.net AutoPay (incoming)"),
        gettext_lazy("Batches of incoming payments are posted by themselves. For the rows copied here."),
    ),
    (
        "use_bank_holidays",
        gettext_lazy("Bank holidays are days without payments"),
        gettext_lazy("Planned payment dates move away from bank holidays."),
    ),
    (
        "export",
        gettext_lazy("Export/update companies"),
        gettext_lazy("Creates or updates the companies in Visma.net and fetches their signing keys."),
    ),
)
COLUMNS = (
    export.Column(gettext_lazy("Company no."), lambda row: row[0].number, "number"),
    export.Column(gettext_lazy("Company"), lambda row: row[0].name),
    export.Column(gettext_lazy("Country"), lambda row: row[0].country_id),
    export.Column(gettext_lazy("Organisation no."), lambda row: row[0].organisation_no),
    export.Column(gettext_lazy("Reason"), lambda row: row[1]),
)


@require_http_methods(["GET", "POST"])
@instance_view(ADMINISTRATOR)
def activate(request: ConsoleRequest) -> HttpResponse:
    """Begin, or carry on where one left."""
    if request.method == "POST":
        return _to(activation.begin(request.user), WizardStep.START)
    last = ActivationRun.objects.filter(person=request.user, finished_at__isnull=False).order_by("-finished_at").first()
    context = {
        "run": activation.unfinished(request.user),
        "last": last,
        "steps": _steps(None, None),
        "licence": LICENCE,
    }
    return render(request, "integration/wizard_begin.html", context)


@require_http_methods(["GET", "POST"])
@instance_view(ADMINISTRATOR)
def step(request: ConsoleRequest, pk: UUID, step: str) -> HttpResponse:
    """One step: shown, or answered and on to the next."""
    run = get_object_or_404(ActivationRun, pk=pk)
    if step not in WizardStep.values:
        raise Http404
    here = WizardStep(step)
    over = bool(run.finished_at) or activation.at_work(run)
    if over and here != WizardStep.FINISH:
        return _to(run, WizardStep.FINISH)
    if ORDER.index(here) > ORDER.index(WizardStep(run.reached)):
        return _to(run, WizardStep(run.reached))
    if request.method == "POST":
        return _answer(request, run, here)
    if not over:
        activation.go(run, here)
    return _shown(request, run, here)


@require_GET
@instance_view(ADMINISTRATOR)
def failed_list(request: ConsoleRequest, pk: UUID) -> HttpResponseBase:
    """The companies that did not pass, with every reason, as a file."""
    run = get_object_or_404(ActivationRun, pk=pk)
    verdicts = activation.check(activation.companies_of(run))
    rows = [(one.company, reason) for one in verdicts for reason in one.reasons]
    return export.answer(request, _("activate-autopay-failed"), COLUMNS, rows)


def _answer(request: ConsoleRequest, run: ActivationRun, here: WizardStep) -> HttpResponse:
    onward = ORDER[min(ORDER.index(here) + 1, len(ORDER) - 1)]
    if here == WizardStep.START:
        keys = as_keys(request.POST.getlist("company"))
        chosen = list(Company.objects.filter(pk__in=keys[:1000]).order_by("number"))
        if not chosen:
            return _shown(request, run, here, error=_("Choose at least one company."))
        activation.choose(run, chosen)
    elif here == WizardStep.GATEWAY:
        if not enabling.status_information(by=request.user).connected:
            return _shown(request, run, here, error=_("The gateway must answer before companies can be activated."))
        activation.go(run, onward)
    elif here == WizardStep.COMPANIES:
        if not any(one.passed for one in activation.check(activation.companies_of(run))):
            return _shown(request, run, here, error=_("No company passed. Mend what is missing and check again."))
        activation.go(run, onward)
    elif here == WizardStep.BANK:
        activation.answer(run, onward, copy=as_keys(request.POST.getlist("copy")))
    elif here == WizardStep.STANDARD:
        ticked = {name: name in request.POST.getlist("tick") for name, *_words in TICKS}
        activation.answer(run, onward, **ticked)
    else:
        activation.finish(run, request.user)
    return _to(run, onward)


def _shown(request: ConsoleRequest, run: ActivationRun, here: WizardStep, error: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "run": run,
        "here": here,
        "error": error,
        "steps": _steps(run, here),
        "back": _before(run, here),
        **_facts(run, here),
    }
    template = f"integration/wizard_{here.value}.html"
    return render(request, template, context, status=422 if error else 200)


def _facts(run: ActivationRun, here: WizardStep) -> dict[str, Any]:
    companies = activation.companies_of(run)
    if here == WizardStep.START:
        chosen = {company.pk for company in companies}
        rows = Company.objects.order_by("number")
        return {"companies": [(one, one.pk in chosen or (not chosen and not one.autopay_active)) for one in rows]}
    if here == WizardStep.GATEWAY:
        return {"status": enabling.status_information()}
    verdicts = activation.check(companies)
    passed, failed = [one for one in verdicts if one.passed], [one for one in verdicts if not one.passed]
    facts: dict[str, Any] = {"passed": passed, "failed": failed, "answers": activation.answers_of(run)}
    if here == WizardStep.BANK:
        ticked = facts["answers"].get("copy")
        found = activation.candidates(one.company for one in passed)
        facts["banks"] = [
            (one.company, [(row, ticked is None or row.partner.pk in ticked) for row in found[one.company.pk]])
            for one in passed
        ]
    elif here == WizardStep.STANDARD:
        facts["ticks"] = [(name, label, text, facts["answers"][name]) for name, label, text in TICKS]
    elif here == WizardStep.FINISH:
        facts |= _finish(run, companies)
    return facts


def _finish(run: ActivationRun, companies: list[Company]) -> dict[str, Any]:
    answers = activation.answers_of(run)
    if not run.finished_at:
        yes = [label for name, label, _text in TICKS if answers[name]]
        done = len(activation.result_of(run))
        return {"ticked": yes, "copies": len(answers.get("copy", [])), "done": done, "at_work": activation.at_work(run)}
    states = {line.company.pk: line for line in desks.lines(desks.whole_installation())}
    found = [(one, states.get(one.company)) for one in activation.result_of(run)]
    busy = any(line.open for _one, line in found if line)
    return {"result": found, "busy": busy, "activated": sum(not one.trouble for one, _line in found)}


def _steps(run: ActivationRun | None, here: WizardStep | None) -> list[dict[str, Any]]:
    reached = ORDER.index(WizardStep(run.reached)) if run and not run.finished_at else -1
    return [
        {"step": one, "label": one.label, "open": place <= reached and one != here, "here": one == here}
        for place, one in enumerate(ORDER)
    ]


def _before(run: ActivationRun, here: WizardStep) -> WizardStep | None:
    place = ORDER.index(here)
    return ORDER[place - 1] if place and not run.finished_at else None


def _to(run: ActivationRun, step: WizardStep) -> HttpResponse:
    return redirect("activation_step", pk=run.pk, step=step.value)
