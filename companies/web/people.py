"""People and who may do what where. Roles count from the person's next click."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company, Membership, Person


@require_GET
@company_view(Role.ADMINISTRATOR)
def people(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Everybody of this company and their roles, as a matrix."""
    held: dict[int, set[str]] = {}
    for person_id, role in Membership.objects.filter(company=company).values_list("person_id", "role"):
        held.setdefault(person_id, set()).add(role)
    found = Person.objects.filter(pk__in=list(held)).order_by("first_name", "username")
    lines = [(person, [(role, label, role in held[person.pk]) for role, label in Role.choices]) for person in found]
    others = Person.objects.filter(is_active=True).exclude(pk__in=list(held)).order_by("first_name")[:200]
    return render(request, "companies/people.html", {"lines": lines, "roles": Role.choices, "others": others})


@require_POST
@company_view(Role.ADMINISTRATOR)
def roles(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Give a person exactly these roles; who loses the last one is logged out at once."""
    person = get_object_or_404(Person, pk=pk or request.POST.get("person") or 0)
    wanted = set(request.POST.getlist("role")) & set(Role.values)
    held = set(Membership.objects.filter(company=company, person=person).values_list("role", flat=True))
    if person == request.user and Role.ADMINISTRATOR in held - wanted:
        return htmx.done(
            request, toast=_("Another administrator must take your own right away."), tone="bad", to="people", go=True
        )
    with transaction.atomic():
        Membership.objects.filter(company=company, person=person, role__in=held - wanted).delete()
        for role in sorted(wanted - held):
            Membership.objects.create(company=company, person=person, role=role, given_by=request.user)
    if not Membership.objects.filter(person=person).exists():
        end_sessions(person)
    return htmx.done(request, toast=_("Roles of %(name)s saved") % {"name": person.shown}, to="people", go=True)


def end_sessions(person: Person) -> int:
    """Log a person out everywhere."""
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
            ended += 1
    return ended
