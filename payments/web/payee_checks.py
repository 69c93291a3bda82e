"""Names that differ (verification of payee): our name beside the bank's, release or cancel by two people."""

from __future__ import annotations

from dataclasses import replace

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.kernel.listing import list_rows
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from companies.saving import ChangedMeanwhile
from payments.choices import PayeeAct
from payments.models import PayeeDecision, Payment, Transfer, TransferItem
from payments.releasing import payee_checks
from payments.web.payment import find, hidden
from payments.web.posted import posted
from payments.web.tabs import exception_tabs

DECIDERS = (Role.ACCOUNTANT, Role.APPROVER, Role.PAYROLL)
SEEN = "payee_names_seen"  # in the session: what this person was last shown of each file
MOST_SEEN = 100


class DecisionForm(ConsoleForm):
    """What becomes of the file, and why."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)  # the names as the person's page had them
    act = forms.ChoiceField(label=gettext_lazy("What becomes of the file"), choices=PayeeAct.choices)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("how the name was checked, or why the file is given up; it is kept"),
    )


@require_GET
@company_view()
def waiting(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Payments the bank holds because of names."""
    rows = payee_checks.waiting_payments(company, payroll=request.rights.payroll).select_related("bank_partner")
    listing = list_rows(request, rows.prefetch_related("totals"), sorts={"payment": "number"}, default="-payment")
    context = {"listing": listing, "tabs": exception_tabs("payee_checks")}
    return htmx.render_page(request, "payments/payee_checks.html", context, part="listing")


@require_GET
@company_view()
def names(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """One payment: each transaction with our name and the bank's, and what was asked for. `?file=` lists all names of
    one file, page by page: a decision covers all of them."""
    payment = _seen(request, company, number)
    _note_seen(request, payee_checks.shown_of(payment))
    files = payee_checks.paused(payment)
    listing = None
    for one in files:
        if str(one.transfer.pk) == request.GET.get("file"):
            rows = payee_checks.names_of(one.transfer)
            listing = list_rows(request, rows, sorts={"place": "position"}, default="place")
            files = [replace(one, items=listing.rows)]
            break
    context = {
        "payment": payment,
        "files": files,
        "listing": listing,
        "may_decide": request.rights.has(*DECIDERS),
        "may_rename": request.rights.has(Role.ACCOUNTANT, Role.ADMINISTRATOR),
    }
    return htmx.render_page(request, "payments/payee_check.html", context, part="listing")


def _note_seen(request: ConsoleRequest, digests: dict[int, str]) -> None:
    known: dict[str, str] = request.session.get(SEEN, {})
    now = {**known, **{str(pk): digest for pk, digest in digests.items()}}
    if now != known:
        request.session[SEEN] = dict(list(now.items())[-MOST_SEEN:])


def _seen(request: ConsoleRequest, company: Company, number: int) -> Payment:
    payment = find(request, company, number)
    if hidden(request, payment):
        raise PermissionDenied
    return payment


@require_http_methods(["GET", "POST"])
@company_view(*DECIDERS)
def ask(request: ConsoleRequest, company: Company, number: int, pk: int) -> HttpResponse:
    """The first person's wish for one file."""
    payment = _seen(request, company, number)
    transfer = get_object_or_404(Transfer.objects.select_related("company"), payment=payment, pk=pk)
    seen = request.session.get(SEEN, {}).get(str(pk), "")  # of the page: this dialog shows no names
    form = DecisionForm(posted(request), initial={"act": PayeeAct.RELEASE, "seen": seen})
    here = reverse("payee_check", args=[number])
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            payee_checks.ask(transfer, request.user, given["act"], given["reason"], given["seen"])
        except payee_checks.CannotDecide as error:
            form.add_error(None, str(error))
        else:
            return htmx.done(request, toast=_("Asked for; another person confirms it."), to=here, go=True)
    many = payee_checks.names_of(transfer).count()
    text = ngettext(
        "The bank holds file %(file)s until it is told. You decide about %(n)s name. A second person confirms.",
        "The bank holds file %(file)s until it is told. You decide about %(n)s names. A second person confirms.",
        many,
    )
    context = {
        "title": _("Decide about names that differ"),
        "text": text % {"file": transfer.msg_id, "n": many},
        "verb": _("Ask for it"),
        "form": form,
        "action": reverse("payee_check_ask", args=[number, pk]),
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


@require_POST
@company_view(*DECIDERS)
def decide(request: ConsoleRequest, company: Company, number: int, pk: int) -> HttpResponse:
    """The second person confirms, or somebody withdraws the wish."""
    payment = _seen(request, company, number)
    decision = get_object_or_404(
        PayeeDecision.objects.select_related("transfer"), transfer__payment=payment, company=company, pk=pk
    )
    here = reverse("payee_check", args=[number])
    try:
        if request.POST.get("do") == "confirm":
            payee_checks.confirm(decision, request.user)
            text = _("Confirmed; the bank side is told.")
        else:
            payee_checks.withdraw(decision, request.user)
            text = _("Withdrawn; the file still waits.")
    except payee_checks.CannotDecide as error:
        return htmx.done(request, toast=str(error), tone="bad", to=here, go=True)
    return htmx.done(request, toast=text, to=here, go=True)


@require_POST
@company_view(Role.ACCOUNTANT, Role.ADMINISTRATOR)
def take_name(request: ConsoleRequest, company: Company, number: int, position: int) -> HttpResponse:
    """The bank's name becomes the supplier's."""
    payment = _seen(request, company, number)
    items = TransferItem.objects.filter(payment=payment, transfer__round=payment.round)
    item = get_object_or_404(items, position=position)
    here = reverse("payee_check", args=[number])
    try:
        supplier = payee_checks.take_name(item, request.user)
    except payee_checks.CannotDecide as error:
        return htmx.done(request, toast=str(error), tone="bad", to=here, go=True)
    except ChangedMeanwhile:
        text = _("Somebody changed the supplier a moment ago; look at it first.")
        return htmx.done(request, toast=text, tone="bad", to=here, go=True)
    text = _("Supplier %(number)s is called %(name)s now.") % {"number": supplier.number, "name": supplier.name}
    return htmx.done(request, toast=text, to=here, go=True)
