"""Accounting periods: which months take postings; an accountant locks, an administrator opens again with a reason."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies import periods as books
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments.lists import period_queries
from payments.web.tabs import journal_tabs


class ReasonForm(ConsoleForm):
    """Why a locked month is opened again."""

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)


@require_GET
@company_view()
def periods(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The last months with what is booked in them and what waits for them."""
    months = period_queries.with_counts(company, books.months(company, business_date(company)))
    context = {
        "months": months,
        "next_to_close": period_queries.next_to_close(months),
        "tabs": journal_tabs("periods"),
        "currency": company.currency_id,
        "may_lock": request.rights.accountant,
        "may_unlock": request.rights.administrator,
    }
    return htmx.render_page(request, "payments/journal/periods.html", context)


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR)
def unlock_period(request: ConsoleRequest, company: Company, year: int, month: int) -> HttpResponse:
    """Open a locked month; the reason is kept beside who did it."""
    name = named(year, month)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        books.unlock(company, year, month, request.user, form.cleaned_data["reason"])
        return htmx.done(request, toast=_("%(period)s is open again") % {"period": name}, to="periods", go=True)
    context = {
        "title": _("Open %(period)s again") % {"period": name},
        "text": _("Vouchers can be posted into the month again, also by themselves. Your reason is kept."),
        "verb": _("Open %(period)s") % {"period": name},
        "form": form,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


def named(year: int, month: int) -> str:
    """The month as it is written everywhere; one that does not exist is not found."""
    if not (1 <= month <= 12 and 1990 <= year <= 2100):
        raise Http404
    return f"{year}-{month:02}"
