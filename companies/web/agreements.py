"""A bank agreement's buttons: its next state, and who may sign in the bank. Fields that follow the bank partner."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.numbers import as_key
from companies import agreements
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import BankAgreement, BankPartner, Company, Person
from companies.web.forms import form_class
from companies.web.tables_banks import AGREEMENT


@require_POST
@company_view(Role.ADMINISTRATOR)
def move(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Confirmed by the bank, activate, end, order again."""
    agreement = get_object_or_404(BankAgreement.objects.select_related("bank_partner"), pk=pk, company=company)
    here = reverse("setup_row", args=["agreement", pk])
    try:
        change = agreements.move(agreement, request.POST.get("to", ""), request.user)
    except agreements.NotMoved as reason:
        return htmx.done(request, toast=str(reason), tone="bad", to=here, go=True)
    if change is not None:
        said = _("Another administrator must accept the activation.")
        return htmx.done(request, toast=said, to=here, go=True)
    said = _("The agreement is %(state)s now.") % {"state": agreement.get_state_display()}
    return htmx.done(request, toast=said, to=here, go=True)


@require_POST
@company_view(Role.ADMINISTRATOR)
def mandate(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Enter that somebody may sign in the bank, or that they no longer may."""
    agreement = get_object_or_404(BankAgreement, pk=pk, company=company)
    number = as_key(request.POST.get("person", ""))
    people = Person.objects.filter(memberships__company=company).distinct()
    here = reverse("setup_row", args=["agreement", pk])
    if not number:
        return htmx.done(request, toast=_("Choose a person of this company."), tone="bad", to=here, go=True)
    person = get_object_or_404(people, pk=number)
    if request.POST.get("act") == "remove":
        agreements.remove_mandate(agreement, person.pk)
        said = _("%(name)s may no longer sign in the bank.") % {"name": person.shown}
    else:
        agreements.add_mandate(agreement, person)
        said = _("%(name)s may sign in the bank.") % {"name": person.shown}
    return htmx.done(request, toast=said, to=here, go=True)


@require_GET
@company_view()
def follows(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The fields of an agreement that follow from its bank partner's profile."""
    partners = BankPartner.objects.filter(company=company, pk=as_key(request.GET.get("bank_partner", "")))
    form = form_class(AGREEMENT)(
        instance=BankAgreement(company=company),
        initial={"division": request.GET.get("division", "")[:35]},
        company=company,
        table=AGREEMENT,
    )
    partner = partners.select_related("profile").first()
    return render(request, "companies/_follows.html", {"form": form, "partner": partner})
