"""The live reading of a sample CID beside the Factoring company form."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from autopay_console.kernel.numbers import as_number
from companies.access import ConsoleRequest, company_view
from companies.models import Company, FactoringCompany
from companies.problems import Problem
from payments import interpretation

CUSTOMER, INVOICE = "10001", "12345"  # of the sample that is made up when nothing is typed


@require_GET
@company_view()
def try_cid(request: ConsoleRequest, company: Company, pk: int | None = None) -> HttpResponse:
    """Which digits of a sample are customer, invoice and check digit, by what stands in the form now."""
    row = get_object_or_404(FactoringCompany, pk=pk, company=company) if pk else FactoringCompany(company=company)
    definition = interpretation.read_definition(
        request.GET.get("factoring_id", row.factoring_id),
        as_number(request.GET.get("customer_length", ""), row.customer_length, most=999),
        as_number(request.GET.get("reference_length", ""), row.reference_length, most=999),
    )
    if isinstance(definition, Problem):
        return render(request, "payments/_cid.html", {"problem": _(definition.message) % definition.params})
    typed = request.GET.get("cid", "").strip()
    sample = typed or ("" if definition.whole else interpretation.make(CUSTOMER, INVOICE, definition))
    reading = interpretation.split(sample, definition) if sample else None
    problem = reading.problem if reading else None
    context = {
        "reading": reading,
        "problem": _(problem.message) % problem.params if problem else "",
        "made_up": not typed,
        "whole": definition.whole,
    }
    return render(request, "payments/_cid.html", context)
