"""What came after its month was locked: each batch is taken into an open month, or waits till the old one opens."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx, listing
from autopay_console.kernel.forms import ConsoleForm, DayField
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from payments.models import Batch
from payments.month_end import reception as business
from payments.web.tabs import journal_tabs


class DayForm(ConsoleForm):
    """The value date the late vouchers get."""

    day = DayField(label=gettext_lazy("New value date"))


@require_GET
@company_view()
def reception(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Batches that wait because a month is locked."""
    page = listing.list_rows(request, business.waiting(company), sorts={"no": "number"}, default="no")
    context = {
        "listing": page,
        "tabs": journal_tabs("reception"),
        "currency": company.currency_id,
        "locked": [f"{year}-{month:02}" for year, month in business.locked_months(company)],
        "may_take": request.rights.accountant,
    }
    return htmx.render_page(request, "payments/journal/reception.html", context, part="listing")


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def take_late(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Ask for the day once, then move the late vouchers there and post the batch."""
    get_object_or_404(Batch, company=company, number=number)
    found = business.waiting(company).filter(number=number).first()
    if found is None:
        toast = _("Batch %(number)s does not wait for a locked month any more.") % {"number": number}
        return htmx.done(request, toast=toast, tone="warn", to="reception", refresh=("listing",))
    form = DayForm(request.POST or None, initial={"day": business.first_open_day(company)})
    if request.method == "POST" and form.is_valid():
        try:
            business.take_over(found, request.user, form.cleaned_data["day"])
        except business.NotTaken as refusal:
            form.add_error("day", str(refusal))
        else:
            toast = _("Batch %(number)s is posted") % {"number": number}
            return htmx.done(request, toast=toast, to="reception", refresh=("listing",))
    months = ", ".join(f"{year}-{month:02}" for year, month in business.late_months(found))
    context = {
        "title": _("Post batch %(number)s in an open month") % {"number": number},
        "text": _("Its vouchers of %(months)s get the new value date. The old one is kept in the extra text.")
        % {"months": months},
        "verb": _("Post 1 batch"),
        "form": form,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)
