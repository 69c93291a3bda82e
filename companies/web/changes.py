"""Changes that wait for a second person: accept, refuse, withdraw. And whether the company can pay yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.numbers import as_key
from companies import pending, pending_sets, readiness, stories
from companies.access import ConsoleRequest, Rights, company_view
from companies.choices import PendingState, Role
from companies.models import Company, Job, PendingChange
from companies.web.table_page import sees_employees

PAGE = 200
TABLES = {"supplier": "supplier", "bankpartner": "bank_partner", "bankagreement": "agreement"}
# where a condition is mended, when its check does not say so itself
PAGES: dict[str, tuple[str, ...]] = {
    "licence": ("company",),
    "autopay_active": ("company",),
    "terms": ("terms",),
    "linked": ("enable",),
    "signing_key": ("enable",),
}
LINKS = {
    "company": gettext_lazy("Open Company data"),
    "enable": gettext_lazy("Open Enable Visma.net"),
    "company_enable": gettext_lazy("Open Enable Visma.net"),
    "people": gettext_lazy("Open People"),
    "pending": gettext_lazy("Open the changes"),
    "agreements": gettext_lazy("Open the agreements"),
    "bank_partners": gettext_lazy("Open the bank partners"),
    "factoring": gettext_lazy("Open the factoring companies"),
}
OF_THE_INSTALLATION = ("enable", "shared_row")


@dataclass(frozen=True, slots=True)
class Shown:
    """A condition with the way to its remedy."""

    condition: readiness.Condition
    url: str = ""
    link: str = ""
    terms: bool = False


@require_GET
@company_view()
def waiting(request: ConsoleRequest, company: Company) -> HttpResponse:
    """What waits, with before and after; the person who entered it cannot accept it. What came with one import is
    shown as one, and looked through by its own address."""
    employees = sees_employees(request)
    sets = pending_sets.sets(company, request.user, employees=employees)
    chosen = next((one for one in sets if str(one.job.pk) == request.GET.get("import")), None)
    if chosen is not None:
        rows = pending_sets.of_import(company, chosen.job.pk, employees=employees)
    else:
        rows = pending.waiting(company).exclude(job__in=[one.job.pk for one in sets])
    place = as_key(request.GET.get("after", ""))
    asked = list(rows.filter(pk__gt=place)[: PAGE + 1])
    context = {
        "sets": sets,
        "chosen": chosen,
        "rows": _lines(asked[:PAGE], employees),
        "next": asked[PAGE - 1].pk if len(asked) > PAGE else "",
        "begun": place > 0,
        "decided": [] if chosen else _lines(_decided(company), employees),
        "may": request.rights.administrator,
    }
    return htmx.render_page(request, "companies/pending.html", context, part="waiting")


def _decided(company: Company) -> list[PendingChange]:
    rows = PendingChange.objects.filter(company=company).exclude(state=PendingState.WAITING)
    return list(rows.select_related("asked_by", "decided_by").order_by("-decided_at")[:20])


@require_POST
@company_view(Role.ADMINISTRATOR)
def decide_set(request: ConsoleRequest, company: Company, job: UUID) -> HttpResponse:
    """Accept or refuse what waits of one import, as far as it was shown."""
    get_object_or_404(Job, pk=job, company=company)
    last = as_key(request.POST.get("upto", ""))
    rows = pending_sets.of_import(company, job, employees=sees_employees(request))
    if request.POST.get("decision") != "accept":
        found = pending_sets.refuse(rows, last, request.user, request.POST.get("reason", ""))
        said = ngettext("%(n)s change is not used.", "%(n)s changes are not used.", found.done) % {"n": found.done}
        return htmx.done(request, toast=said, to="pending", go=True)
    try:
        found = pending_sets.accept(rows, last, request.user)
    except pending.NotDecided as reason:
        return htmx.done(request, toast=str(reason), tone="bad", to="pending", go=True)
    said = ngettext("%(n)s change is in force.", "%(n)s changes are in force.", found.done) % {"n": found.done}
    if found.left:
        more = ngettext(
            "%(n)s waits still: you entered it, or the row was changed meanwhile.",
            "%(n)s wait still: you entered them, or the rows were changed meanwhile.",
            found.left,
        )
        said = f"{said} {more % {'n': found.left}}"
    return htmx.done(request, toast=said, tone="warn" if found.left else "good", to="pending", go=True)


def _lines(changes: list[PendingChange], employees: bool) -> list[dict[str, Any]]:
    rows = pending.rows_of(changes)
    lines = [_line(one, rows.get((one.table, one.object_id))) for one in changes]
    return [line for line in lines if employees or not getattr(line["row"], "is_payroll", False)]


def _line(change: PendingChange, row: Any) -> dict[str, Any]:
    column = pending.column_of(change)
    table, target, label = TABLES.get(change.table, ""), row, stories.label_of(column)
    if change.table == "payeeaccount":
        table, target, label = "supplier", getattr(row, "supplier", None), _("Account on an invoice")
    return {
        "change": change,
        "row": target or change.object_id,
        "url": reverse("setup_row", args=[table, target.pk]) if table and target is not None else "",
        "label": label,
        "account": column.name in pending.PAYEE,
        "before": stories.value_shown(column, change.before),
        "after": stories.value_shown(column, change.after),
    }


@require_POST
@company_view(Role.ADMINISTRATOR)
def decide(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Accept or refuse one change."""
    change = get_object_or_404(PendingChange, pk=pk, company=company)
    try:
        if request.POST.get("decision") == "accept":
            pending.accept(change, request.user)
            said = _("Accepted; payments use it from now on.")
        else:
            pending.refuse(change, request.user, request.POST.get("reason", ""))
            said = _("Not used.")
    except pending.NotDecided as reason:
        return htmx.done(request, toast=str(reason), tone="bad", to="pending", go=True)
    return htmx.done(request, toast=said, to="pending", go=True)


