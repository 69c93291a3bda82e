"""The integration setup of *Enable Visma.net*: save address and login, *Try it*, upload the OPG certificate."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies import saving
from companies.access import ConsoleRequest, instance_view
from companies.choices import InstanceRoleKind
from companies.models import SystemInformation
from integration import certificates, enabling
from integration.certificates import Certificate
from integration.gateway import client
from integration.gateway.errors import GatewayError
from integration.web import desks
from integration.web.enable import context_of, shown
from integration.web.setup_form import SetupForm

ADMINISTRATOR = InstanceRoleKind.ADMINISTRATOR
FIELDS = ("opg_address", "gateway_user", "gateway_password")


class CertificateForm(ConsoleForm):
    """The gateway's own certificate file, so that the console can warn before it ends. The file is not kept."""

    certificate = forms.FileField(
        label=gettext_lazy("Certificate file (PEM or PFX)"),
        required=False,
        help_text=gettext_lazy("Only its subject, fingerprint and last day are kept, never a private key."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pem,.crt,.cer,.der,.pfx,.p12"}),
    )
    certificate_password = forms.CharField(
        label=gettext_lazy("Password of the PFX file"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    found: Certificate | None = None

    def clean(self) -> dict[str, object]:
        """The file is read here, so that a wrong password or an expired certificate is told beside the field."""
        values = super().clean() or {}
        file = values.get("certificate")
        if file is None:
            return values
        try:
            self.found = certificates.read_valid(
                file.read(certificates.MOST_BYTES + 1), str(values.get("certificate_password") or "")
            )
        except certificates.WrongPassword as reason:
            self.add_error("certificate_password", str(reason))
        except certificates.NoCertificate as reason:
            self.add_error("certificate", str(reason))
        return values


@require_POST
@instance_view(ADMINISTRATOR)
def save(request: ConsoleRequest) -> HttpResponse:
    """Keep address, user and password; somebody else's change in between is shown, not overwritten unseen."""
    row = SystemInformation.objects.get(pk=client.system_information().pk)
    stored = row.gateway_password
    form = SetupForm(request.POST, first=not stored)
    if form.is_valid():
        for name in FIELDS:
            setattr(row, name, form.cleaned_data[name])
        row.gateway_password = row.gateway_password or stored
        seen = form.cleaned_data["seen"]
        try:
            saving.save(row, FIELDS[:2], request.user, row.version if seen is None else seen)
        except saving.ChangedMeanwhile as other:
            form = SetupForm({**request.POST.dict(), "seen": str(other.version)}, first=not stored)
            form.full_clean()
            for one in other.differences:
                text = _("Somebody saved “%(theirs)s” meanwhile. Save again to put yours over it.")
                form.add_error(one.name, text % {"theirs": one.theirs})
            if not other.differences:
                form.add_error(None, _("Somebody saved the setup meanwhile. Look at it and save again."))
    if not form.errors:
        return _saved(request)
    if htmx.target_of(request) == "setup":
        context = context_of(desks.whole_installation(), form)
        return render(request, "integration/_enable_setup.html", context, status=422)
    return shown(request, desks.whole_installation(), form=form, status=422)


@require_POST
@instance_view(ADMINISTRATOR)
def try_it(request: ConsoleRequest) -> HttpResponse:
    """*Try it*: what answers at the address as typed, before anything is saved."""
    form = SetupForm(request.POST)
    if not form.is_valid():
        errors = [text for texts in form.errors.values() for text in texts]
        return render(request, "integration/_tried.html", {"errors": errors})
    facts = form.cleaned_data
    password = facts["gateway_password"] or client.system_information().gateway_password
    tried = enabling.try_address(facts["opg_address"], facts["gateway_user"], password, by=request.user)
    named = enabling.with_name(facts["opg_address"], tried.name) if tried.name else ""
    return render(request, "integration/_tried.html", {"tried": tried, "named": named})


@require_http_methods(["GET", "POST"])
@instance_view(ADMINISTRATOR)
def upload_certificate(request: ConsoleRequest) -> HttpResponse:
    """*Upload OPG Certificate*; a certificate file, when given, is read for its validity first."""
    form = CertificateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            certificates.upload(by=request.user)
        except GatewayError as error:
            where = client.system_information().opg_address
            form.add_error(None, f"{error.text} {enabling.remedy(error, where)}")
        else:
            if form.found:
                certificates.note(form.found)
            return _uploaded(request, form.found)
    context = {
        "form": form,
        "action": reverse("upload_certificate"),
        "multipart": True,
        "system": client.system_information(),
        "back": reverse("enable"),
    }
    return htmx.render_dialog(
        request, "integration/enable_certificate.html", context, status=422 if form.errors else 200
    )


def _saved(request: ConsoleRequest) -> HttpResponse:
    if htmx.target_of(request) != "setup":
        return htmx.done(request, toast=_("Saved"), to="enable", go=True)
    answer = render(request, "integration/_enable_setup.html", context_of(desks.whole_installation()))
    trigger_client_event(answer, "toast", {"text": _("Saved"), "tone": "good", "undo": ""})
    trigger_client_event(answer, "refresh-lights", after="settle")
    return answer


def _uploaded(request: ConsoleRequest, found: Certificate | None) -> HttpResponse:
    said, tone = _("Certificate uploaded."), "good"
    for problem in certificates.check(found) if found else []:
        said, tone = f"{said} {_(problem.message) % problem.params}", "warn"
    if htmx.target_of(request) != "dialog":
        return htmx.done(request, toast=said, tone=tone, to="enable", go=True)
    answer = shown(request, desks.whole_installation())
    trigger_client_event(answer, "toast", {"text": said, "tone": tone, "undo": ""})
    return answer
