"""Keys of the API: who has one, what it may do, when it was last used; a new one is shown once."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm, DayField
from autopay_console.kernel.listing import list_rows
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from integration.api import keys


class KeyForm(ConsoleForm):
    """What the key is for."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("The program that uses it, such as the ERP.")
    )
    can_write = forms.BooleanField(label=gettext_lazy("May send entries"), required=False)
    reads_statuses = forms.BooleanField(label=gettext_lazy("May read statuses of payments"), required=False)
    reads_vouchers = forms.BooleanField(label=gettext_lazy("May read vouchers"), required=False)
    sees_salary = forms.BooleanField(
        label=gettext_lazy("May see salary payments"),
        required=False,
        help_text=gettext_lazy("Only somebody with the payroll role can allow this."),
    )
    valid_until = DayField(
        label=gettext_lazy("Valid until"),
        required=False,
        help_text=gettext_lazy("The key stops after this day. Left empty, it is valid until it is revoked."),
    )

    def __init__(self, company: Company, payroll: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.payroll = company, payroll

    def clean_sees_salary(self) -> bool:
        wanted: bool = self.cleaned_data["sees_salary"]
        if wanted and not self.payroll:
            raise forms.ValidationError(_("Only somebody with the payroll role can allow this."))
        return wanted

    def clean_valid_until(self) -> datetime | None:
        day = self.cleaned_data["valid_until"]
        if day is None:
            return None
        end = datetime.combine(day, time.max, ZoneInfo(self.company.time_zone))
        if end <= timezone.now():
            raise forms.ValidationError(_("The day is past."))
        return end


@require_GET
@company_view(Role.ADMINISTRATOR)
def api_keys(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The company's keys."""
    listing = list_rows(request, keys.keys_of(company), sorts={"name": "name", "made": "created_at"}, default="name")
    context = {"listing": listing, "now": timezone.now()}
    return htmx.render_page(request, "integration/api_keys.html", context, part="listing")


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR)
def new(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Make a key; the answer is the only time it is shown."""
    initial = {"can_write": True, "reads_statuses": True, "reads_vouchers": True}
    form = KeyForm(company, request.rights.payroll, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        name, until = values.pop("name"), values.pop("valid_until")
        try:
            key, text = keys.make(company, name, keys.Rights(**values), request.user, until)
        except keys.NotMade as refusal:
            form.add_error("name", str(refusal))
        else:
            context = {"key": key, "text": text, "address": request.build_absolute_uri("/api/v1/")}
            response = htmx.render_dialog(request, "integration/api_key_made.html", context)
            response["Cache-Control"] = "no-store"
            return trigger_client_event(response, "refresh-listing")
    context = {"form": form, "action": reverse("api_key_new")}
    status = 422 if form.errors else 200
    return htmx.render_dialog(request, "integration/api_key_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR)
def revoke(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Take a key back; programs that use it get no further."""
    key = get_object_or_404(keys.keys_of(company), pk=pk)
    if request.method == "POST":
        toast = _("The key is revoked") if keys.revoke(key, request.user) else _("The key was revoked already")
        return htmx.done(request, toast=toast, refresh=("listing",), to="api_keys")
    context = {
        "title": _("Revoke the key %(name)s?") % {"name": key.name},
        "text": _("Programs that use it get no further from the next call on. It cannot be given back."),
        "verb": _("Revoke"),
        "danger": True,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context)
