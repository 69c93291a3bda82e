"""Companies one may see, and a new one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleModelForm
from autopay_console.kernel.listing import list_rows
from autopay_console.kernel.numbers import as_number
from autopay_console.kernel.search import Field, understand
from companies import accounts, readiness
from companies.access import SESSION_KEY, ConsoleRequest, instance_view, person_view
from companies.choices import InstanceRoleKind, LinkState, Role
from companies.countries import TIME_ZONE
from companies.models import Company, Membership
from companies.reference_data import ensure_company_rows, ensure_reference_data
from companies.web import checks
from companies.web.tables_company import COMPANY_HELPS

FIELDS = (
    Field("name", "text", "name", gettext_lazy("Name"), example="name:fjord"),
    Field("link", "choice", "link_state", gettext_lazy("Link"), LinkState.choices),
    Field("active", "yes", "autopay_active", gettext_lazy("AutoPay active"), example="active:yes"),
)


class CompanyForm(ConsoleModelForm):
    """What a company must have before anything else."""

    class Meta:
        model = Company
        fields = ["number", "name", "organisation_no", "country", "currency", "language"]
        help_texts = {name: COMPANY_HELPS[name] for name in fields}

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=settings.LANGUAGES,
        required=False,
        help_text=gettext_lazy("The language of its voucher types and texts, which are made now, and of its mails."),
    )

    def clean_number(self) -> int:
        """Which company holds the number already, instead of only that one does."""
        number: int = self.cleaned_data["number"]
        if number < 1:
            raise ValidationError(_("Numbers begin at 1."))
        if held := Company.objects.filter(number=number).first():
            said = _("Company number %(number)s belongs to %(company)s already. Choose another.")
            raise ValidationError(said % {"number": number, "company": held.name})
        return number

    def clean(self) -> dict[str, object]:
        """The organisation number is checked by the rules of its country, and belongs to one company only."""
        values = super().clean() or {}
        number, country = values.get("organisation_no"), values.get("country")
        if number and country:
            problem = accounts.check_organisation_number(number, country.pk)
            problem = problem or checks.organisation_taken(number, country.pk, None)
            if problem is not None and problem.stops:
                self.add_error("organisation_no", _(problem.message) % problem.params)
            values["organisation_no"] = accounts.normalise(number)
        return values


@require_GET
@person_view
def companies(request: ConsoleRequest) -> HttpResponse:
    """The person's companies; an instance administrator sees all of them, without amounts."""
    rights = request.rights
    rows = Company.objects.select_related("country")
    if not rights.instance_administrator:
        rows = rows.filter(pk__in=[one.pk for one in rights.companies])
    search = understand(request, FIELDS, free=_by_word)
    listing = list_rows(request, rows, sorts={"number": "number", "name": "name"}, default="number", search=search)
    found: Any = listing.rows
    known = readiness.gather(found)
    proved = readiness.proved(found)
    own = {one.pk for one in rights.companies}
    lines = [(one, sum(not c.good for c in known[one.pk]), one.pk in proved, one.pk in own) for one in found]
    context = {
        "listing": listing,
        "lines": lines,
        "may_add": rights.instance_administrator,
        "may_prove": rights.has(Role.ADMINISTRATOR, Role.ACCOUNTANT),
        "giving": reverse("everybody"),
    }
    return htmx.render_page(request, "companies/companies.html", context, part="listing")


@require_http_methods(["GET", "POST"])
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def new(request: ConsoleRequest) -> HttpResponse:
    """A new company; whoever makes it becomes its administrator."""
    ensure_reference_data()
    form = CompanyForm(request.POST or None, initial={"language": request.user.language or "en"})
    if request.method == "POST" and form.is_valid():
        form.instance.time_zone = TIME_ZONE.get(str(form.instance.country_id), settings.TIME_ZONE)
        with transaction.atomic():
            company = form.save()
            ensure_company_rows(company)
            Membership.objects.create(
                company=company, person=request.user, role=Role.ADMINISTRATOR, given_by=request.user
            )
        request.session[SESSION_KEY] = company.number  # the next pages are about it
        said = _("Company %(company)s is made. This page says what is still missing.") % {"company": company.name}
        return htmx.done(request, toast=said, to="readiness", go=True)
    return htmx.render_page(request, "companies/new.html", {"form": form}, status=422 if form.errors else 200)


def _by_word(word: str) -> Q:
    found = Q(name__istartswith=word) | Q(organisation_no__startswith=word.replace(" ", ""))
    number = as_number(word, None)
    return found if number is None else found | Q(number=number)
