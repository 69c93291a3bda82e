"""Importing tables: where it starts. What was imported, templates to fill in, bringing a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx, listing
from autopay_console.kernel.export import XLSX
from autopay_console.kernel.forms import ConsoleForm
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company, Job
from payments.table_import import acts, reading, templates
from payments.table_import.tables import TABLES, Table

SORTS = {"made": "created_at"}


class FileForm(ConsoleForm):
    """A table from another program."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX with one row of headers. Nothing is written before you have seen it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > reading.LARGEST:
            raise forms.ValidationError(_("The file is larger than 100 MB. Divide it."))
        return file


def table_of(request: ConsoleRequest, name: str) -> Table:
    """The table, when this person may import it."""
    if name not in TABLES:
        raise Http404
    if not request.rights.has(*TABLES[name].roles):
        raise PermissionDenied
    return TABLES[name]


def described(job: Job) -> dict[str, Any]:
    """An import as a row of the list."""
    table = TABLES.get(job.parameters.get("table", ""))
    return {"job": job, "table": table, "name": job.parameters.get("name", ""), "report": job.report}


@require_GET
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def imports(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The four tables, and every import there was."""
    tables = [one for one in TABLES.values() if request.rights.has(*one.roles)]
    page = listing.list_rows(request, acts.jobs(company), sorts=SORTS, default="-made")
    page.rows = [described(job) for job in page.rows]
    context = {"tables": tables, "listing": page}
    return htmx.render_page(request, "payments/table_import/start.html", context, part="listing")


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def table(request: ConsoleRequest, company: Company, table: str) -> HttpResponse:
    """One table: its columns, its template, and the form that takes the file."""
    kind = table_of(request, table)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            job = acts.start(company, kind, _content(upload), upload.name or "", request.user)
        except reading.NotReadable as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("table_import_job", pk=job.pk)
    page = listing.list_rows(request, acts.jobs(company, kind.name), sorts=SORTS, default="-made")
    page.rows = [described(job) for job in page.rows]
    columns = [(column, templates.note(column)) for column in kind.columns]
    context = {"table": kind, "form": form, "columns": columns, "listing": page}
    status = 422 if form.errors else 200
    return htmx.render_page(request, "payments/table_import/table.html", context, part="listing", status=status)


@require_GET
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def template(request: ConsoleRequest, company: Company, table: str, kind: str) -> HttpResponse:
    """The empty table as a file."""
    one = table_of(request, table)
    if kind == "xlsx":
        response = HttpResponse(templates.as_xlsx(one), content_type=XLSX)
    else:
        response = HttpResponse(templates.as_csv(one), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{one.name.replace("_", "-")}-template.{kind}"'
    return response


def _content(upload: Any) -> bytes | Path:
    if isinstance(upload, TemporaryUploadedFile):
        return Path(upload.temporary_file_path())
    content: bytes = upload.read()
    return content
