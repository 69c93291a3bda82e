"""A company's signing key: enter one somebody got from Visma.net, or have a new one made. It is never shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies.access import ConsoleRequest, company_view, instance_view
from companies.choices import InstanceRoleKind, Role
from companies.models import Company
from integration import company_sync, enabling, rotation
from integration.gateway import client
from integration.gateway.errors import GatewayError
from integration.web import desks
from integration.web.desks import Desk

ADMINISTRATOR = InstanceRoleKind.ADMINISTRATOR


class KeyForm(ConsoleForm):
    """The key as Visma.net shows it; write-only."""

    key = forms.CharField(
        label=gettext_lazy("Signing key"),
        max_length=100,
        help_text=gettext_lazy(
            "44 characters, ending with =. It is stored encrypted and never shown; compare by its fingerprint."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@require_http_methods(["GET", "POST"])
@instance_view(ADMINISTRATOR)
def enter_key(request: ConsoleRequest, pk: int) -> HttpResponse:
    """*Enter key* from the list of all companies."""
    return _enter(request, get_object_or_404(Company, pk=pk), desks.whole_installation())


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR)
def company_enter_key(request: ConsoleRequest, company: Company) -> HttpResponse:
    """*Enter key* for the company in force."""
    return _enter(request, company, desks.one_company(company, request.rights))


@require_http_methods(["GET", "POST"])
@instance_view(ADMINISTRATOR)
def rotate_key(request: ConsoleRequest, pk: int) -> HttpResponse:
    """A new signing key, from the list of all companies."""
    return _rotate(request, get_object_or_404(Company, pk=pk), desks.whole_installation())


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR)
def company_rotate_key(request: ConsoleRequest, company: Company) -> HttpResponse:
    """A new signing key for the company in force."""
    return _rotate(request, company, desks.one_company(company, request.rights))


def _enter(request: ConsoleRequest, company: Company, desk: Desk) -> HttpResponse:
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            entered = company_sync.enter_key(company, form.cleaned_data["key"], by=request.user)
        except company_sync.BadKey as reason:
            form.add_error("key", str(reason))
        else:
            said, tone = _("Key %(key)s is kept; both sides hold the same.") % {"key": entered.fingerprint}, "good"
            if not entered.compared:
                said, tone = (
                    _("Key %(key)s is kept. The gateway could not be asked whether it is the right one."),
                    "warn",
                )
                said %= {"key": entered.fingerprint}
            return htmx.done(request, toast=said, tone=tone, refresh=("integrated",), to=desk.integrated)
    context = {
        "form": form,
        "company": company,
        "here": company_sync.key_fingerprint(company),
        "action": _address("enter_key", company, desk),
    }
    status = 422 if form.errors else 200
    return htmx.render_dialog(request, "integration/enter_key.html", context, status=status)


def _rotate(request: ConsoleRequest, company: Company, desk: Desk) -> HttpResponse:
    form = ConsoleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            done = rotation.rotate_signing_key(company, by=request.user)
        except GatewayError as error:
            where = client.system_information().opg_address
            form.add_error(None, f"{error.text} {enabling.remedy(error, where)}")
        else:
            said = _("Key %(new)s is in force. The one before (%(old)s) stays good for a day.")
            said %= {"new": done.after, "old": done.before}
            return htmx.done(request, toast=said, refresh=("integrated",), to=desk.integrated)
    context: dict[str, Any] = {
        "form": form,
        "title": _("New signing key for %(name)s") % {"name": company.name},
        "text": _question(company),
        "verb": _("Make a new key"),
        "action": _address("rotate_key", company, desk),
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


def _question(company: Company) -> str:
    text = _(
        "Visma.net makes a new key and this side proves it with a signed call. "
        "The key in force now stays good for 24 hours, so that nothing under way is refused."
    )
    if company.previous_key_until and company.previous_key_until > timezone.now():
        until = date_format(timezone.localtime(company.previous_key_until), "Y-m-d H:i")
        text = f"{text} {_('The key before that one, good until %(time)s, ends at once.') % {'time': until}}"
    return text


def _address(name: str, company: Company, desk: Desk) -> str:
    return reverse(f"company_{name}") if desk.company else reverse(name, args=[company.pk])
