"""*Integrated companies*: both sides beside each other, and *Check link*."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from autopay_console.kernel import htmx
from companies.access import ConsoleRequest, company_view, instance_view
from companies.choices import InstanceRoleKind, Role
from companies.models import Company
from integration import company_sync, enabling
from integration.company_sync import Integrated
from integration.gateway import client
from integration.gateway.errors import GatewayError
from integration.gateway.keys import keyid
from integration.web import desks
from integration.web.desks import Desk

STATES = {
    "linked": ("good", _("Linked")),
    "key_differs": ("bad", _("Signing keys differ")),
    "unlinked": ("bad", _("Link removed in Visma.net")),
    "only_here": ("", _("Only here")),
    "only_there": ("warn", _("Only in Visma.net")),
}


@require_http_methods(["GET", "POST"])
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def integrated(request: ConsoleRequest) -> HttpResponse:
    """Every company of both sides; posted by *Check link*: asked again now."""
    return _shown(request, desks.whole_installation())


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR)
def company_integrated(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The company in force."""
    return _shown(request, desks.one_company(company, request.rights))


def _shown(request: ConsoleRequest, desk: Desk) -> HttpResponse:
    context: dict[str, Any] = {"desk": desk, "now": timezone.now(), "checked": request.method == "POST"}
    try:
        found = company_sync.integrated_companies(desk.companies if desk.company else None, by=request.user)
    except GatewayError as error:
        where = client.system_information().opg_address
        context |= {"error": error.text, "remedy": enabling.remedy(error, where)}
        found = [Integrated(keyid(one), one, None) for one in desk.companies]
    context["pairs"] = [(one, *_words(one, asked="error" not in context)) for one in found]
    context["wrong"] = sum(one.is_broken for one in found) if "error" not in context else 0
    return htmx.render_page(request, "integration/integrated.html", context, part="integrated")


def _words(pair: Integrated, *, asked: bool) -> tuple[str, Any]:
    if not asked:
        return "", _("Not asked")
    tone, words = STATES[pair.state]
    return "bad" if pair.is_broken else tone, words
