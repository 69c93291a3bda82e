"""The live reading of a sample CID beside the Factoring company form."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from companies.access import ConsoleRequest, company_view
from companies.models import Company, FactoringCompany
from companies.problems import Problem
from payments import interpretation


@require_GET
@company_view()
def try_cid(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Which digits of a sample are customer, invoice and check digit, by what stands in the form now."""
    row = get_object_or_404(FactoringCompany, pk=pk, company=company)
    definition = interpretation.read_definition(
        request.GET.get("factoring_id") or row.factoring_id,
        _number(request.GET.get("customer_length", ""), row.customer_length),
        _number(request.GET.get("reference_length", ""), row.reference_length),
    )
    sample = request.GET.get("cid", "").strip()
    if isinstance(definition, Problem):
        return render(request, "payments/_cid.html", {"problem": _(definition.message) % definition.params})
    reading = interpretation.split(sample, definition) if sample else None
    problem = reading.problem if reading else None
    told = _(problem.message) % problem.params if problem else ""
    return render(request, "payments/_cid.html", {"reading": reading, "problem": told})


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() else otherwise
