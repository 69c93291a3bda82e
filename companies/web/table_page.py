"""The list of a set-up table: search, pages by key, marks on rows that wait for a second person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.urls import reverse
from django.utils import formats

from autopay_console.kernel import htmx
from autopay_console.kernel.listing import list_rows
from autopay_console.kernel.numbers import as_number
from autopay_console.kernel.search import Field, understand
from companies import pending
from companies.access import ConsoleRequest
from companies.models import Company, Supplier
from companies.web.table import Table

_NUMBERS = ("number", "type")


def rows_of(table: Table, company: Company | None, *, employees: bool = True) -> models.QuerySet[Any]:
    """The table's rows: those of the company, or those of the installation; `employees`: suppliers paid salary too."""
    rows = table.model._default_manager.all()
    if table.model is Company:
        rows = rows.filter(pk=company.pk if company else None)
    elif not table.shared:
        rows = rows.filter(company=company)
    if table.model is Supplier and not employees:
        rows = rows.filter(is_payroll=False)
    related = [name for name in table.columns if table.model._meta.get_field(name).is_relation]
    return rows.select_related(*related) if related else rows


def sees_employees(request: ConsoleRequest) -> bool:
    """Accounts of employees are for payroll, and for administrators who accept their changes."""
    return request.rights.payroll or request.rights.administrator


def row_url(table: Table, row: Any) -> str:
    """The address of a row's form."""
    return reverse("shared_row" if table.shared else "setup_row", args=[table.name, row.pk])


def rows_url(table: Table) -> str:
    """The address of the list."""
    if table.model is Company:
        return reverse("companies")
    return reverse("shared_rows" if table.shared else "setup_rows", args=[table.name])


def render_list(request: ConsoleRequest, table: Table, company: Company | None, may_edit: bool) -> HttpResponse:
    """The page, or the part of it that a search asks for."""
    search = understand(request, _search_fields(table), free=lambda word: _found_by(table, word))
    sorts = {table.order.lstrip("-"): table.order.lstrip("-"), **table.sorts}
    rows = rows_of(table, company, employees=sees_employees(request))
    listing = list_rows(request, rows, sorts=sorts, default=table.order, search=search)
    model = str(table.model._meta.model_name)
    waiting = pending.rows_waiting(company, model) if company and model in pending.GUARDED else set()
    lines = [(row_url(table, row), row.pk in waiting, [_cell(row, name) for name in table.columns]) for row in listing]
    context = {
        "table": table,
        "listing": listing,
        "heads": [_label(table, name) for name in table.columns],
        "lines": lines,
        "may_edit": may_edit and not table.single,
        "new_url": reverse("shared_new" if table.shared else "setup_new", args=[table.name]),
        "waiting": len(waiting),
    }
    return htmx.render_page(request, "companies/table.html", context, part="listing")


def _search_fields(table: Table) -> list[Field]:
    names = [name for name in table.search if "__" not in name]
    return [Field(name, "text", name, _label(table, name)) for name in names]


def _label(table: Table, name: str) -> Any:
    column = table.model._meta.get_field(name)
    return getattr(column, "verbose_name", name)


def _found_by(table: Table, word: str) -> models.Q:
    """What a person types: a number, or the beginning of a name."""
    found = models.Q(pk__in=())
    for name in table.search:
        found |= models.Q(**{f"{name}__istartswith": word})
    names = {field.name for field in table.model._meta.fields}
    number = as_number(word, None)
    for name in _NUMBERS:
        if name in names and number is not None:
            found |= models.Q(**{name: number})
    for name in ("account", "iban", "bank_account", "organisation_no"):
        if name in names:
            found |= models.Q(**{f"{name}__startswith": word.replace(" ", "").upper()})
    return found


def _cell(row: Any, name: str) -> dict[str, Any]:
    field = row._meta.get_field(name)
    value = getattr(row, name)
    words = getattr(row, f"get_{name}_display", None)
    if isinstance(field, models.BooleanField):
        return {"yes": bool(value), "kind": "yes"}
    if name in ("account", "iban", "bank_account"):
        return {"value": value, "kind": "account"}
    if name in ("state", "link_state"):
        return {"row": row, "field": name, "kind": "badge"}
    if name == "organisation_no":
        return {"value": value, "kind": "orgno"}
    if isinstance(value, Decimal):  # a rate, without the noughts of its column
        return {"value": formats.number_format(Decimal(f"{value.normalize():f}")), "kind": "text"}
    return {"value": words() if words else value, "kind": "text"}
