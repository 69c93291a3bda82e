"""Enable Visma.net: status information, OPG address, companies with their status, the two actions of the guide."""

from __future__ import annotations

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies import accounts
from companies.access import ConsoleRequest, instance_view
from companies.choices import InstanceRoleKind
from companies.models import Company, SystemInformation
from integration import certificates, company_sync, enabling
from integration.gateway import address, client
from integration.gateway.errors import GatewayError

ADMINISTRATOR = InstanceRoleKind.ADMINISTRATOR


class SetupForm(ConsoleForm):
    """Integration setup: address, user, password. An empty password keeps the one that is stored."""

    opg_address = forms.CharField(
        label=gettext_lazy("OPG address"),
        max_length=200,
        help_text="http://[ServerAddress]:[Port]/OPGatewayService/",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    gateway_user = forms.CharField(label=gettext_lazy("User (Customer Administrator)"), max_length=100)
    gateway_password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Never shown. Leave empty to keep the one that is stored."),
    )

    def clean_opg_address(self) -> str:
        """The guide's form; an IP address as server name is a warning on the page, not an error."""
        value = str(self.cleaned_data["opg_address"]).strip()
        for problem in address.check(value):
            if problem.stops:
                raise forms.ValidationError(_(problem.message) % problem.params)
        return value


@require_GET
@instance_view(ADMINISTRATOR)
def enable(request: ConsoleRequest) -> HttpResponse:
    """The dialog as a page; lights are asked live when it is shown."""
    row = client.system_information()
    form = SetupForm(initial={"opg_address": row.opg_address, "gateway_user": row.gateway_user})
    return htmx.render_page(request, "integration/enable.html", _context(form), part=("lights", "companies"))


@require_GET
@instance_view(ADMINISTRATOR)
def lights(request: ConsoleRequest) -> HttpResponse:
    """Status information, asked now."""
    return render(request, "integration/_lights.html", {"status": enabling.status_information(by=request.user)})


@require_POST
@instance_view(ADMINISTRATOR)
def save(request: ConsoleRequest) -> HttpResponse:
    """Keep address, user and password."""
    form = SetupForm(request.POST)
    if not form.is_valid():
        return htmx.render_page(request, "integration/enable.html", _context(form), status=422)
    with transaction.atomic():
        row = SystemInformation.objects.get(pk=client.system_information().pk)
        row.opg_address = form.cleaned_data["opg_address"]
        row.gateway_user = form.cleaned_data["gateway_user"]
        row.gateway_password = form.cleaned_data["gateway_password"] or row.gateway_password
        row.save(update_fields=["opg_address", "gateway_user", "gateway_password"])
    return htmx.done(request, toast=_("Saved"), to="enable", go=True)


@require_POST
@instance_view(ADMINISTRATOR)
def export(request: ConsoleRequest) -> HttpResponse:
    """*Export/update companies*: each selected company ends in a true state, shown in its row."""
    chosen = Company.objects.filter(pk__in=[one for one in request.POST.getlist("company") if one.isdigit()])
    done = company_sync.export(chosen.order_by("number"), by=request.user)
    linked = sum(one.linked for one in done)
    said = _("%(linked)s of %(all)s companies linked.") % {"linked": linked, "all": len(done)}
    if not done:
        said = _("Select at least one company.")
    tone = "good" if done and linked == len(done) else "bad"
    return htmx.done(request, toast=said, tone=tone, to="enable", go=True)


@require_POST
@instance_view(ADMINISTRATOR)
def check_link(request: ConsoleRequest) -> HttpResponse:
    """Organisation number and key fingerprint compared with Visma.net's, company by company."""
    try:
        checks = company_sync.check_link(Company.objects.order_by("number"), by=request.user)
    except GatewayError as error:
        return render(request, "integration/_links.html", {"error": error.text, "remedy": enabling.remedy(error)})
    return render(request, "integration/_links.html", {"checks": checks})


@require_POST
@instance_view(ADMINISTRATOR)
def upload_certificate(request: ConsoleRequest) -> HttpResponse:
    """*Upload OPG certificate*; a certificate file, when given, is read for its validity first."""
    try:
        if file := request.FILES.get("certificate"):
            certificates.keep(file.read(), request.POST.get("certificate_password", ""))
        certificates.upload(by=request.user)
    except certificates.NoCertificate as reason:
        return htmx.done(request, toast=str(reason), tone="bad", to="enable", go=True)
    except GatewayError as error:
        return htmx.done(request, toast=f"{error.text} {enabling.remedy(error)}", tone="bad", to="enable", go=True)
    return htmx.done(request, toast=_("Certificate uploaded."), to="enable", go=True)


def _context(form: SetupForm) -> dict[str, object]:
    lines = []
    for company in Company.objects.order_by("number"):
        problem = accounts.check_organisation_number(company.organisation_no, str(company.country_id))
        why = _(problem.message) % problem.params if problem is not None and problem.stops else ""
        lines.append((company, why))
    row = client.system_information()
    found = [(_(one.message) % one.params) for one in (address.check(row.opg_address) if row.opg_address else [])]
    return {"form": form, "lines": lines, "address_findings": found}
