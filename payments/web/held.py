"""Hold invoices back, with a reason and perhaps until a day; let them go again."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm, DayField
from autopay_console.kernel.numbers import as_keys
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from payments.lists import queries
from payments.suggesting import holding

PAYERS = (Role.ACCOUNTANT, Role.PAYROLL)


class HoldForm(ConsoleForm):
    """Why, and until when."""

    reason = forms.CharField(label=gettext_lazy("Not to be paid because"), max_length=200)
    until = DayField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("on this day it may be paid again; empty: until somebody lets it go"),
    )


def _ticked(request: ConsoleRequest, company: Company) -> list[int]:
    picked = as_keys(request.POST.getlist("pick")[:1000])
    rows = queries.open_entries(company, payroll=request.rights.payroll).filter(pk__in=picked)
    return list(rows.values_list("pk", flat=True))


@require_POST
@company_view(*PAYERS)
def hold(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The dialog for the ticked entries; `asked` in the form: hold them."""
    ids = _ticked(request, company)
    asked = request.POST.get("asked") == "1"
    form = HoldForm(request.POST if asked else None)
    if asked and form.is_valid():
        try:
            many = holding.hold(company, ids, request.user, form.cleaned_data["reason"], form.cleaned_data["until"])
        except holding.CannotHold as error:
            form.add_error(error.field, error.text)
        else:
            text = ngettext("%(n)s entry is held back.", "%(n)s entries are held back.", many) % {"n": many}
            return htmx.done(request, toast=text, refresh=("listing",), to="suggestion")
    context = {
        "form": form,
        "ids": ids,
        "count": len(ids),
        "action": reverse("entries_hold"),
    }
    return htmx.render_dialog(request, "payments/entries_hold.html", context, status=422 if asked else 200)


@require_POST
@company_view(*PAYERS)
def let_go(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The ticked entries may be paid again."""
    many = holding.let_go(company, _ticked(request, company))
    text = ngettext("%(n)s entry may be paid again.", "%(n)s entries may be paid again.", many) % {"n": many}
    tone = "good" if many else "warn"
    toast = text if many else _("None of these entries is held back.")
    return htmx.done(request, toast=toast, tone=tone, refresh=("listing",), to="suggestion")
