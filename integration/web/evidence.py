"""*Evidence pack*: one payment or a period as an archive for the auditor."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm, DayInput
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from integration.evidence import pack
from payments.choices import RoundState
from payments.lists import queries

LONGEST_DAYS = 366


class PeriodForm(ConsoleForm):
    """Both days are included."""

    first = forms.DateField(label=gettext_lazy("From"), widget=DayInput())
    last = forms.DateField(label=gettext_lazy("To"), widget=DayInput())

    def clean(self) -> dict[str, object]:
        """A period of at most a year."""
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and not 0 <= (last - first).days <= LONGEST_DAYS:
            raise forms.ValidationError(_("The period begins before it ends and is a year at most."))
        return values


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def evidence(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """Ask for a period and send its pack."""
    today = business_date(company)
    form = PeriodForm(request.POST or None, initial={"first": today.replace(day=1), "last": today})
    if request.method == "POST" and form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        who, payroll = request.user.shown, request.rights.payroll
        pieces = pack.of_period(company, first, last, person=who, payroll=payroll)
        return _sent(pieces, f"evidence-{company.number}-{first}-{last}.zip")
    answer: HttpResponse = htmx.render_page(
        request, "integration/evidence.html", {"form": form}, status=422 if form.errors else 200
    )
    return answer


@require_GET
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT, Role.PAYROLL)
def evidence_of_payment(request: ConsoleRequest, company: Company, number: int) -> HttpResponseBase:
    """The pack of one payment; a salary payment's only with the payroll role."""
    payment = queries.payment(company, number)
    if payment is None or payment.round_state == RoundState.DRAFT or (payment.salary and not request.rights.payroll):
        raise Http404
    pieces = pack.of_payment(payment, person=request.user.shown, payroll=request.rights.payroll)
    return _sent(pieces, f"evidence-{company.number}-payment-{number}.zip")


def _sent(pieces: Iterator[bytes], name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(pieces, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
