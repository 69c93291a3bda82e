"""The traffic log: every call and file, in and out, with the stored file where the person may see it."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from autopay_console.kernel import htmx
from autopay_console.kernel.listing import list_rows
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, person_view
from integration.choices import Direction, Outcome
from integration.models import Exchange
from payments import files

FIELDS = (
    Field("direction", "choice", "direction", gettext_lazy("Direction"), Direction.choices),
    Field("outcome", "choice", "outcome", gettext_lazy("Outcome"), Outcome.choices),
    Field("kind", "text", "kind", gettext_lazy("Kind")),
    Field("reference", "text", "reference", gettext_lazy("Reference")),
    Field("payment", "number", "payment__number", gettext_lazy("Payment")),
)


@require_GET
@person_view
def exchanges(request: ConsoleRequest) -> HttpResponse:
    """Newest first: the company's own for its members, those of the installation for operations."""
    search = understand(request, FIELDS, free=lambda word: Q(reference__startswith=word) | Q(file__digest=word.lower()))
    listing = list_rows(request, _visible(request), sorts={"at": "at"}, default="-at", search=search)
    context = {"listing": listing, "amounts": request.rights.sees_amounts}
    return htmx.render_page(request, "integration/exchanges.html", context, part="listing")


@require_GET
@person_view
def exchange(request: ConsoleRequest, pk: uuid.UUID) -> HttpResponse:
    """One exchange with everything that is known of it."""
    row = get_object_or_404(_visible(request), pk=pk)
    return render(request, "integration/exchange.html", {"exchange": row, "may_download": _may_see_file(request, row)})


@require_GET
@person_view
def exchange_file(request: ConsoleRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The stored file as it went or came."""
    row = get_object_or_404(_visible(request), pk=pk)
    if row.file is None or not _may_see_file(request, row):
        raise Http404
    name = row.file.path.rpartition("/")[2]
    return FileResponse(files.open_stored(row.file.path), as_attachment=True, filename=name, content_type="text/plain")


def _visible(request: ConsoleRequest) -> QuerySet[Exchange]:
    rights = request.rights
    wanted = Q(pk__in=())
    if rights.company is not None:
        wanted |= Q(company=rights.company)
    if rights.instance:
        wanted |= Q(company__isnull=True)
    if not rights.instance and rights.company is None:
        raise Http404
    return Exchange.objects.filter(wanted).select_related("file", "payment", "person", "company", "bank_file")


def _may_see_file(request: ConsoleRequest, row: Exchange) -> bool:
    """Salary files only for payroll; nothing with amounts for people without a role in the company."""
    if row.company is not None and not request.rights.sees_amounts:
        return False
    return not (row.payment is not None and row.payment.salary and not request.rights.payroll)
