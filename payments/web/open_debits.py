"""Debits nobody here made: each waits until a person says what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import export, htmx, listing
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.kernel.numbers import as_number
from autopay_console.kernel.search import Field, narrow, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments.clearing import resolving_debits
from payments.lists import debit_queries
from payments.models import OpenDebit
from payments.preparing.refusals import Refusal

FIELDS = (
    Field("value", "day", "value_date", gettext_lazy("Value date"), example="value:2026-11"),
    Field("amount", "amount", "amount", gettext_lazy("Amount"), example="amount>=1000"),
    Field("to", "text", "counterparty", gettext_lazy("Paid to"), example="to:skatteetaten"),
    Field("account", "exact", "counterparty_account", gettext_lazy("Account"), example="account:97100000013"),
)
SORTS = {"value": "value_date", "amount": "amount"}
COLUMNS = (
    export.Column(gettext_lazy("Value date"), "value_date", "day"),
    export.Column(gettext_lazy("Paid to"), "counterparty"),
    export.Column(gettext_lazy("Account"), "counterparty_account"),
    export.Column(gettext_lazy("Text"), "text"),
    export.Column(gettext_lazy("Amount"), "amount", "amount"),
    export.Column(gettext_lazy("Currency"), "currency_code"),
    export.Column(gettext_lazy("What it was"), "done_how"),
    export.Column(gettext_lazy("Decided"), "done_at", "moment"),
)


class AccountForm(ConsoleForm):
    """The ledger account the debit belongs to."""

    gl_account = forms.CharField(label=gettext_lazy("Account"), max_length=20)
    text = forms.CharField(label=gettext_lazy("Text on the voucher"), max_length=140, required=False)


class EntryForm(ConsoleForm):
    """The supplier invoice somebody paid in the bank."""

    invoice_no = forms.CharField(label=gettext_lazy("Invoice no."), max_length=35)
    supplier_no = forms.IntegerField(label=gettext_lazy("Supplier no."), required=False, min_value=0)


class KnownForm(ConsoleForm):
    """Where the debit is booked, when not here."""

    how = forms.CharField(label=gettext_lazy("Where it is booked"), max_length=200)


@require_GET
@company_view()
def open_debits(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """Those that wait, oldest first; the decided ones on request."""
    done = request.GET.get("show") == "done"
    mine = request.GET.get("show") == "mine"
    rows = debit_queries.debits(company, done=done)
    if mine:
        rows = rows.filter(assigned_to=request.user)
    search = understand(request, FIELDS, free=debit_queries.by_word, today=business_date(company))
    if export.wanted(request):
        found = narrow(rows, search).order_by("value_date", "id")
        return export.answer(request, "debits", COLUMNS, found.iterator(chunk_size=2000), search.text)
    page = listing.list_rows(request, rows, sorts=SORTS, default="-value" if done else "value", search=search)
    listing.add_sums(page, narrow(rows, search), "currency_code", "amount")
    context = {"listing": page, "done": done, "mine": mine, "may_decide": request.rights.accountant}
    return htmx.render_page(request, "payments/incoming/debits.html", context, part="listing")


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def post_debit(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Book it against a ledger account."""
    debit = one_debit(company, pk)
    form = AccountForm(request.POST or None, initial={"text": debit.text[:140]})

    def act(version: int) -> None:
        facts = form.cleaned_data
        resolving_debits.post_to_account(debit, request.user, facts["gl_account"], facts["text"], version=version)

    return ask(request, company, debit, form, _("Post to an account"), _("Post 1 debit"), act)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def pay_entry(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """It paid an open supplier invoice: close the invoice with it."""
    debit = one_debit(company, pk)
    form = EntryForm(request.POST or None)

    def act(version: int) -> None:
        facts = form.cleaned_data
        found = debit_queries.supplier_entries(company, facts["invoice_no"], facts["supplier_no"])
        if len(found) != 1:
            many = _("More than one supplier has this invoice number; give the supplier number too.")
            raise Refusal(many if found else _("No open supplier invoice has this number."))
        resolving_debits.pay_entry(debit, request.user, found[0], version=version)

    return ask(request, company, debit, form, _("It paid an invoice"), _("Assign 1 debit"), act)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def known_debit(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """It is booked elsewhere."""
    debit = one_debit(company, pk)
    form = KnownForm(request.POST or None)

    def act(version: int) -> None:
        resolving_debits.mark_known(debit, request.user, form.cleaned_data["how"], version=version)

    return ask(request, company, debit, form, _("Mark as known"), _("Mark 1 debit as known"), act)


def ask(
    request: ConsoleRequest,
    company: Company,
    debit: OpenDebit,
    form: ConsoleForm,
    title: str,
    verb: str,
    act: Callable[[int], None],
    **more: Any,
) -> HttpResponse:
    """A dialog about one debit; what somebody else did meanwhile is said in it."""
    version = debit.version
    if request.method == "POST" and form.is_valid():
        try:
            act(as_number(request.POST.get("version", ""), -1))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            version = one_debit(company, debit.pk).version
        else:
            return htmx.done(request, toast=_("Decided"), to="open_debits", refresh=("listing",))
    context: dict[str, Any] = {"form": form, "debit": debit, "title": title, "verb": verb, "version": version}
    context |= {"action": request.path, **more}
    status = 422 if form.errors else 200
    return htmx.render_dialog(request, "payments/incoming/debit.html", context, status=status)


def one_debit(company: Company, pk: int) -> OpenDebit:
    """One of the company's; 404 otherwise."""
    found = debit_queries.debit(company, pk)
    if found is None:
        raise Http404
    return found
