"""Everybody of the installation: find a person, see what waits for them, deactivate and reactivate, end sessions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.kernel.listing import list_rows
from autopay_console.kernel.numbers import as_number
from autopay_console.kernel.search import Field, understand
from companies import leaving, who_may
from companies.access import ConsoleRequest, instance_view
from companies.choices import InstanceRoleKind, Role
from companies.models import Company, Membership, Person
from companies.roles import NotGiven, end_sessions, roles_in, set_email, set_instance_roles, set_roles

ADMINISTRATOR = InstanceRoleKind.ADMINISTRATOR
FIELDS = (
    Field("name", "text", "first_name", gettext_lazy("First name"), example="name:anna"),
    Field("email", "text", "email", gettext_lazy("E-mail"), example="email:anna@"),
    Field("active", "yes", "is_active", gettext_lazy("May log in"), example="active:no"),
)


class WhyForm(ConsoleForm):
    """Why somebody is deactivated; stays with the person."""

    why = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class EmailForm(ConsoleForm):
    """Where mail to the person goes."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=150)


@require_GET
@instance_view(ADMINISTRATOR)
def everybody(request: ConsoleRequest) -> HttpResponse:
    """All people, fifty a page."""
    search = understand(request, FIELDS, free=_begins)
    listing = list_rows(request, Person.objects.all(), sorts={"name": "username"}, default="name", search=search)
    listing.path = reverse("everybody")
    ids = [person.pk for person in listing]
    instance = who_may.instance_roles(ids)
    held: dict[int, set[str]] = {}
    for person_id, name in Membership.objects.filter(person__in=ids).values_list("person_id", "company__name"):
        held.setdefault(person_id, set()).add(name)
    lines = [(one, instance.get(one.pk, []), sorted(held.get(one.pk, ()))) for one in listing]
    return htmx.render_page(request, "companies/everybody.html", {"listing": listing, "lines": lines}, part="listing")


@require_GET
@instance_view(ADMINISTRATOR)
def person(request: ConsoleRequest, pk: int) -> HttpResponse:
    """One person: rights, what waits for them, and the acts."""
    one = get_object_or_404(Person.objects.select_related("deactivated_by", "invited_by"), pk=pk)
    roles: dict[Company, list[str]] = {}
    for row in Membership.objects.filter(person=one).select_related("company").order_by("company__number", "pk"):
        roles.setdefault(row.company, []).append(row.role)
    held = set(one.instance_roles.values_list("role", flat=True))
    context = {
        "one": one,
        "own": one.pk == request.user.pk,
        "companies": [
            (company, [(role, label, role in has) for role, label in Role.choices]) for company, has in roles.items()
        ],
        "others": Company.objects.exclude(pk__in=[company.pk for company in roles]).order_by("number")[:200],
        "instance": [(role, label, role in held) for role, label in InstanceRoleKind.choices],
        "waiting": leaving.waits_for(one) if one.is_active else [],
        "told": _told(one),
        "role_choices": Role.choices,
    }
    return render(request, "companies/person.html", context)


@require_http_methods(["GET", "POST"])
@instance_view(ADMINISTRATOR)
def deactivate(request: ConsoleRequest, pk: int) -> HttpResponse:
    """The dialog: what waits for the person, then the reason."""
    one = get_object_or_404(Person, pk=pk)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            leaving.deactivate(one, request.user, form.cleaned_data["why"])
        except NotGiven as why:
            form.add_error(None, why.text)
        else:
            said = _("%(name)s is logged out everywhere and cannot log in.") % {"name": one.shown}
            return htmx.done(request, toast=said, to=reverse("person", args=[pk]), go=True)
    context = {
        "form": form,
        "one": one,
        "waiting": leaving.waits_for(one),
        "action": reverse("person_deactivate", args=[pk]),
    }
    return htmx.render_dialog(request, "companies/person_deactivate.html", context, status=422 if form.errors else 200)


@require_POST
@instance_view(ADMINISTRATOR)
def reactivate(request: ConsoleRequest, pk: int) -> HttpResponse:
    """Let the person in again, with the roles held before."""
    one = get_object_or_404(Person, pk=pk)
    said = _("%(name)s may log in again.") % {"name": one.shown}
    return _tried(request, pk, lambda: leaving.reactivate(one, request.user), said)


@require_POST
@instance_view(ADMINISTRATOR)
def log_out(request: ConsoleRequest, pk: int) -> HttpResponse:
    """End all sessions of the person, after a lost laptop for example."""
    one = get_object_or_404(Person, pk=pk)
    said = _("%(name)s is logged out everywhere.") % {"name": one.shown}
    return _tried(request, pk, lambda: end_sessions(one), said)


@require_POST
@instance_view(ADMINISTRATOR)
def instance_roles(request: ConsoleRequest, pk: int) -> HttpResponse:
    """Rights over the installation."""
    one = get_object_or_404(Person, pk=pk)
    wanted = request.POST.getlist("role")
    return _tried(request, pk, lambda: set_instance_roles(one, wanted, request.user), _("Rights saved"))


@require_POST
@instance_view(ADMINISTRATOR)
def company_roles(request: ConsoleRequest, pk: int) -> HttpResponse:
    """Roles in a company, for when its administrators are gone; never for oneself."""
    one = get_object_or_404(Person, pk=pk)
    company = get_object_or_404(Company, number=as_number(request.POST.get("company", ""), None))
    wanted = set(request.POST.getlist("role"))
    if request.POST.get("add"):
        wanted |= roles_in(company, one)
    said = _("Roles of %(name)s saved") % {"name": one.shown}
    return _tried(request, pk, lambda: set_roles(company, one, wanted, request.user), said)


@require_http_methods(["GET", "POST"])
@instance_view(ADMINISTRATOR)
def email(request: ConsoleRequest, pk: int) -> HttpResponse:
    """The dialog with the person's e-mail address."""
    one = get_object_or_404(Person, pk=pk)
    form = EmailForm(request.POST or None, initial={"email": one.email})
    if request.method == "POST" and form.is_valid():
        try:
            set_email(one, form.cleaned_data["email"], request.user)
        except NotGiven as why:
            form.add_error("email", why.text)
        else:
            return htmx.done(request, toast=_("Saved"), to=reverse("person", args=[pk]), go=True)
    context = {"form": form, "one": one, "action": reverse("person_email", args=[pk])}
    return htmx.render_dialog(request, "companies/person_email.html", context, status=422 if form.errors else 200)


def _tried(request: ConsoleRequest, pk: int, act: Any, said: str) -> HttpResponse:
    to = reverse("person", args=[pk])
    try:
        act()
    except NotGiven as why:
        return htmx.done(request, toast=why.text, tone="bad", to=to, go=True)
    return htmx.done(request, toast=said, to=to, go=True)


def _told(one: Person) -> list[dict[str, Any]]:
    """What happened with the person's roles, the newest first."""
    signs = {"+": _("got %(role)s in %(company)s"), "-": _("lost %(role)s in %(company)s")}
    rows = Membership.history.filter(person_id=one.pk, history_type__in=list(signs))
    found = []
    for row in rows.select_related("company", "history_user").order_by("-history_date", "-history_id")[:30]:
        facts = {"role": str(Role(row.role).label), "company": row.company.name}
        who = row.history_user.shown if row.history_user else ""
        found.append({"at": row.history_date, "title": signs[row.history_type] % facts, "text": who})
    return found


def _begins(word: str) -> Q:
    found = Q()
    for name in ("first_name", "last_name", "username", "email"):
        found |= Q(**{f"{name}__istartswith": word})
    return found
