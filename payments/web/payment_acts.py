"""Acts on a payment's page: suggest again what was not paid, create a batch by hand, ask a silent bank."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm, DayField
from autopay_console.kernel.numbers import as_keys
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments import events
from payments.books.ledger_specs import BookingRefused
from payments.choices import TransferState
from payments.models import Payment, PaymentLine, Transfer
from payments.preparing.criteria import NotPossible
from payments.settling import settlement
from payments.story import tell
from payments.suggesting import suggesting_again
from payments.suggesting.suggestion import NothingToPay
from payments.web.payment import find, hidden
from payments.web.posted import posted

PAYERS = (Role.ACCOUNTANT, Role.PAYROLL)
ONE_BY_ONE = 100  # unconfirmed lines that are ticked one by one; more are taken together


def _allowed(request: ConsoleRequest, company: Company, number: int) -> Payment:
    payment = find(request, company, number)
    if hidden(request, payment):
        raise PermissionDenied
    return payment


@require_http_methods(["GET", "POST"])
@company_view(*PAYERS)
def again(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """A new suggestion with all lines that were not paid, or without those central called deficient."""
    payment = _allowed(request, company, number)
    problem = ""
    if request.method == "POST":
        try:
            made = suggesting_again.again(payment, request.user, without_deficient=request.POST.get("which") == "good")
        except (NothingToPay, NotPossible) as error:
            problem = str(error)
        else:
            words = ngettext("Payment %(n)s: %(lines)s line.", "Payment %(n)s: %(lines)s lines.", made.taken)
            text = words % {"n": made.payment.number, "lines": made.taken}
            if made.gone:
                text += " " + _("%(n)s could not be taken again.") % {"n": made.gone}
            return htmx.done(request, toast=text, to=reverse("draft", args=[made.payment.number]), go=True)
    context = {
        "payment": payment,
        "lost": suggesting_again.lost(payment),
        "problem": problem,
        "action": reverse("payment_again", args=[number]),
    }
    return htmx.render_dialog(request, "payments/payment_again.html", context, status=422 if problem else 200)


class BatchForm(ConsoleForm):
    """*Create batch*: which lines count as settled besides those the bank confirmed, when, why, and whether at once."""

    value_date = DayField(
        label=gettext_lazy("Value date"), help_text=gettext_lazy("of lines the bank has not confirmed")
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("asked for when a line the bank has not confirmed is booked; it is kept"),
    )
    direct = forms.BooleanField(
        label=gettext_lazy("Direct update"),
        required=False,
        help_text=gettext_lazy("posted at once; otherwise the batch waits in the journal"),
    )


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def create_batch(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """The dialog with a preview of the postings; the second press books."""
    payment = _allowed(request, company, number)
    rows = PaymentLine.objects.filter(payment=payment, status__in=settlement.UNCONFIRMED).select_related("supplier")
    unconfirmed = rows.count()
    today = business_date(company)
    initial = {"value_date": today, "direct": payment.bank_partner.auto_update_outgoing}
    form = BatchForm(posted(request), initial=initial)
    chosen = _chosen(request, payment, unconfirmed)
    context: dict[str, Any] = {
        "payment": payment,
        "form": form,
        "unconfirmed": unconfirmed,
        "lines": list(rows.order_by("line_no")[:ONE_BY_ONE]) if unconfirmed <= ONE_BY_ONE else [],
        "chosen": set(chosen),
        "action": reverse("payment_batch", args=[number]),
    }
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            if request.POST.get("book") == "1":
                return _booked(request, payment, chosen, facts)
            context["proposal"] = settlement.propose_batch(
                payment, request.user, line_ids=chosen, value_date=facts["value_date"]
            )
        except settlement.ReasonNeeded as error:
            form.add_error("reason", str(error))
        except BookingRefused as error:
            form.add_error(None, str(error))
    elif request.method == "GET":
        context["proposal"] = _first_proposal(request, payment, form, today)
    status = 422 if form.errors else 200
    return htmx.render_dialog(request, "payments/payment_batch.html", context, status=status)


def _first_proposal(request: ConsoleRequest, payment: Payment, form: BatchForm, day: date) -> Any:
    """What is confirmed and not booked yet."""
    try:
        return settlement.propose_batch(payment, request.user, line_ids=(), value_date=day)
    except BookingRefused as error:
        form.cleaned_data = {}
        form.add_error(None, str(error))
        return None


def _chosen(request: ConsoleRequest, payment: Payment, unconfirmed: int) -> list[int]:
    rows = PaymentLine.objects.filter(payment=payment, status__in=settlement.UNCONFIRMED)
    if request.POST.get("every") == "1" and unconfirmed > ONE_BY_ONE:
        return list(rows.values_list("pk", flat=True))
    ticked = as_keys(request.POST.getlist("line")[:ONE_BY_ONE])
    return list(rows.filter(line_no__in=ticked).values_list("pk", flat=True))


def _booked(request: ConsoleRequest, payment: Payment, chosen: list[int], facts: dict[str, Any]) -> HttpResponse:
    made = settlement.create_batch_by_hand(
        payment,
        request.user,
        line_ids=chosen,
        value_date=facts["value_date"],
        reason=facts["reason"],
        post=facts["direct"],
    )
    here = reverse("payment", args=[payment.number])
    if not made:
        return htmx.done(request, toast=_("There was nothing to book."), tone="warn", to=here, go=True)
    numbers = ", ".join(str(batch.number) for batch in made)
    text = ngettext("Batch %(numbers)s is made.", "Batches %(numbers)s are made.", len(made)) % {"numbers": numbers}
    return htmx.done(request, toast=text, to=here, go=True)


@require_POST
@company_view(Role.ACCOUNTANT, Role.APPROVER, Role.ADMINISTRATOR)
def ask(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Ask the bank side now about files without an answer. Asking never sends again."""
    payment = find(request, company, number)
    states = (TransferState.SENDING, TransferState.UNKNOWN, TransferState.ACCEPTED)
    files = Transfer.objects.filter(payment=payment, round=payment.round, state__in=states)
    ids = list(files.values_list("pk", flat=True))
    if ids:
        events.status_asked.send_robust(sender=Transfer, transfer_ids=ids, by_id=request.user.pk)
        tell(payment.pk, "asked", _("The bank side is asked for the status."), request.user)
    text = _("The bank side is asked; the answer comes on this page.") if ids else _("No file of it is on its way.")
    tone = "good" if ids else "warn"
    return htmx.done(request, toast=text, tone=tone, to=reverse("payment", args=[number]), go=True)
