"""The form of one set-up row: nothing typed is lost, two people at once decide field by field, changes tell a story."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from autopay_console.kernel import htmx
from companies import pending, saving, stories
from companies.access import ConsoleRequest
from companies.models import Company
from companies.web.beside import beside
from companies.web.forms import SetupForm, form_class
from companies.web.table import Table
from companies.web.table_page import rows_url

KEEP = "keep-"


def render_row(
    request: ConsoleRequest, table: Table, row: Any, company: Company | None, may_edit: bool
) -> HttpResponse:
    """Show the form, or save what was posted. People who may only look see it without a save button."""
    new = row._state.adding
    if not may_edit and (request.method == "POST" or new):
        raise PermissionDenied
    form = _bound(request, table, row, company)
    conflict: saving.ChangedMeanwhile | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return _saved(request, table, form)
        except saving.ChangedMeanwhile as meanwhile:
            conflict = meanwhile
            typed: Any = form.data.copy()  # type: ignore[attr-defined]
            typed["seen"] = str(meanwhile.version)
            form.data = typed
        except IntegrityError:
            form.add_error(None, _("There is a row with this number or account already."))
    context = {
        "table": table,
        "row": row,
        "form": form,
        "groups": [(group, [form[name] for name in group.fields]) for group in table.groups],
        "title": table.new if new else str(table.title if table.single and table.shared else row),
        "may_edit": may_edit,
        "conflict": conflict,
        "waiting": _waiting(row),
        "history": [] if new else stories.story(row),
        "back": rows_url(table),
        "beside": beside(table, row, company, form),
    }
    return htmx.render_page(request, "companies/row.html", context, status=422 if form.errors or conflict else 200)


def waiting_lines(changes: list[Any]) -> list[dict[str, Any]]:
    """Waiting changes in words: field, value, who asked."""
    found = []
    for one in changes:
        column = pending.column_of(one)
        label = stories.label_of(column) if one.table != "payeeaccount" else _("Account on an invoice")
        found.append({"change": one, "label": label, "after": stories.value_shown(column, one.after)})
    return found


def _waiting(row: Any) -> list[dict[str, Any]]:
    if row._state.adding or row._meta.model_name not in pending.GUARDED:
        return []
    return waiting_lines(pending.waiting_for(row))


def _bound(request: ConsoleRequest, table: Table, row: Any, company: Company | None) -> SetupForm:
    make = form_class(table)
    if request.method != "POST":
        return make(instance=row, company=company, table=table)
    fresh = make(instance=row, company=company, table=table)
    return make(_merged(request.POST, fresh), instance=row, company=company, table=table)


def _merged(posted: QueryDict, fresh: SetupForm) -> QueryDict:
    """What was typed; where the person chose the other one's value, that value."""
    typed = posted.copy()
    for name, field in fresh.fields.items():
        if posted.get(KEEP + name) == "theirs":
            typed.setlist(name, _as_posted(fresh, name, field))
    return typed


def _as_posted(fresh: SetupForm, name: str, field: forms.Field) -> list[str]:
    """A stored value as the browser would send it."""
    value = fresh[name].value()
    if isinstance(field.widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown = field.widget.format_value(value) if hasattr(field.widget, "format_value") else value
    if isinstance(shown, list | tuple):
        return [str(one) for one in shown]
    return ["" if shown is None else str(shown)]


def _saved(request: ConsoleRequest, table: Table, form: SetupForm) -> HttpResponse:
    changed = [name for name in form.changed_data if name != "seen"]
    if not changed and not form.instance._state.adding:
        return htmx.done(request, toast=_("Nothing was changed."), to=rows_url(table), go=True)
    with transaction.atomic():
        result = saving.save(form.instance, changed, request.user, form.cleaned_data.get("seen") or 0)
    said = _("Saved")
    if result.waiting:
        labels = ", ".join(stories.label_of(pending.column_of(one)) for one in result.waiting)
        said = _("Saved. Waiting for a second person: %(fields)s.") % {"fields": labels}
    return htmx.done(request, toast=said, to=rows_url(table), go=True)
