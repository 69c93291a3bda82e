"""One import: choose the columns, look at what would happen, decide, watch it, read its report."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from autopay_console.kernel import export, htmx, listing
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import JobState, Role
from companies.models import Company, Job
from payments.choices import RowOutcome
from payments.models import ImportRow
from payments.table_import import acts, headers, running
from payments.table_import.tables import Table
from payments.web.table_import import table_of
from payments.web.table_import_rows import shown_row

SALARIES = ("supplier", "supplier_entry")  # brought by somebody with the payroll role they may hold employees' rows
RUNNING = (JobState.WAITING, JobState.RUNNING)
FIELDS = (
    Field("row", "number", "row_no", gettext_lazy("Row"), example="row:17"),
    Field("which", "text", "label", gettext_lazy("Which"), example="which:F-1001"),
    Field("account", "yes", "waits", gettext_lazy("Account waits"), example="account:yes"),
)
_FIGURES = re.compile(r"[-+]?[0-9][0-9\s.,]*")


@require_GET
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def job(request: ConsoleRequest, company: Company, pk: UUID) -> HttpResponse:
    """The import as it stands now; the same address from the first look to the report."""
    found, table = _find(request, company, pk)
    phase = _phase(found)
    if htmx.target_of(request) == "progress" and phase != "running":
        return HttpResponseClientRefresh()
    context: dict[str, Any] = {
        "job": found,
        "table": table,
        "phase": phase,
        "name": found.parameters.get("name", ""),
        "report": found.report,
        "written": int(found.report.get("written", 0)),
    }
    if phase == "mapping":
        context |= _mapping(found, table)
    elif phase == "running":
        context |= _progress(found)
    elif phase in ("choosing", "done"):
        context |= _rows(request, found, table)
    return htmx.render_page(
        request, "payments/table_import/job.html", context, part=("progress",) if phase == "running" else ("listing",)
    )


@require_POST
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def columns(request: ConsoleRequest, company: Company, pk: UUID) -> HttpResponse:
    """The columns as chosen; reading starts."""
    found, table = _find(request, company, pk)
    known = {column.name for column in table.columns}
    chosen = {
        place: name
        for place in range(len(found.parameters.get("headers", ())))
        if (name := request.POST.get(f"column-{place}", "")) in known
    }
    try:
        acts.choose_columns(found, chosen)
    except acts.NotPossible as refusal:
        if _phase(found) != "mapping":
            return _told(request, found, str(refusal))
        context = {"job": found, "table": table, "phase": "mapping", "name": found.parameters.get("name", "")}
        context |= _mapping(found, table, chosen) | {"refusal": str(refusal)}
        return htmx.render_page(request, "payments/table_import/job.html", context, status=422)
    return redirect("table_import_job", pk=found.pk)


@require_POST
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def act(request: ConsoleRequest, company: Company, pk: UUID, what: str) -> HttpResponse:
    """Import, go back to the columns, or drop it."""
    found, _table = _find(request, company, pk)
    try:
        if what == "run":
            acts.decide(found, request.POST.get("choice", ""))
        elif what == "columns":
            acts.change_columns(found)
        else:
            acts.drop(found)
    except acts.NotPossible as refusal:
        return _told(request, found, str(refusal))
    return redirect("table_import_job", pk=found.pk)


@require_GET
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def refused(request: ConsoleRequest, company: Company, pk: UUID) -> StreamingHttpResponse:
    """The refused rows as they came, with what is wrong behind them: mend it there and import it again."""
    found, table = _find(request, company, pk)
    response = StreamingHttpResponse(_refused_lines(found, table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table.name.replace("_", "-")}-refused.csv"'
    return response


def _find(request: ConsoleRequest, company: Company, pk: UUID) -> tuple[Job, Table]:
    found = acts.find(company, pk)
    if found is None:
        raise Http404
    table = table_of(request, found.parameters["table"])
    if found.parameters.get("payroll") and table.name in SALARIES and not request.rights.payroll:
        raise PermissionDenied
    return found, table


def _phase(found: Job) -> str:
    if found.state in RUNNING:
        return "running"
    if found.state == JobState.ASKING:
        return str(found.parameters["phase"])
    return str(found.state)


def _told(request: ConsoleRequest, found: Job, text: str) -> HttpResponse:
    messages.add_message(request, messages.INFO, text, extra_tags="warn")
    return redirect("table_import_job", pk=found.pk)


def _mapping(found: Job, table: Table, chosen: dict[int, str] | None = None) -> dict[str, Any]:
    parameters = found.parameters
    mapping = {int(place): name for place, name in parameters["mapping"].items()} if chosen is None else chosen
    needed, for_new = headers.missing(table, mapping.values())
    samples = parameters.get("samples", [])
    return {
        "columns": [
            {
                "place": place,
                "header": header,
                "name": mapping.get(place, ""),
                "samples": [row[place] for row in samples if place < len(row) and row[place]],
            }
            for place, header in enumerate(parameters["headers"])
        ],
        "needed": ", ".join(column.header for column in needed).rstrip("."),  # the sentence has its own
        "for_new": [column.header for column in for_new],
        "header_row": parameters["header_row"],
        "no_headers": headers.looks_like_data(table, parameters["headers"]),
    }


def _progress(found: Job) -> dict[str, Any]:
    done, total = int(found.report.get("read", 0)), max(found.total, 1)
    applying = found.parameters["phase"] == "applying"
    return {
        "done": done,
        "percent": 100 if applying else min(100, done * 100 // total),
        "applying": applying,
        "by_parts": applying and found.parameters.get("choice") == running.GOOD,  # all at once otherwise
    }


def _rows(request: ConsoleRequest, found: Job, table: Table) -> dict[str, Any]:
    report = found.report
    show = request.GET.get("show", "")
    if show not in RowOutcome.values:
        show = next((one for one in ("refused", "changed", "created") if report.get(one)), "unchanged")
    tabs = [
        listing.Tab(RowOutcome(one).label, f"{request.path}?show={one}", report.get(one, 0), one == show)
        for one in (RowOutcome.CREATED, RowOutcome.CHANGED, RowOutcome.REFUSED, RowOutcome.UNCHANGED)
    ]
    search = understand(request, FIELDS)
    rows = ImportRow.objects.filter(job=found, outcome=show)
    page = listing.list_rows(request, rows, sorts={"row": "row_no"}, default="row", search=search)
    page.rows = [shown_row(table, row) for row in page.rows]
    good = report.get("created", 0) + report.get("changed", 0)
    return {"listing": page, "tabs": tabs, "show": show, "good": good, "bad": report.get("refused", 0)}


def _refused_lines(found: Job, table: Table) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";")
    heads = [export.safe(str(one)) for one in found.parameters["headers"]]
    yield export.BOM + writer.writerow([*heads, _("Row"), _("What is wrong")])
    many = len(found.parameters["headers"])
    rows = ImportRow.objects.filter(job=found, outcome=RowOutcome.REFUSED).order_by("row_no")
    for row in rows.iterator(chunk_size=1_000):
        cells = [_safe(str(cell)) for cell in row.facts.get("cells", [])][:many]
        cells += [""] * (many - len(cells))
        words = "; ".join(f"{table.column(name).header}: {text}" for name, text in row.problems)
        yield writer.writerow([*cells, row.row_no, export.safe(words)])


def _safe(text: str) -> str:
    """Text no spreadsheet runs; a negative amount stays one, so that the file can be imported again."""
    return text if _FIGURES.fullmatch(text) else export.safe(text)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text
