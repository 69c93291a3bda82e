"""Lines of statements that nothing in the books answers: each waits until a person says what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import export, htmx, listing
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.kernel.search import Field, narrow, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments.clearing import resolving_lines
from payments.lists import statement_queries
from payments.models import BankEntry
from payments.preparing.refusals import Refusal
from payments.web.posted import posted
from payments.web.tabs import statement_tabs

FIELDS = (
    Field("booked", "day", "booking_date", gettext_lazy("Booked"), example="booked:2026-11"),
    Field("amount", "amount", "amount", gettext_lazy("Amount"), example="amount>=1000"),
    Field("account", "exact", "account", gettext_lazy("Account"), example="account:86011117947"),
    Field("ref", "exact", "bank_reference", gettext_lazy("Bank reference"), example="ref:E77"),
    Field("text", "text", "text", gettext_lazy("Text"), example="text:renter"),
)
SORTS = {"booked": "booking_date", "amount": "amount"}
COLUMNS = (
    export.Column(gettext_lazy("Account"), "account"),
    export.Column(gettext_lazy("Booked"), "booking_date", "day"),
    export.Column(gettext_lazy("Text"), "text"),
    export.Column(gettext_lazy("Bank reference"), "bank_reference"),
    export.Column(gettext_lazy("Amount"), "amount", "amount"),
    export.Column(gettext_lazy("Currency"), "currency_code"),
    export.Column(gettext_lazy("What it was"), "decided_how"),
)


class AccountForm(ConsoleForm):
    """The ledger account the line belongs to."""

    gl_account = forms.CharField(label=gettext_lazy("Account"), max_length=20)
    text = forms.CharField(label=gettext_lazy("Text on the voucher"), max_length=140, required=False)


class VoucherForm(ConsoleForm):
    """The voucher that booked the line already."""

    series = forms.CharField(label=gettext_lazy("Voucher series"), max_length=10)
    number = forms.IntegerField(label=gettext_lazy("Voucher no."), min_value=1)


class KnownForm(ConsoleForm):
    """Where the line is booked, when not here."""

    how = forms.CharField(label=gettext_lazy("Where it is booked"), max_length=200)


@require_GET
@company_view()
def unanswered_lines(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """Those that wait, oldest first; the decided ones on request."""
    done = request.GET.get("show") == "done"
    rows = statement_queries.unanswered(company, done=done)
    search = understand(request, FIELDS, free=statement_queries.line_by_word, today=business_date(company))
    if export.wanted(request):
        found = narrow(rows, search).order_by("booking_date", "id")
        return export.answer(request, "lines", COLUMNS, found.iterator(chunk_size=2000), search.text)
    page = listing.list_rows(request, rows, sorts=SORTS, default="-booked" if done else "booked", search=search)
    listing.add_sums(page, narrow(rows, search), "currency_code", "amount")
    context = {
        "listing": page,
        "done": done,
        "tabs": statement_tabs("unanswered_lines"),
        "may_decide": request.rights.accountant,
    }
    return htmx.render_page(request, "payments/statements/lines.html", context, part="listing")


@require_GET
@company_view(Role.ACCOUNTANT)
def decide_line(request: ConsoleRequest, company: Company, line_id: UUID) -> HttpResponse:
    """The four things a line may be."""
    context = {"line": _line(company, line_id)}
    return htmx.render_dialog(request, "payments/statements/decide.html", context)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def book_line(request: ConsoleRequest, company: Company, line_id: UUID) -> HttpResponse:
    """Book it as the import would have done."""
    line = _line(company, line_id)
    text = _(
        "Money in becomes a customer payment and is matched by the rules; money out becomes a payment of ours, a fee, "
        "or a debit to explain. A notification that comes later only proves it."
    )
    form = ConsoleForm(posted(request))
    return _ask(
        request, line, form, _("Book from the statement"), text, lambda: resolving_lines.book(line, request.user)
    )


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def post_line(request: ConsoleRequest, company: Company, line_id: UUID) -> HttpResponse:
    """Book it against a ledger account."""
    line = _line(company, line_id)
    form = AccountForm(request.POST or None, initial={"text": line.text[:140]})

    def act() -> object:
        facts = form.cleaned_data
        return resolving_lines.post_to_account(line, request.user, facts["gl_account"], facts["text"])

    return _ask(request, line, form, _("Post to an account"), "", act)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def tie_line(request: ConsoleRequest, company: Company, line_id: UUID) -> HttpResponse:
    """Name the voucher that booked it."""
    line = _line(company, line_id)
    form = VoucherForm(request.POST or None, initial={"series": "bank"})
    text = _("The voucher must move the same amount on this account.")

    def act() -> object:
        return resolving_lines.tie(line, request.user, form.cleaned_data["series"], form.cleaned_data["number"])

    return _ask(request, line, form, _("Tie to a voucher"), text, act)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def known_line(request: ConsoleRequest, company: Company, line_id: UUID) -> HttpResponse:
    """It is booked elsewhere."""
    line = _line(company, line_id)
    form = KnownForm(request.POST or None)
    text = _("Nothing is posted. The account differs from the ledger by this line, under its own name.")

    def act() -> None:
        resolving_lines.mark_known(line, request.user, form.cleaned_data["how"])

    return _ask(request, line, form, _("Mark as known"), text, act)


@require_POST
@company_view(Role.ACCOUNTANT)
def reopen_line(request: ConsoleRequest, company: Company, line_id: UUID) -> HttpResponse:
    """A line that was only marked as known waits again."""
    again = resolving_lines.reopen(_line(company, line_id), request.user)
    toast = _("It waits again") if again else _("It is booked; reverse its voucher instead.")
    return htmx.done(request, toast=toast, to="unanswered_lines", refresh=("listing",))


def _ask(
    request: ConsoleRequest, line: BankEntry, form: ConsoleForm, title: str, text: str, act: Callable[[], object]
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return htmx.done(request, toast=_("Decided"), to="unanswered_lines", refresh=("listing",))
    context: dict[str, Any] = {"form": form, "line": line, "title": title, "text": text, "action": request.path}
    status = 422 if form.errors else 200
    return htmx.render_dialog(request, "payments/statements/line.html", context, status=status)


def _line(company: Company, line_id: UUID) -> BankEntry:
    found = statement_queries.line(company, line_id)
    if found is None:
        raise Http404
    return found
