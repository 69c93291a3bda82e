"""What everybody may do for themselves: switch company, choose language, theme and mail. And the open health page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleModelForm
from companies.access import SESSION_KEY, ConsoleRequest, person_view
from companies.models import Company, Person


class OwnForm(ConsoleModelForm):
    """Language, theme and mail of the person."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = Person
        fields = ("first_name", "last_name", "language", "theme", "wants_mail")
        labels = {"first_name": gettext_lazy("First name"), "last_name": gettext_lazy("Last name")}
        widgets = {"theme": forms.RadioSelect}


@require_http_methods(["GET", "POST"])
@person_view
def own_settings(request: ConsoleRequest) -> HttpResponse:
    """The person's own page."""
    form = OwnForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        person = form.save()
        with override(person.language):
            said = _("Saved")
        return htmx.done(request, toast=said, to="settings", go=True)
    status = 422 if form.errors else 200
    return htmx.render_page(request, "account/settings.html", {"form": form}, status=status)


@require_POST
@person_view
def theme(request: ConsoleRequest) -> HttpResponse:
    """Light or dark, from the button under the side bar."""
    wanted = request.POST.get("theme", "")
    if wanted not in ("light", "dark", "auto"):
        raise Http404
    Person.objects.filter(pk=request.user.pk).update(theme=wanted)
    return htmx.done(request)


@require_http_methods(["GET", "POST"])
@person_view
def switch_company(request: ConsoleRequest) -> HttpResponse:
    """Choose the company in force; one of the person's own, everything else is not found. Enter in the search takes the
    first that matches what is typed, not what the list showed a moment before."""
    typed = request.POST if request.method == "POST" else request.GET
    words = typed.get("q", "").strip()
    companies = _matching(request.rights.companies, words.lower())
    if "company" in request.POST:
        number = request.POST["company"]
        chosen = next((one for one in request.rights.companies if str(one.number) == number), None)
        if chosen is None:
            raise Http404
        return _now_in(request, chosen)
    if request.method == "POST" and words and companies:
        return _now_in(request, companies[0])
    context: dict[str, Any] = {"companies": companies, "words": words}
    if htmx.target_of(request) == "company-list":
        return htmx.render_page(request, "account/company.html", {**context, "frame": BARE}, part="company-list")
    return htmx.render_dialog(request, "account/company.html", context)


def _matching(companies: Iterable[Company], words: str) -> list[Company]:
    """Companies whose number, name or organisation number holds the words; the one of just that number first."""
    found = [one for one in companies if words in f"{one.number} {one.name} {one.organisation_no}".lower()]
    return sorted(found, key=lambda one: str(one.number) != words)


def _now_in(request: ConsoleRequest, company: Company) -> HttpResponse:
    request.session[SESSION_KEY] = company.number
    return htmx.done(request, toast=_("Now in %(company)s") % {"company": company.name}, to="home", go=True)


BARE = "components/_dialog_bare.html"


@require_GET
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive, and the database answers. Says nothing else to strangers; operations has its own page."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "down"}, status=503)
    return JsonResponse({"status": "up"})
