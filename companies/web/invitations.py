"""Invitations: an administrator sends, repeats and withdraws them; whoever opens the link sets a password and is in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies import invitations
from companies.access import SESSION_KEY, ConsoleRequest, company_view
from companies.choices import Role
from companies.login import INVITED
from companies.models import Company, Invitation, Person
from companies.roles import NotGiven

BACKEND = "django.contrib.auth.backends.ModelBackend"


class InviteForm(ConsoleForm):
    """Whom, as what, in which language."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=150)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the mail"), choices=settings.LANGUAGES)


class NewPersonForm(ConsoleForm):
    """What somebody new says about themself."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 12 characters, and not one that is used by many."),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("Password again"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"language": invitation.language}, **kwargs)
        self.email = invitation.email

    def clean(self) -> dict[str, Any]:
        """The password is typed twice and strong enough for this person."""
        values = super().clean() or {}
        password = values.get("password")
        if password and password != values.get("again"):
            self.add_error("again", _("The two passwords differ."))
        elif password:
            names = {name: values.get(name, "") for name in ("first_name", "last_name")}
            try:
                validate_password(password, Person(username=self.email, email=self.email, **names))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return values


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR)
def invite(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The dialog: e-mail, roles, language."""
    form = InviteForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            invitations.invite(company, values["email"], values["roles"], values["language"], request.user)
        except NotGiven as why:
            form.add_error(None, why.text)
        else:
            said = _("Invitation sent to %(email)s") % {"email": values["email"]}
            return htmx.done(request, toast=said, to="people", go=True)
    context = {"form": form, "action": reverse("invite")}
    return htmx.render_dialog(request, "companies/person_invite.html", context, status=422 if form.errors else 200)


@require_POST
@company_view(Role.ADMINISTRATOR)
def again(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Send a new link; the old one stops working."""
    invitation = get_object_or_404(Invitation, company=company, pk=pk)
    return _tried(request, lambda: invitations.resend(invitation), _("A new link was sent; the old one is dead."))


@require_POST
@company_view(Role.ADMINISTRATOR)
def withdraw(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Let the link die."""
    invitation = get_object_or_404(Invitation, company=company, pk=pk)
    return _tried(request, lambda: invitations.withdraw(invitation, request.user), _("Invitation withdrawn"))


def _tried(request: ConsoleRequest, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except NotGiven as why:
        return htmx.done(request, toast=why.text, tone="bad", to="people", go=True)
    return htmx.done(request, toast=said, to="people", go=True)


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
@login_not_required
def accept(request: ConsoleRequest, token: str) -> HttpResponse:
    """The page behind the link. A link that is wrong, old or used says the same to everybody."""
    invitation = invitations.find(token)
    if invitation is None:
        return render(request, "account/invitation_over.html", status=404)
    request.session[INVITED] = token
    with override(get_language() if request.user.is_authenticated else invitation.language):
        answer = _member(request, invitation) if request.user.is_authenticated else _somebody(request, invitation)
    add_never_cache_headers(answer)
    return answer


def _member(request: ConsoleRequest, invitation: Invitation) -> HttpResponse:
    """Somebody who is logged in: they join with one click, if the invitation is theirs."""
    own = invitation.email in (request.user.email.lower(), request.user.username.lower())
    problem = ""
    if request.method == "POST" and own:
        try:
            invitations.join(invitation, request.user)
        except NotGiven as why:
            problem = why.text
        else:
            return _inside(request, invitation)
    context = {"invitation": invitation, "own": own, "problem": problem, "roles": _roles(invitation)}
    return render(request, "account/invitation_join.html", context)


def _somebody(request: ConsoleRequest, invitation: Invitation) -> HttpResponse:
    """Somebody unknown to this browser: known people log in first, new ones say who they are."""
    known = invitations.known_person(invitation)
    if known is not None and not known.is_active:
        return render(request, "account/invitation_over.html", status=404)
    context: dict[str, Any] = {"invitation": invitation, "roles": _roles(invitation), "here": request.path}
    if known is not None:
        return render(request, "account/invitation_known.html", context)
    form = NewPersonForm(invitation, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        names = {name: values[name] for name in ("first_name", "last_name", "language", "password")}
        try:
            person = invitations.join_as_new(invitation, **names)
        except NotGiven:
            return render(request, "account/invitation_over.html", status=404)
        login(request, person, BACKEND)
        return _inside(request, invitation)
    context["form"] = form
    return render(request, "account/invitation.html", context, status=422 if form.errors else 200)


def _inside(request: ConsoleRequest, invitation: Invitation) -> HttpResponse:
    request.session.pop(INVITED, None)
    request.session[SESSION_KEY] = invitation.company.number
    return redirect("home")


def _roles(invitation: Invitation) -> list[str]:
    return [str(Role(one).label) for one in invitation.roles.split(",")]
