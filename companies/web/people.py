"""The people of one company and their roles. Roles count from the person's next click."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from companies import invitations
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company, Membership, Person
from companies.roles import NotGiven, set_roles

ROLES = Role.choices


@require_GET
@company_view(Role.ADMINISTRATOR)
def people(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Everybody of this company with their roles, and who was invited. Nobody of other companies is shown."""
    held: dict[int, set[str]] = {}
    for person_id, role in Membership.objects.filter(company=company).values_list("person_id", "role"):
        held.setdefault(person_id, set()).add(role)
    found = Person.objects.filter(memberships__company=company).distinct().order_by("first_name", "username")
    lines = [(person, _boxes(request, person, held[person.pk])) for person in found]
    now = timezone.now()
    invited = [(one, _words(one.roles), one.expires_at <= now) for one in invitations.open_ones(company)[:200]]
    return render(request, "companies/people.html", {"lines": lines, "roles": ROLES, "invited": invited})


def _boxes(request: ConsoleRequest, person: Person, held: set[str]) -> list[tuple[str, str, bool, bool]]:
    """Role, word, held, locked. Locked: nobody gives a role to themself or stops being administrator alone."""
    own = person.pk == request.user.pk
    return [
        (role, str(label), role in held, own and (role == Role.ADMINISTRATOR or role not in held))
        for role, label in ROLES
    ]


def _words(roles: str) -> str:
    return ", ".join(str(Role(one).label) for one in roles.split(","))


@require_POST
@company_view(Role.ADMINISTRATOR)
def roles(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Give a person of this company exactly these roles; who loses one is logged out at once."""
    person = get_object_or_404(Person.objects.filter(memberships__company=company).distinct(), pk=pk)
    wanted = set(request.POST.getlist("role"))
    try:
        set_roles(company, person, wanted, request.user)
    except NotGiven as why:
        return htmx.done(request, toast=why.text, tone="bad", to="people", go=True)
    return htmx.done(request, toast=_("Roles of %(name)s saved") % {"name": person.shown}, to="people", go=True)
