"""Lists and forms of the set-up tables. Guarded fields become changes that wait for a second person."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from companies.access import ConsoleRequest, company_view, instance_view
from companies.choices import InstanceRoleKind, Role
from companies.models import Company, SystemInformation
from companies.web.row_page import render_row
from companies.web.table import Table
from companies.web.table_page import render_list, rows_of, rows_url, sees_employees
from companies.web.tables import SHARED, TABLES

EDITORS: dict[str, tuple[str, ...]] = {
    "supplier": (Role.ADMINISTRATOR, Role.ACCOUNTANT),
    "customer": (Role.ADMINISTRATOR, Role.ACCOUNTANT),
    "rate": (Role.ADMINISTRATOR, Role.ACCOUNTANT),
}


@require_GET
@company_view()
def everything(request: ConsoleRequest, company: Company) -> HttpResponse:
    """All set-up tables with what each one is for."""
    shared = SHARED.values() if request.rights.instance_administrator else ()
    context = {
        "tables": [(table, rows_url(table)) for table in TABLES.values() if table.model is not Company],
        "shared": [(table, rows_url(table)) for table in shared],
    }
    return render(request, "companies/everything.html", context)


@require_GET
@company_view()
def rows(request: ConsoleRequest, company: Company, table: str) -> HttpResponse:
    """One table's list; every member may look."""
    kind = _table(TABLES, table)
    return render_list(request, kind, company, _may_edit(request, kind))


@require_http_methods(["GET", "POST"])
@company_view()
def edit(request: ConsoleRequest, company: Company, table: str, pk: int | None = None) -> HttpResponse:
    """A row's form. People who may only look see it without a save button."""
    kind = _table(TABLES, table)
    if pk is None and kind.single:
        raise Http404  # companies are made on the page of companies
    rows = rows_of(kind, company, employees=sees_employees(request))
    row = get_object_or_404(rows, pk=pk) if pk else kind.model(company=company)
    return render_row(request, kind, row, company, _may_edit(request, kind))


@require_GET
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def shared_rows(request: ConsoleRequest, table: str) -> HttpResponse:
    """A table of the whole installation; System information is one row and has no list."""
    kind = _table(SHARED, table)
    if kind.single:
        SystemInformation.objects.get_or_create(pk=1)
        return redirect("shared_row", kind.name, 1)
    return render_list(request, kind, None, may_edit=True)


@require_http_methods(["GET", "POST"])
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def shared_edit(request: ConsoleRequest, table: str, pk: str | None = None) -> HttpResponse:
    """A row that counts for all companies."""
    kind = _table(SHARED, table)
    if pk is None:
        if kind.single:
            raise Http404
        return render_row(request, kind, kind.model(), None, may_edit=True)
    row: Any = get_object_or_404(kind.model, pk=pk)
    return render_row(request, kind, row, None, may_edit=True)


def _table(tables: dict[str, Table], name: str) -> Table:
    if name not in tables:
        raise Http404
    return tables[name]


def _may_edit(request: ConsoleRequest, table: Table) -> bool:
    return request.rights.has(*EDITORS.get(table.name, (Role.ADMINISTRATOR,)))
