"""Companies one may see, and a new one."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleModelForm
from companies import accounts, readiness
from companies.access import ConsoleRequest, instance_view, person_view
from companies.choices import InstanceRoleKind, Role
from companies.models import Company, Membership
from companies.reference_data import ensure_company_rows, ensure_reference_data


class CompanyForm(ConsoleModelForm):
    """What a company must have before anything else."""

    class Meta:
        model = Company
        fields = ["number", "name", "organisation_no", "country", "currency"]

    def clean(self) -> dict[str, object]:
        """The organisation number is checked by the rules of its country."""
        values = super().clean() or {}
        number, country = values.get("organisation_no"), values.get("country")
        if number and country:
            problem = accounts.check_organisation_number(number, country.pk)
            if problem is not None and problem.stops:
                self.add_error("organisation_no", _(problem.message) % problem.params)
        return values


@require_GET
@person_view
def companies(request: ConsoleRequest) -> HttpResponse:
    """The person's companies; an instance administrator sees all of them, without amounts."""
    rights = request.rights
    found = list(Company.objects.order_by("number")) if rights.instance_administrator else list(rights.companies)
    lines = [(company, len(readiness.missing(company))) for company in found]
    context = {"lines": lines, "may_add": rights.instance_administrator}
    return render(request, "companies/companies.html", context)


@require_http_methods(["GET", "POST"])
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def new(request: ConsoleRequest) -> HttpResponse:
    """A new company; whoever makes it becomes its administrator."""
    ensure_reference_data()
    form = CompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            company = form.save()
            ensure_company_rows(company)
            Membership.objects.create(
                company=company, person=request.user, role=Role.ADMINISTRATOR, given_by=request.user
            )
        return htmx.done(
            request, toast=_("Company made. Readiness shows what is still missing."), to="companies", go=True
        )
    return htmx.render_page(request, "companies/new.html", {"form": form}, status=422 if form.errors else 200)
