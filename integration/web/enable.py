"""Enable Visma.net: status information, integration setup, companies with their status, the two actions of the guide.

Opens as a dialog from System information and from Company data, and stands as a page of its own for browsers without
script and for the side bar.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.numbers import as_keys
from companies.access import ConsoleRequest, company_view, instance_view
from companies.choices import InstanceRoleKind, Role
from companies.models import Company
from integration import company_sync, enabling, exporting
from integration.gateway import address, client
from integration.web import desks
from integration.web.desks import Desk
from integration.web.setup_form import SetupForm

PAGE = "integration/enable_page.html"
BARE = "components/_dialog_bare.html"


@require_GET
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def enable(request: ConsoleRequest) -> HttpResponse:
    """From System information: every company of the installation."""
    return shown(request, desks.whole_installation())


@require_GET
@company_view(Role.ADMINISTRATOR)
def company_enable(request: ConsoleRequest, company: Company) -> HttpResponse:
    """From Company data: this company alone."""
    return shown(request, desks.one_company(company, request.rights))


@require_GET
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def lights(request: ConsoleRequest) -> HttpResponse:
    """Status information, asked now."""
    return _lights(request)


@require_GET
@company_view(Role.ADMINISTRATOR)
def company_lights(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The same for somebody who administers one company."""
    return _lights(request)


@require_GET
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def states(request: ConsoleRequest) -> HttpResponse:
    """The Status column, while exports are under way."""
    return _states(request, desks.whole_installation())


@require_GET
@company_view(Role.ADMINISTRATOR)
def company_states(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The Status of one company."""
    return _states(request, desks.one_company(company, request.rights))


@require_POST
@instance_view(InstanceRoleKind.ADMINISTRATOR)
def export(request: ConsoleRequest) -> HttpResponse:
    """*Export/update companies*: asked for here, done by a worker; each company ends in a true state."""
    return _export(request, desks.whole_installation())


@require_POST
@company_view(Role.ADMINISTRATOR)
def company_export(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The same for one company."""
    return _export(request, desks.one_company(company, request.rights))


def shown(request: ConsoleRequest, desk: Desk, *, form: SetupForm | None = None, status: int = 200) -> HttpResponse:
    """The dialog, or the page. A page asks the gateway before it is shown: there may be no script to ask later."""
    inside = htmx.target_of(request) == "dialog"
    context = context_of(desk, form)
    context |= {"frame": BARE if inside else PAGE, "status": None if inside else enabling.status_information()}
    return htmx.render_page(request, "integration/enable.html", context, status=status)


def context_of(desk: Desk, form: SetupForm | None = None) -> dict[str, Any]:
    """What the dialog and its setup part show."""
    row = client.system_information()
    found = desks.lines(desk)
    found_in = address.check(row.opg_address) if row.opg_address else []
    return {
        "desk": desk,
        "form": form or SetupForm.of(row),
        "system": row,
        "findings": [_(one.message) % one.params for one in found_in],
        "lines": found,
        "chosen": sum(one.chosen for one in found),
        "said": desks.counted(found),
        "open": any(one.open for one in found),
    }


def _lights(request: ConsoleRequest) -> HttpResponse:
    return render(request, "integration/_lights.html", {"status": enabling.status_information(by=request.user)})


def _states(request: ConsoleRequest, desk: Desk, said: str = "", status: int = 200) -> HttpResponse:
    found = desks.lines(desk)
    context = {
        "desk": desk,
        "lines": [one for one in found if one.fresh],
        "said": said or desks.counted(found),
        "open": any(one.open for one in found),
        "oob": True,
    }
    return render(request, "integration/_enable_states.html", context, status=status)


def _export(request: ConsoleRequest, desk: Desk) -> HttpResponse:
    picked = as_keys(request.POST.getlist("company"))
    chosen = [company for company in desk.companies.filter(pk__in=picked[:1000]) if not company_sync.unfit(company)]
    said = "" if chosen else _("Select at least one company.")
    exporting.ask(chosen, by=request.user, take_over=request.POST.get("take_over") == "1")
    if getattr(request, "htmx", False):
        return _states(request, desk, said)
    said = said or _("The export has begun; each company's status says how far it is.")
    return htmx.done(request, toast=said, tone="good" if chosen else "bad", to=desk.page, go=True)
