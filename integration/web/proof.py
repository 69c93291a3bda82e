"""*Prove it* on the readiness page: would a payment go through right now?"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from integration import proving


@require_GET
@company_view()
def proof(request: ConsoleRequest, company: Company) -> HttpResponse:
    """How the last try went."""
    return render(request, "integration/_proof.html", {"proof": proving.latest(company)})


@require_POST
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def prove(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Try now. Without script the readiness page shows the outcome."""
    found = proving.prove(company, request.user)
    if not getattr(request, "htmx", False):
        return redirect("readiness")
    return render(request, "integration/_proof.html", {"proof": found})
