"""Changes that wait for a second person: accept, refuse, withdraw. And a live reading of a sample CID."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from companies import pending, readiness
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company, PendingChange


@require_GET
@company_view()
def waiting(request: ConsoleRequest, company: Company) -> HttpResponse:
    """What waits, with before and after; the person who entered it cannot accept it."""
    rows = [(change, pending.label(change)) for change in pending.waiting(company)[:200]]
    decided = (
        PendingChange.objects.filter(company=company).exclude(state="waiting").select_related("asked_by", "decided_by")
    )
    context = {"rows": rows, "decided": decided.order_by("-decided_at")[:20], "may": request.rights.administrator}
    return htmx.render_page(request, "companies/pending.html", context, part="waiting")


@require_POST
@company_view(Role.ADMINISTRATOR)
def decide(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Accept or refuse one change."""
    change = get_object_or_404(PendingChange, pk=pk, company=company)
    try:
        if request.POST.get("decision") == "accept":
            pending.accept(change, request.user)
            said = _("Accepted; payments use it from now on.")
        else:
            pending.refuse(change, request.user, request.POST.get("reason", ""))
            said = _("Not used.")
    except pending.NotDecided as reason:
        return htmx.done(request, toast=str(reason), tone="bad", to="pending", refresh=("waiting",))
    return htmx.done(request, toast=said, to="pending", go=True)


@require_GET
@company_view()
def ready(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Why can this company not pay yet? Each condition, and what to do about it."""
    conditions = readiness.conditions(company)
    context = {"conditions": conditions, "missing": [one for one in conditions if not one.good]}
    return render(request, "companies/readiness.html", context)


@require_POST
@company_view(Role.ADMINISTRATOR)
def accept_terms(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The company's terms of service with Visma.net AutoPay are in place: who says so, and when."""
    waiting = Company.objects.filter(pk=company.pk, terms_accepted_at__isnull=True)
    waiting.update(terms_accepted_at=timezone.now(), terms_accepted_by=request.user)
    return htmx.done(request, toast=_("Terms accepted."), to="readiness", go=True)
