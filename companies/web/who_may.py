"""The page "Who may do what where": people, companies and roles, to be filtered and taken along as a file."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from autopay_console.kernel import export, htmx
from autopay_console.kernel.listing import Tab, list_rows
from autopay_console.kernel.search import narrow, understand
from companies import who_may
from companies.access import ConsoleRequest, person_view
from companies.choices import Role
from companies.models import Company, Membership
from companies.who_may import Right

SORTS = {"company": "company__number", "person": "person__username"}


def _of(role: str) -> Any:
    return lambda right: _("yes") if role in right.roles else ""


COLUMNS = (
    export.Column(gettext_lazy("Company number"), "membership.company.number", "number"),
    export.Column(gettext_lazy("Company"), "membership.company.name"),
    export.Column(gettext_lazy("Person"), "membership.person.shown"),
    export.Column(gettext_lazy("E-mail"), "membership.person.email"),
    export.Column(gettext_lazy("May log in"), lambda right: _("yes") if right.active else _("no")),
    *(export.Column(role.label, _of(role.value)) for role in Role),
    export.Column(gettext_lazy("Stands in"), lambda right: "; ".join(right.stands_in)),
    export.Column(gettext_lazy("Deputies"), lambda right: "; ".join(right.stood_in_by)),
    export.Column(gettext_lazy("May approve"), lambda right: "; ".join(right.agreements)),
    export.Column(gettext_lazy("Signs in the bank"), lambda right: "; ".join(right.mandates)),
)


@require_GET
@person_view
def page(request: ConsoleRequest) -> HttpResponseBase:
    """Rights in the companies one administers; an instance administrator sees every company."""
    role = request.GET.get("role", "")
    search = understand(request, who_may.FIELDS, free=who_may.free)
    rows = who_may.pairs(_companies(request))
    if role in Role.values:
        rows = who_may.with_role(rows, role)
    if export.wanted(request):
        found: list[Right] | Any = who_may.every(narrow(rows, search))
        return export.answer(request, "who-may-do-what", COLUMNS, found, search.text)
    listing = list_rows(request, rows, sorts=SORTS, default="company", search=search)
    listing.path = reverse("who_may")
    rights = who_may.rights(listing.rows)
    instance = who_may.instance_roles(right.membership.person_id for right in rights)
    context = {
        "listing": listing,
        "lines": [_line(right, instance) for right in rights],
        "roles": Role.choices,
        "tabs": _tabs(role),
    }
    return htmx.render_page(request, "companies/who_may.html", context, part="listing")


def _line(right: Right, instance: dict[int, list[str]]) -> dict[str, Any]:
    return {
        "right": right,
        "company": right.membership.company,
        "person": right.membership.person,
        "held": [(label, role in right.roles) for role, label in Role.choices],
        "instance": instance.get(right.membership.person_id, []),
    }


def _companies(request: ConsoleRequest) -> QuerySet[Company]:
    rights = request.rights
    if rights.instance_administrator:
        return Company.objects.all()
    mine = Membership.objects.filter(person=request.user, role=Role.ADMINISTRATOR)
    if not mine.exists():
        if rights.company is None:
            raise Http404
        raise PermissionDenied
    return Company.objects.filter(pk__in=mine.values("company_id"))


def _tabs(role: str) -> list[Tab]:
    here = reverse("who_may")
    tabs = [Tab(_("All"), here, current=role not in Role.values)]
    return tabs + [Tab(label, f"{here}?role={value}", current=value == role) for value, label in Role.choices]
