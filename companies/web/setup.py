"""Lists and forms of the set-up tables. Guarded fields become changes that wait for a second person."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.listing import list_rows
from autopay_console.kernel.search import Field, understand
from companies import pending, saving
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from companies.web.forms import SetupForm
from companies.web.tables import TABLES, Table

EDITORS: dict[str, tuple[str, ...]] = {
    "supplier": (Role.ADMINISTRATOR, Role.ACCOUNTANT),
    "customer": (Role.ADMINISTRATOR, Role.ACCOUNTANT),
    "rate": (Role.ADMINISTRATOR, Role.ACCOUNTANT),
}


@require_GET
@company_view()
def rows(request: ConsoleRequest, company: Company, table: str) -> HttpResponse:
    """One table's list; every member may look."""
    kind = _table(table)
    search = understand(request, _search_fields(kind), free=lambda word: _starts_with(kind, word))
    sorts = {kind.order.lstrip("-"): kind.order.lstrip("-")} | ({"name": "name"} if "name" in kind.columns else {})
    listing = list_rows(request, _rows_of(kind, company), sorts=sorts, default=kind.order, search=search)
    context = {
        "table": kind,
        "listing": listing,
        "heads": [_label(kind, name) for name in kind.columns],
        "lines": [(row, [_cell(row, name) for name in kind.columns]) for row in listing],
        "may_edit": _may_edit(request, kind),
        "waiting": pending.waiting(company).filter(table=kind.model._meta.model_name).count(),
    }
    return htmx.render_page(request, "companies/table.html", context, part="listing")


@require_http_methods(["GET", "POST"])
@company_view()
def edit(request: ConsoleRequest, company: Company, table: str, pk: int | None = None) -> HttpResponse:
    """A row's form. People who may only look see it without a save button."""
    kind = _table(table)
    row = get_object_or_404(_rows_of(kind, company), pk=pk) if pk else kind.model(**_belongs_to(kind, company))
    may_edit = _may_edit(request, kind)
    if not may_edit and (request.method == "POST" or not pk):
        raise PermissionDenied
    form = _form_class(kind)(request.POST or None, instance=row, company=company)
    conflict: saving.ChangedMeanwhile | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return _saved(request, kind, form)
        except saving.ChangedMeanwhile as meanwhile:
            conflict = meanwhile
            typed = request.POST.copy()
            typed["seen"] = str(meanwhile.version)
            form.data = typed
        except IntegrityError:
            form.add_error(None, ValidationError(_("There is a row with this number or account already.")))
    context = {
        "table": kind,
        "row": row,
        "form": form,
        "groups": [(label, [form[name] for name in names]) for label, names in kind.groups],
        "may_edit": may_edit,
        "conflict": conflict,
        "waiting": pending.waiting_for(row) if pk and pending.guarded_fields(row) else [],
        "history": _history(row) if pk else [],
    }
    return htmx.render_page(request, "companies/row.html", context, status=422 if form.errors or conflict else 200)


def _saved(request: ConsoleRequest, kind: Table, form: SetupForm) -> HttpResponse:
    changed = [name for name in form.changed_data if name != "seen"]
    if hasattr(form.instance, "version"):
        result = saving.save(form.instance, changed, request.user, form.cleaned_data.get("seen") or 0)
        waits = bool(result.waiting)
    else:
        with transaction.atomic():
            form.save()
        waits = False
    said = _("Saved. The account waits for a second person.") if waits else _("Saved")
    return htmx.done(request, toast=said, to=reverse("setup_rows", args=[kind.name]), go=True)


def _table(name: str) -> Table:
    if name not in TABLES:
        raise Http404
    return TABLES[name]


def _rows_of(kind: Table, company: Company) -> models.QuerySet[Any]:
    rows = kind.model._default_manager.all()
    rows = rows.filter(pk=company.pk) if kind.model is Company else rows.filter(company=company)
    related = [name for name in kind.columns if kind.model._meta.get_field(name).is_relation]
    return rows.select_related(*related) if related else rows


def _belongs_to(kind: Table, company: Company) -> dict[str, Any]:
    if kind.model is Company:
        raise Http404  # companies are made on the page of companies
    return {"company": company}


def _may_edit(request: ConsoleRequest, kind: Table) -> bool:
    return request.rights.has(*EDITORS.get(kind.name, (Role.ADMINISTRATOR,)))


def _form_class(kind: Table) -> type[SetupForm]:
    made = forms.modelform_factory(kind.model, form=_with_own_fields(kind), fields=kind.fields)
    return cast("type[SetupForm]", made)


def _with_own_fields(kind: Table) -> type[SetupForm]:
    return type("RowForm", (SetupForm,), dict(kind.own)) if kind.own else SetupForm


def _search_fields(kind: Table) -> list[Field]:
    return [Field(name, "text", name, _label(kind, name)) for name in kind.search]


def _label(kind: Table, name: str) -> Any:
    column = kind.model._meta.get_field(name)
    return getattr(column, "verbose_name", name)


def _starts_with(kind: Table, word: str) -> models.Q:
    found = models.Q()
    for name in kind.search:
        found |= models.Q(**{f"{name}__istartswith": word})
    if word.isdigit() and any(field.name == "number" for field in kind.model._meta.fields):
        found |= models.Q(number=int(word))
    return found if kind.search or found else models.Q(pk__in=())


def _cell(row: Any, name: str) -> dict[str, Any]:
    field = row._meta.get_field(name)
    value = getattr(row, name)
    words = getattr(row, f"get_{name}_display", None)
    if isinstance(field, models.BooleanField):
        return {"yes": bool(value), "kind": "yes"}
    if name in ("account", "iban", "bank_account"):
        return {"value": value, "kind": "account"}
    return {"value": words() if words else value, "kind": "text"}


def _history(row: Any) -> list[dict[str, Any]]:
    """Who changed what, newest first; secrets are not in the history tables."""
    manager = getattr(row, "history", None)
    if manager is None:
        return []
    versions = list(manager.select_related("history_user").order_by("-history_date")[:20])
    told = []
    for newer, older in zip(versions, [*versions[1:], None], strict=True):
        changes = newer.diff_against(older).changes if older is not None else []
        words = [
            format_lazy("{}: {} → {}", row._meta.get_field(one.field).verbose_name, one.old or "–", one.new or "–")
            for one in changes
            if one.field != "version"
        ]
        if words or older is None:
            told.append({"at": newer.history_date, "by": newer.history_user, "changes": words})
    return told
