"""Invoices approved in advance: ticked, confirmed with count and sum, withdrawn again."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.kernel.listing import Tab, Total, list_rows, picked
from autopay_console.kernel.money import ZERO
from autopay_console.kernel.numbers import as_keys
from autopay_console.kernel.search import Field, parse, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import AgreementState, Role, TwoFactorLevel
from companies.clock import business_date
from companies.models import BankAgreement, Company, Person
from payments.models import SupplierEntry
from payments.preparing.refusals import Refusal
from payments.releasing import preapproving
from payments.web import second_factor
from payments.web.approving import code_is_right

FIELDS = (
    Field("supplier", "text", "supplier__name", gettext_lazy("Supplier"), example="supplier:nordlys"),
    Field("invoice", "exact", "invoice_no", gettext_lazy("Invoice"), example="invoice:10233"),
    Field("amount", "amount", "rest", gettext_lazy("Amount"), example="amount>10000"),
    Field("currency", "exact", "currency_id", gettext_lazy("Currency"), example="currency:EUR"),
    Field("due", "day", "due_date", gettext_lazy("Due"), example="due<2026-12-01"),
)
SORTS = {"due": "due_date", "supplier": "supplier__name", "amount": "rest"}
VIEWS = (("", gettext_lazy("Not approved by you")), ("mine", gettext_lazy("Approved by you")))
MOST = 200


class YesForm(ConsoleForm):
    """The second factor, where an agreement of the company asks for one."""

    def __init__(self, proves: Person | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if proves:
            self.fields["code"] = second_factor.CodeField(proves)


@require_GET
@company_view(Role.APPROVER)
def invoices(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Open invoices that stand in no payment yet; the account shown is the one that is approved."""
    _allowed(company)
    view = request.GET.get("view", "")
    search = understand(request, FIELDS, today=business_date(company))
    rows = _rows(request, company, view)
    listing = list_rows(request, rows, sorts=SORTS, default="due", search=search)
    listing.path = reverse("preapproval")
    given = _given(company, [one.pk for one in listing.rows])
    for entry in listing.rows:
        entry.open = entry.rest - entry.in_payment
        entry.pays_to = preapproving.account_of(entry)
        entry.said_yes = given.get(entry.pk, [])
    context = {"listing": listing, "tabs": _tabs(view), "mine": view == "mine"}
    return htmx.render_page(request, "payments/preapproval.html", context, part="listing")


def _allowed(company: Company) -> None:
    if not company.allow_preapproval:
        raise Http404


def _rows(request: ConsoleRequest, company: Company, view: str) -> QuerySet[SupplierEntry]:
    rows = preapproving.candidates(company, payroll=request.rights.payroll)
    return preapproving.marked(rows, company, request.user, view)


def _given(company: Company, entry_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = preapproving.in_force(company).filter(entry_id__in=entry_ids).select_related("person").order_by("pk")
    for row in rows:
        found.setdefault(row.entry_id, []).append(row.person.shown)
    return found


def _tabs(view: str) -> list[Tab]:
    here = reverse("preapproval")
    return [Tab(label, f"{here}?view={name}" if name else here, None, name == view) for name, label in VIEWS]


def _ticked(request: ConsoleRequest, company: Company) -> QuerySet[SupplierEntry]:
    rows = _rows(request, company, request.POST.get("view", ""))
    if request.POST.get("all") == "1":
        search = parse(request.POST.get("q", ""), FIELDS, today=business_date(company))
        return rows.none() if search.error else rows.filter(search.q)
    return picked(request, rows)


@require_POST
@company_view(Role.APPROVER)
def sum_of_ticks(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Sums per currency of what is ticked; only the server adds money."""
    _allowed(company)
    totals = _totals(list(_ticked(request, company)[:MOST]))
    return htmx.render_page(request, "components/bulk_sum.html", {"totals": totals, "warnings": []})


@require_POST
@company_view(Role.APPROVER)
def confirm(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The dialog: every invoice with amount and account; `signed` in the form: approve them."""
    _allowed(company)
    entries: list[Any] = list(_ticked(request, company).order_by("supplier__name", "due_date")[:MOST])
    agreements = BankAgreement.objects.filter(company=company, state=AgreementState.ACTIVE)
    asks_code = agreements.filter(two_factor__gte=TwoFactorLevel.APPROVAL).exists()
    signing = request.POST.get("signed") == "1"
    form = YesForm(request.user if asks_code else None, request.POST if signing else None)
    seen = preapproving.seen_of(entries)
    if signing and request.POST.get("seen") != seen:
        form.add_error(None, _("Somebody changed rows meanwhile"))
    if signing and entries and form.is_valid() and code_is_right(request, form):
        try:
            done = preapproving.give(company, request.user, entries, second_factor=asks_code)
        except Refusal as why:
            form.add_error(None, why.text)
        else:
            return htmx.done(request, toast=_said(done), refresh=("listing",), to="preapproval")
    for entry in entries:
        entry.open = entry.rest - entry.in_payment
        entry.pays_to = preapproving.account_of(entry)
    context = {
        "entries": entries,
        "seen": seen,
        "totals": _totals(entries),
        "form": form,
        "action": reverse("preapproval_confirm"),
    }
    return htmx.render_dialog(request, "payments/preapproval_confirm.html", context, status=422 if signing else 200)


def _totals(entries: list[SupplierEntry]) -> list[Total]:
    """What is open on these invoices, per currency."""
    found: dict[str, Total] = {}
    for one in entries:
        before = found.get(one.currency_id, Total(one.currency_id, ZERO, 0))
        found[one.currency_id] = Total(one.currency_id, before.amount + one.rest - one.in_payment, before.count + 1)
    return list(found.values())


def _said(done: preapproving.Given) -> str:
    text = ngettext("%(n)s invoice is approved.", "%(n)s invoices are approved.", done.count) % {"n": done.count}
    if not done.refused:
        return text
    entry, why = done.refused[0]
    more = _("%(n)s not: invoice %(invoice)s, %(why)s.")
    return f"{text} {more % {'n': len(done.refused), 'invoice': entry.invoice_no, 'why': why}}"


@require_POST
@company_view(Role.APPROVER)
def withdraw(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Take one's own yes back."""
    _allowed(company)
    ids = as_keys(request.POST.getlist("pick")[:1000])
    many = preapproving.withdraw(company, request.user, ids)
    text = ngettext("%(n)s approval is withdrawn.", "%(n)s approvals are withdrawn.", many) % {"n": many}
    return htmx.done(request, toast=text, to=f"{reverse('preapproval')}?view=mine", go=True)
