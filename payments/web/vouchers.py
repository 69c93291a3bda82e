"""Vouchers: the list over all batches, one voucher with where it came from, and its reversal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx, listing
from autopay_console.kernel.forms import ConsoleForm, DayField
from autopay_console.kernel.numbers import LARGEST_KEY, as_number
from autopay_console.kernel.search import Field, narrow, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments.books import ledger
from payments.books.ledger_specs import BookingRefused
from payments.choices import BatchKind, BatchState
from payments.lists import bank_file_views, journal_queries
from payments.lists.account_names import account_names
from payments.models import Voucher
from payments.web import journal_export
from payments.web.tabs import journal_tabs

FIELDS = (
    Field("number", "number", "number", gettext_lazy("Voucher"), example="number:5531"),
    Field("series", "exact", "series", gettext_lazy("Series"), example="series:pay"),
    Field("value", "day", "value_date", gettext_lazy("Value date"), example="value:2026-11"),
    Field("amount", "amount", "debit_total", gettext_lazy("Amount"), example="amount>=1000"),
    Field("batch", "number", "batch__number", gettext_lazy("Batch"), example="batch:1283"),
    Field("kind", "choice", "batch__kind", gettext_lazy("Kind"), BatchKind.choices),
    Field("state", "choice", "batch__state", gettext_lazy("State"), BatchState.choices[1:]),
    Field("ref", "exact", "bank_reference", gettext_lazy("Bank reference"), example="ref:2026112500093"),
    Field("text", "text", "text", gettext_lazy("Text"), example="text:nordlys"),
    Field("waiting", "yes", "export_run__isnull", gettext_lazy("Not handed over"), example="waiting:yes"),
)
SORTS = {"value": "value_date", "amount": "debit_total"}


class ReverseForm(ConsoleForm):
    """When the reversal counts, and why it was made."""

    value_date = DayField(label=gettext_lazy("Value date of the reversal"))
    text = forms.CharField(label=gettext_lazy("Why"), max_length=120)


@require_GET
@company_view()
def vouchers(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """Every voucher of the company, newest value date first."""
    rows = journal_queries.vouchers(company, payroll=request.rights.payroll)
    search = understand(request, FIELDS, free=_free, today=business_date(company))
    if request.GET.get("export"):
        return journal_export.answer(request, company, narrow(rows, search), search.text)
    page = listing.list_rows(
        request, rows.prefetch_related("reversed_by"), sorts=SORTS, default="-value", search=search
    )
    context = {"listing": page, "tabs": journal_tabs("vouchers"), "currency": company.currency_id}
    return htmx.render_page(request, "payments/journal/vouchers.html", context, part="listing")


@require_GET
@company_view()
def voucher(request: ConsoleRequest, company: Company, voucher_id: UUID) -> HttpResponse:
    """One voucher: postings, the line of the bank file it came from, what it closed, what reversed it."""
    found = _voucher(request, company, voucher_id)
    source = journal_queries.source_of(found)
    context: dict[str, Any] = {
        "voucher": found,
        "vouchers": [found],
        "batch": found.batch,
        "names": account_names(company),
        "source": source,
        "xml": bank_file_views.entry_source(source.entry) if source.entry else "",
        "parts": journal_queries.incoming_parts(source.incoming) if source.incoming else [],
        "matches": journal_queries.matches_of([found]),
        "reversed_by": found.reversed_by.select_related("batch").first(),
        "may_reverse": request.rights.accountant and why_not_reversed(found) == "",
    }
    return htmx.render_page(request, "payments/journal/voucher.html", context)


@require_GET
@company_view()
def voucher_numbered(request: ConsoleRequest, company: Company, series: str, number: int) -> HttpResponse:
    """A voucher by what stands on paper: series and number."""
    rows = journal_queries.vouchers(company, payroll=request.rights.payroll).filter(series=series, number=number)
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise Http404
    return redirect("voucher", voucher_id=found)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def reverse_voucher(request: ConsoleRequest, company: Company, voucher_id: UUID) -> HttpResponse:
    """Undo a posted voucher by a new one; nothing posted is ever edited."""
    found = _voucher(request, company, voucher_id)
    first = {"value_date": max(found.value_date, business_date(company))}
    form = ReverseForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            if why := why_not_reversed(found):
                raise BookingRefused(why)
            batch = ledger.reverse(
                found, form.cleaned_data["value_date"], text=form.cleaned_data["text"], by=request.user
            )
        except BookingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast = _("Reversed in batch %(number)s") % {"number": batch.number}
            return htmx.done(request, toast=toast, to=reverse("batch", args=[batch.number]), go=True)
    context = {"form": form, "voucher": found, "action": request.path}
    status = 422 if form.errors else 200
    return htmx.render_dialog(request, "payments/journal/reverse.html", context, status=status)


def why_not_reversed(voucher: Voucher) -> str:
    """Why this voucher is not reversed here; empty when it may be."""
    if voucher.batch.state != BatchState.POSTED:
        return _("The voucher is not posted yet.")
    if voucher.batch.kind == BatchKind.INCOMING:
        return _("This voucher books incoming payments. Undo the match on the payment itself; that reverses it.")
    if voucher.batch.kind == BatchKind.SETTLEMENT:
        return _("This voucher books what the bank paid. A return by the bank reverses it.")
    if voucher.reversed_by.exists():
        return _("The voucher is reversed already.")
    return ""


def _voucher(request: ConsoleRequest, company: Company, voucher_id: UUID) -> Voucher:
    found = journal_queries.one_voucher(company, voucher_id, payroll=request.rights.payroll)
    if found is None:
        raise Http404
    return found


def _free(word: str) -> Q:
    """A plain word is a voucher number, a reference, or how the text begins."""
    whole = Q(bank_reference=word) | Q(autopay_reference=word) | Q(text__istartswith=word)
    number = as_number(word, None, most=LARGEST_KEY)
    return whole if number is None else whole | Q(number=number)
