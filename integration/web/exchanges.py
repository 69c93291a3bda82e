"""The traffic log: every call and file, in and out; what was in it, where the person may see that."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from autopay_console.kernel import htmx
from autopay_console.kernel.listing import list_rows
from autopay_console.kernel.numbers import as_number
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, person_view
from integration import exchanges as log
from integration.choices import Direction, Outcome
from integration.models import Exchange, StoredFile
from payments import files
from payments.files import FileGone
from payments.lists import bank_file_views
from payments.models import BankFile

FIELDS = (
    Field("direction", "choice", "direction", gettext_lazy("Direction"), Direction.choices),
    Field("outcome", "choice", "outcome", gettext_lazy("Outcome"), Outcome.choices),
    Field("kind", "text", "kind", gettext_lazy("Kind")),
    Field("reference", "text", "reference", gettext_lazy("Reference")),
    Field("payment", "number", "payment__number", gettext_lazy("Payment")),
    Field("at", "day", "at__date", gettext_lazy("Day"), example="at:2026-11-25"),
    Field("person", "text", "person__username", gettext_lazy("Person")),
)


@require_GET
@person_view
def exchanges(request: ConsoleRequest) -> HttpResponse:
    """Newest first: the company's own for its members, those of the installation for operations."""
    rights = request.rights

    def free(word: str) -> Q:
        return log.found(rights.company, word, payroll=rights.payroll)

    search = understand(request, FIELDS, free=free)
    listing = list_rows(request, _visible(request), sorts={"at": "at"}, default="-at", search=search)
    context = {"listing": listing, "amounts": rights.sees_amounts}
    return htmx.render_page(request, "integration/exchanges.html", context, part="listing")


@require_GET
@person_view
def exchange(request: ConsoleRequest, pk: uuid.UUID) -> HttpResponse:
    """One exchange with everything that is known of it, and what it led to."""
    row = get_object_or_404(_visible(request), pk=pk)
    open_ = _may_see_file(request, row)
    context = {
        "exchange": row,
        "may_download": open_,
        "bank_file": log.bank_file_of(row) if row.company else None,
        "may_import": request.rights.accountant,
    }
    return render(request, "integration/exchange.html", context)


@require_GET
@person_view
def exchange_file(request: ConsoleRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The stored file as it went or came."""
    stored = _stored(request, pk)
    name = stored.path.rpartition("/")[2]
    try:
        opened = files.open_stored(stored.path)
    except FileGone as gone:
        raise Http404 from gone
    return FileResponse(opened, as_attachment=True, filename=name, content_type="text/plain")


@require_GET
@person_view
def exchange_source(request: ConsoleRequest, pk: uuid.UUID) -> HttpResponse:
    """The file with line numbers. It is shown as text: nothing in it can run."""
    stored = _stored(request, pk)
    line = as_number(request.GET.get("line", ""), 1)
    try:
        window = bank_file_views.source(BankFile(path=stored.path), max(line, 1))
    except FileGone as gone:
        raise Http404 from gone
    return render(request, "integration/exchange_source.html", {"pk": pk, "stored": stored, "window": window})


@require_GET
@person_view
def exchange_understood(request: ConsoleRequest, pk: uuid.UUID) -> HttpResponse:
    """The file as the console understands it, the same words as `read_bank_file` prints."""
    stored = _stored(request, pk)
    try:
        lines, more = bank_file_views.understood(BankFile(path=stored.path))
    except FileGone as gone:
        raise Http404 from gone
    context = {"pk": pk, "stored": stored, "lines": lines, "more": more}
    return render(request, "integration/exchange_source.html", context)


def _visible(request: ConsoleRequest) -> QuerySet[Exchange]:
    rights = request.rights
    if not rights.instance and rights.company is None:
        raise Http404
    return log.visible(rights.company, installation=bool(rights.instance))


def _stored(request: ConsoleRequest, pk: uuid.UUID) -> StoredFile:
    row = get_object_or_404(_visible(request), pk=pk)
    if row.file is None or not _may_see_file(request, row):
        raise Http404
    return row.file


def _may_see_file(request: ConsoleRequest, row: Exchange) -> bool:
    """Salary files only for payroll; nothing with amounts for people without a role in the company."""
    if row.company is not None and not request.rights.sees_amounts:
        return False
    return request.rights.payroll or not log.holds_salary(row)
