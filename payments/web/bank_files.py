"""Bank files: the inbox, one file with what became of it, its source, its rows and what it repeated."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from autopay_console.kernel import export, htmx, listing
from autopay_console.kernel.numbers import as_number
from autopay_console.kernel.search import Field, narrow, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments import files
from payments.choices import FileState
from payments.files import FileGone
from payments.lists import bank_file_queries, bank_file_views, incoming_queries
from payments.models import BankFile
from payments.web.tabs import incoming_tabs

FIELDS = (
    Field("state", "choice", "state", gettext_lazy("State"), FileState.choices),
    Field("type", "text", "type", gettext_lazy("Type"), example="type:camt.054"),
    Field("received", "day", "received_at__date", gettext_lazy("Received"), example="received:2026-11-25"),
    Field("message", "exact", "message_id", gettext_lazy("Message id"), example="message:VIP-20261120-0004"),
    Field("name", "text", "name", gettext_lazy("Name"), example="name:camt"),
    Field("entries", "number", "entry_count", gettext_lazy("Entries"), example="entries>100"),
    Field("digest", "text", "digest", gettext_lazy("Digest"), example="digest:4be1"),
)
SORTS = {"received": "received_at", "name": "name", "entries": "entry_count"}
COLUMNS = (
    export.Column(gettext_lazy("Name"), "name"),
    export.Column(gettext_lazy("Type"), "type"),
    export.Column(gettext_lazy("Version"), "version"),
    export.Column(gettext_lazy("Message id"), "message_id"),
    export.Column(gettext_lazy("State"), "get_state_display"),
    export.Column(gettext_lazy("Error"), "error"),
    export.Column(gettext_lazy("Entries"), "entry_count", "number"),
    export.Column(gettext_lazy("Repeated entries"), "repeat_count", "number"),
    export.Column(gettext_lazy("Received"), "received_at", "moment"),
    export.Column(gettext_lazy("Imported"), "imported_at", "moment"),
    export.Column("SHA-256", "digest"),
)


@require_GET
@company_view()
def bank_files(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """The inbox, newest first."""
    rows = bank_file_queries.bank_files(company)
    search = understand(request, FIELDS, today=business_date(company))
    if export.wanted(request):
        found = narrow(rows, search).order_by("-received_at")
        return export.answer(request, "bank-files", COLUMNS, found.iterator(chunk_size=2000), search.text)
    page = listing.list_rows(request, rows, sorts=SORTS, default="-received", search=search)
    context = {"listing": page, "tabs": incoming_tabs("bank_files"), "may_upload": request.rights.accountant}
    return htmx.render_page(request, "payments/bank_files/list.html", context, part="listing")


@require_GET
@company_view()
def bank_file(request: ConsoleRequest, company: Company, file_id: UUID) -> HttpResponse:
    """One file: head, warnings, accounts, its rows or those it repeated, what became of it."""
    file = find(company, file_id)
    hidden = closed_to(request, file)
    view = "repeats" if request.GET.get("show") == "repeats" else "entries"
    rows: Any = incoming_queries.repeats(file) if view == "repeats" else bank_file_queries.entries_of(file)
    page = listing.list_rows(request, rows, sorts={"place": "index"}, default="place", part="entries")
    context = {
        "file": file,
        "tone": "stop" if file.state == FileState.ERROR else "note",
        "hidden": hidden,
        "show": view,
        "listing": page,
        "statements": bank_file_queries.statements_of(file),
        "batches": bank_file_queries.batches_of(file),
        "outcome": bank_file_queries.outcome(file),
        "sums": bank_file_queries.sums_of(file),
        "warnings": (file.warnings or {}).get("list", []),
        "may_download": request.rights.has(Role.ACCOUNTANT, Role.ADMINISTRATOR) and not hidden,
        "may_import": request.rights.accountant and file.state == FileState.ERROR,
    }
    return htmx.render_page(request, "payments/bank_files/file.html", context, part="entries")


@require_GET
@company_view()
def source(request: ConsoleRequest, company: Company, file_id: UUID) -> HttpResponse:
    """The file as it came, with line numbers. It is shown as text: nothing in it can run."""
    file = readable(request, company, file_id)
    line = as_number(request.GET.get("line", ""), 1)
    window = None
    with suppress(FileGone):
        window = bank_file_views.source(file, max(line - 20, 1))
    context = {"file": file, "window": window, "line": line}
    return htmx.render_page(request, "payments/bank_files/source.html", context)


@require_GET
@company_view()
def understood(request: ConsoleRequest, company: Company, file_id: UUID) -> HttpResponse:
    """The file as the console understands it, the same words as `read_bank_file` prints."""
    file = readable(request, company, file_id)
    lines: list[str] | None = None
    more = False
    with suppress(FileGone):
        lines, more = bank_file_views.understood(file)
    context = {"file": file, "lines": lines, "more": more}
    return htmx.render_page(request, "payments/bank_files/understood.html", context)


@require_GET
@company_view(Role.ACCOUNTANT, Role.ADMINISTRATOR)
def download(request: ConsoleRequest, company: Company, file_id: UUID) -> HttpResponseBase:
    """The bytes as the bank sent them, always as an attachment of no type a browser would open."""
    file = readable(request, company, file_id)
    try:
        stored = files.open_stored(file.path)
    except FileGone as gone:
        raise Http404 from gone
    name = get_valid_filename(file.name or f"{file.digest[:16]}.xml")
    response = FileResponse(stored, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def find(company: Company, file_id: UUID) -> BankFile:
    """A file of this company, or 404."""
    file = bank_file_queries.bank_file(company, file_id)
    if file is None:
        raise Http404
    return file


def closed_to(request: ConsoleRequest, file: BankFile) -> bool:
    """Salary files show their counts to everyone, their contents to the payroll role."""
    return not request.rights.payroll and bank_file_queries.holds_salary(file)


def readable(request: ConsoleRequest, company: Company, file_id: UUID) -> BankFile:
    """A file whose contents this person may read."""
    file = find(company, file_id)
    if closed_to(request, file):
        raise PermissionDenied
    return file
