"""Close the month: the list of what must be done, who looks after each point, and the lock."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies import periods as books
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company, Person
from payments.choices import ClosingCheck
from payments.lists import period_queries
from payments.models import ClosingPoint
from payments.month_end import closing
from payments.month_end.closing_counts import span
from payments.web.periods import named
from payments.web.posted import posted
from payments.web.tabs import journal_tabs

# Where each point is worked on: the page, and what to ask it ({last}: last day, {after}: the day after).
WHERE = {
    ClosingCheck.SETTLED: ("overview", "q=status:5"),
    ClosingCheck.PARKED: ("incoming", ""),
    ClosingCheck.DEBITS: ("open_debits", ""),
    ClosingCheck.LINES: ("unanswered_lines", ""),
    ClosingCheck.GAPS: ("statements", ""),
    ClosingCheck.PROOF: ("reconciliation", "day={last}"),
    ClosingCheck.ANSWERS: ("overview", "q=status:8,2"),
    ClosingCheck.BATCHES: ("journal", "q=state:waiting"),
}


class PointForm(ConsoleForm):
    """Who looks after a point, and a note."""

    owner = forms.ModelChoiceField(
        label=gettext_lazy("Who looks after it"), queryset=Person.objects.none(), required=False, empty_label="–"
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)


class LockForm(ConsoleForm):
    """Why a month is locked although something is left."""

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200, required=False)


@require_GET
@company_view()
def close_period(request: ConsoleRequest, company: Company, year: int, month: int) -> HttpResponse:
    """The list of a month: what is done, what is left and who looks after it."""
    name = named(year, month)
    found = closing.checklist(company, year, month)
    row = company.periods.filter(year=year, month=month).select_related("locked_by").first()
    context = {
        "period": name,
        "month": books.Month(year, month, row),
        "list": found,
        "points": [(point, _address(point.check, year, month)) for point in found.points],
        "turns": closing.turns(company, year, month)[:20],
        "tabs": journal_tabs("periods"),
        "may_lock": request.rights.accountant,
        "may_unlock": request.rights.administrator,
    }
    return htmx.render_page(request, "payments/journal/close.html", context, part="points")


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def closing_point(request: ConsoleRequest, company: Company, year: int, month: int, check: str) -> HttpResponse:
    """Say who looks after one point, with a note."""
    name, chosen = named(year, month), _check(check)
    kept = ClosingPoint.objects.filter(company=company, year=year, month=month, check_code=chosen).first()
    form = PointForm(posted(request), initial={"owner": kept.owner_id, "note": kept.note} if kept else None)
    owner: Any = form.fields["owner"]
    owner.queryset = closing.colleagues(company)
    owner.label_from_instance = lambda person: person.shown
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        closing.assign(company, year, month, chosen, request.user, owner=facts["owner"], note=facts["note"])
        to = reverse("close_period", args=[year, month])
        return htmx.done(request, toast=_("Kept"), to=to, refresh=("points",))
    context = {
        "title": chosen.label,
        "text": _("For closing %(period)s.") % {"period": name},
        "verb": _("Keep"),
        "form": form,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def lock_period(request: ConsoleRequest, company: Company, year: int, month: int) -> HttpResponse:
    """Ask once, saying what is left to do; without everything done the reason is asked for."""
    name = named(year, month)
    form = LockForm(posted(request))
    found = closing.checklist(company, year, month)
    form.fields["reason"].required = not found.green
    if request.method == "POST" and form.is_valid():
        try:
            closing.lock(company, year, month, request.user, form.cleaned_data["reason"])
        except closing.NotClosed as refusal:
            form.add_error("reason", str(refusal))
        else:
            to = reverse("close_period", args=[year, month])
            return htmx.done(request, toast=_("%(period)s is locked") % {"period": name}, to=to, go=True)
    context = {
        "period": name,
        "form": form,
        "list": found,
        "waiting": period_queries.waiting_in(company, year, month),
        "action": request.path,
    }
    return htmx.render_dialog(request, "payments/journal/lock.html", context, status=422 if form.errors else 200)


def _address(check: ClosingCheck, year: int, month: int) -> str:
    page, query = WHERE[check]
    words = query.format(last=span(year, month).last.isoformat())
    return f"{reverse(page)}?{words}" if words else reverse(page)


def _check(value: str) -> ClosingCheck:
    try:
        return ClosingCheck(value)
    except ValueError:
        raise Http404 from None
