"""Deputies of approvers. An approver appoints their own; an administrator keeps everybody's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import AmountField, ConsoleForm, DayField
from companies import deputies
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company, Deputy, Person


class DeputyForm(ConsoleForm):
    """Who stands in, for whom, when, up to which amount."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.none(), label=gettext_lazy("Approver"), help_text=gettext_lazy("Who is away.")
    )
    deputy = forms.ModelChoiceField(
        queryset=Person.objects.none(),
        label=gettext_lazy("Deputy"),
        help_text=gettext_lazy("Approves instead. Nobody approves what they uploaded, and nobody twice."),
    )
    starts_on = DayField(label=gettext_lazy("From"), help_text=gettext_lazy("First day."))
    ends_on = DayField(label=gettext_lazy("To"), help_text=gettext_lazy("Last day, included."))
    limit = AmountField(
        label=gettext_lazy("Up to"),
        required=False,
        help_text=gettext_lazy("Largest payment in company currency. Empty: as the approver."),
    )

    def __init__(self, company: Company, by: Person, administrator: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person: Any = self.fields["person"]
        person.queryset = deputies.approvers(company)
        if not administrator:
            person.queryset = person.queryset.filter(pk=by.pk)
            person.initial = by.pk
        deputy: Any = self.fields["deputy"]
        deputy.queryset = deputies.members(company)
        for field in (person, deputy):
            field.label_from_instance = lambda one: one.shown


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR, Role.APPROVER)
def all_deputies(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Who stands in for whom, and a new one."""
    today = business_date(company)
    form = DeputyForm(
        company,
        request.user,
        request.rights.administrator,
        request.POST or None,
        initial={"starts_on": today, "ends_on": today},
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = deputies.appoint(company, deputies.Wish(**form.cleaned_data), request.user)
        except deputies.NotPossible as reason:
            form.add_error(reason.field, str(reason))
        else:
            values = {"deputy": row.deputy.shown, "person": row.person.shown}
            said = _("%(deputy)s stands in for %(person)s.") % values
            return htmx.done(request, toast=said, to="deputies", go=True)
    lines = [
        (row, _word(row, today), _may_end(request, row) and row.ends_on >= today)
        for row in deputies.current(company)[:100]
    ]
    context = {"form": form, "lines": lines}
    return htmx.render_page(request, "companies/deputies.html", context, status=422 if form.errors else 200)


@require_POST
@company_view(Role.ADMINISTRATOR, Role.APPROVER)
def end(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """The approver is back."""
    row = get_object_or_404(Deputy.objects.select_related("deputy", "company"), pk=pk, company=company)
    if not _may_end(request, row):
        raise PermissionDenied
    deputies.end(row)
    return htmx.done(
        request, toast=_("%(name)s stands in no more.") % {"name": row.deputy.shown}, to="deputies", go=True
    )


def _may_end(request: ConsoleRequest, row: Deputy) -> bool:
    return request.rights.administrator or row.person_id == request.user.pk


def _word(row: Deputy, today: Any) -> tuple[str, str]:
    if row.ends_on < today:
        return "", _("over")
    return ("info", _("later")) if row.starts_on > today else ("good", _("now"))
