"""The page *Sending*: what waits to leave, the switch that stops it, and who moved the switch when."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies import stopping
from companies.access import ConsoleRequest, company_view, instance_view
from companies.models import Company, SendingStop
from integration import transfers_under_way

SHOWN = 50


class ReasonForm(ConsoleForm):
    """Why the switch is moved."""

    why = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        min_length=stopping.SHORTEST_REASON,
        help_text=gettext_lazy("Stands on every page until sending goes on, and in the history for ever."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )


@require_GET
@company_view()
def sending(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The company's switch."""
    rights = request.rights
    acting = {"may": rights.has(*stopping.ROLES), "may_approve": rights.approver}
    context = _page(company) | acting | {"scope": company.name}
    return htmx.render_page(request, "integration/sending.html", context)


@require_GET
@instance_view()
def sending_all(request: ConsoleRequest) -> HttpResponse:
    """The switch of the whole installation, and which companies are stopped by themselves."""
    stopped = [row for row in stopping.in_force_anywhere() if row.company_id]
    context = _page(None) | {"may": True, "scope": _("all companies"), "companies_stopped": stopped}
    return htmx.render_page(request, "integration/sending.html", context)


@require_http_methods(["GET", "POST"])
@company_view(*stopping.ROLES)
def stop(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Stop the company's payments."""
    return _stop(request, company)


@require_http_methods(["GET", "POST"])
@instance_view()
def stop_all(request: ConsoleRequest) -> HttpResponse:
    """Stop the payments of every company."""
    return _stop(request, None)


@require_http_methods(["GET", "POST"])
@company_view(*stopping.ROLES)
def resume(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Ask to let the company's payments go on, or agree to it."""
    return _resume(request, company)


@require_http_methods(["GET", "POST"])
@instance_view()
def resume_all(request: ConsoleRequest) -> HttpResponse:
    """The same for every company."""
    return _resume(request, None)


@require_POST
@company_view(*stopping.ROLES)
def stay(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Sending stays stopped."""
    return _stay(request, company)


@require_POST
@instance_view()
def stay_all(request: ConsoleRequest) -> HttpResponse:
    """The same for every company."""
    return _stay(request, None)


def _page(company: Company | None) -> dict[str, object]:
    ending = "" if company else "_all"
    return {
        "stop": stopping.current(company),
        "history": stopping.history(company)[:SHOWN],
        "waiting": transfers_under_way.waiting(company).count(),
        "under_way": transfers_under_way.listed(company)[:SHOWN],
        "of_company": company is not None,
        "stop_url": reverse(f"sending_stop{ending}"),
        "resume_url": reverse(f"sending_resume{ending}"),
        "stay_url": reverse(f"sending_stay{ending}"),
    }


def _home(company: Company | None) -> str:
    return "sending" if company else "sending_all"


def _stop(request: ConsoleRequest, company: Company | None) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        return _moved(request, company, lambda: stopping.stop(company, request.user, why), _("Sending is stopped."))
    many = transfers_under_way.waiting(company).count()
    context = {
        "form": form,
        "title": _("Stop sending for %(scope)s") % {"scope": company.name if company else _("all companies")},
        "text": _(
            "From now on no payment file leaves, neither by the gateway nor by folder or SFTP; %(many)s wait now. "
            "A file being sent this second ends its call. Everything that arrives is received and booked as always. "
            "Two people are needed to let it go on."
        )
        % {"many": many},
        "verb": _("Stop sending"),
        "danger": True,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


def _resume(request: ConsoleRequest, company: Company | None) -> HttpResponse:
    row = stopping.current(company)
    if row is None:
        return htmx.done(request, toast=_("Sending is not stopped."), tone="bad", to=_home(company), go=True)
    if row.resume_asked_by_id:
        return _agree(request, company, row)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        said = _("Asked. Sending goes on when another person agrees.")
        return _moved(request, company, lambda: stopping.ask_resume(row, request.user, why), said)
    context = {
        "form": form,
        "title": _("Ask to let sending go on"),
        "text": _("Another person must agree. Until then nothing leaves."),
        "verb": _("Ask"),
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


def _agree(request: ConsoleRequest, company: Company | None, row: SendingStop) -> HttpResponse:
    if request.method == "POST":
        said = _("Sending goes on. What waits leaves within half a minute.")
        return _moved(request, company, lambda: stopping.resume(row, request.user), said)
    asked = {"person": row.resume_asked_by.shown if row.resume_asked_by else "", "why": row.resume_why}
    many = transfers_under_way.waiting(company).count()
    context = {
        "title": _("Let sending go on"),
        "text": _("%(person)s asks to let sending go on: %(why)s.") % asked
        + " "
        + _("%(many)s payment files leave as soon as you agree.") % {"many": many},
        "verb": _("Let sending go on"),
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context)


def _stay(request: ConsoleRequest, company: Company | None) -> HttpResponse:
    row = stopping.current(company)
    if row is None:
        return htmx.done(request, toast=_("Sending is not stopped."), tone="bad", to=_home(company), go=True)
    return _moved(request, company, lambda: stopping.withdraw(row), _("Sending stays stopped."))


def _moved(request: ConsoleRequest, company: Company | None, move: Callable[[], object], said: str) -> HttpResponse:
    try:
        move()
    except stopping.NotNow as reason:
        return htmx.done(request, toast=str(reason), tone="bad", to=_home(company), go=True)
    return htmx.done(request, toast=said, to=_home(company), go=True)