@require_GET
@company_view()
def ready(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Why can this company not pay or receive yet? Each condition, and the way to its remedy."""
    conditions = readiness.conditions(company)
    sides = {
        "pay": [one for one in conditions if one.side in (readiness.Side.PAY, readiness.Side.BOTH)],
        "receive": [one for one in conditions if one.side in (readiness.Side.RECEIVE, readiness.Side.BOTH)],
    }
    context = {
        "pay": [_shown(one, request.rights, company) for one in sides["pay"]],
        "receive": [_shown(one, request.rights, company) for one in sides["receive"]],
        "pay_missing": sum(not one.good for one in sides["pay"]),
        "receive_missing": sum(not one.good for one in sides["receive"]),
        "may_prove": request.rights.has(Role.ADMINISTRATOR, Role.ACCOUNTANT),
    }
    return render(request, "companies/readiness.html", context)


def _shown(condition: readiness.Condition, rights: Rights, company: Company) -> Shown:
    page = condition.page or PAGES.get(condition.code, ())
    if condition.good or not page:
        return Shown(condition)
    if page[0] == "terms":
        return Shown(condition, terms=rights.administrator)
    if page[0] == "enable" and rights.administrator and not rights.instance_administrator:
        page = ("company_enable",)  # the same dialog for this company alone
    if page[0] in OF_THE_INSTALLATION and not rights.instance_administrator:
        return Shown(condition, link=_("An instance administrator does this."))
    if page[0] == "company":
        return Shown(condition, reverse("setup_row", args=["company", company.pk]), str(LINKS["company"]))
    try:
        url = reverse(page[0], args=page[1:])
    except NoReverseMatch:
        return Shown(condition)
    return Shown(condition, url, str(LINKS.get(page[0], _("Open the row"))))


@require_POST
@company_view(Role.ADMINISTRATOR)
def accept_terms(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The company's terms of service with Visma.net AutoPay are in place: who says so, and when."""
    waiting = Company.objects.filter(pk=company.pk, terms_accepted_at__isnull=True)
    waiting.update(terms_accepted_at=timezone.now(), terms_accepted_by=request.user)
    return htmx.done(request, toast=_("Terms accepted."), to="readiness", go=True)
