"""Vouchers to another ledger: what waits, a new run, earlier runs, and the files of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx, listing
from autopay_console.kernel.forms import ConsoleForm, DayField
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from payments.books import ledger_exporting
from payments.models import ExportRun
from payments.web import journal_export
from payments.web.tabs import journal_tabs

KINDS = ("csv", "xlsx", "sie")


class PeriodForm(ConsoleForm):
    """The value dates to hand over; left empty, everything that waits."""

    start = DayField(label=gettext_lazy("From"), required=False)
    end = DayField(label=gettext_lazy("To"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("start") and values.get("end") and values["start"] > values["end"]:
            self.add_error("end", _("The last day is before the first."))
        return values


@require_GET
@company_view()
def exports(request: ConsoleRequest, company: Company) -> HttpResponse:
    """What waits, and every run there was."""
    return _page(request, company, PeriodForm())


@require_POST
@company_view(Role.ACCOUNTANT)
def make(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Hand over what waits in the period."""
    form = PeriodForm(request.POST)
    if not form.is_valid():
        return _page(request, company, form, status=422)
    run = ledger_exporting.hand_over(company, request.user, payroll=request.rights.payroll, **form.cleaned_data)
    if run is None:
        messages.add_message(request, messages.INFO, _("Nothing waits in this period"), extra_tags="warn")
        return redirect("exports")
    return redirect("export_run", pk=run.pk)


@require_GET
@company_view()
def export_run(request: ConsoleRequest, company: Company, pk: UUID) -> HttpResponse:
    """One run: its vouchers and its files."""
    run = _find(company, pk)
    hidden = run.salary and not request.rights.payroll
    rows = ledger_exporting.vouchers_of(run)
    sorts = {"number": "number", "value": "value_date"}
    page = listing.list_rows(request, rows.none() if hidden else rows, sorts=sorts, default="number", part="vouchers")
    context = {
        "run": run,
        "listing": page,
        "hidden": hidden,
        "currency": company.currency_id,
        "files": _files(company, run) if request.rights.accountant and not hidden else [],
    }
    return htmx.render_page(request, "payments/journal/export_run.html", context, part="vouchers")


@require_GET
@company_view(Role.ACCOUNTANT)
def export_file(request: ConsoleRequest, company: Company, pk: UUID) -> HttpResponseBase:
    """The run as a file, now or again: `?export=csv`, `xlsx` or, for a Swedish company, `sie`."""
    run = _find(company, pk)
    if run.salary and not request.rights.payroll:
        raise PermissionDenied
    if request.GET.get("export") not in KINDS:
        return redirect("export_run", pk=run.pk)
    answer = journal_export.answer(request, company, ledger_exporting.vouchers_of(run), str(run))
    ledger_exporting.fetched(run, request.user)
    return answer


def _page(request: ConsoleRequest, company: Company, form: PeriodForm, status: int = 200) -> HttpResponse:
    page = listing.list_rows(
        request, ledger_exporting.runs(company), sorts={"made": "made_at", "vouchers": "voucher_count"}, default="-made"
    )
    context = {
        "listing": page,
        "form": form,
        "waiting": ledger_exporting.waiting(company, payroll=request.rights.payroll),
        "currency": company.currency_id,
        "tabs": journal_tabs("exports"),
        "may_export": request.rights.accountant,
    }
    return htmx.render_page(request, "payments/journal/exports.html", context, part="listing", status=status)


def _files(company: Company, run: ExportRun) -> list[tuple[str, str]]:
    address = reverse("export_file", args=[run.pk])
    kinds = [("XLSX", "xlsx"), ("CSV", "csv")]
    if company.country_id == journal_export.SWEDEN:
        kinds.insert(0, ("SIE 4", "sie"))
    return [(name, f"{address}?export={kind}") for name, kind in kinds]


def _find(company: Company, pk: UUID) -> ExportRun:
    run = ledger_exporting.runs(company).filter(pk=pk).first()
    if run is None:
        raise Http404
    return run
