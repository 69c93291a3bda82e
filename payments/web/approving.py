"""The acts of Approval: sign what was seen, cancel with a reason, undo while it is held, lower or move a line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import AmountField, ConsoleForm, DayField
from autopay_console.kernel.numbers import as_keys
from companies.access import ConsoleRequest, company_view
from companies.choices import Role, TwoFactorLevel
from companies.clock import business_date
from companies.models import Company, Person
from payments.iso20022.schema import NotValid
from payments.lists import queries, queries_payment
from payments.models import Payment
from payments.preparing import sealing
from payments.preparing.mandates import may_sign
from payments.preparing.refusals import Refusal, round_closed
from payments.releasing import amending, approval, queries_approval
from payments.validation import cover
from payments.web import second_factor
from payments.web.approvals import ticked
from payments.web.payment import find
from payments.web.posted import posted

SEVERAL = 200  # payments signed in one go


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one payment: done or why not."""

    payment: Payment
    text: str
    good: bool
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What the person gave for all the payments at once: a second factor, warnings taken on by name."""

    second_factor: bool
    accepted: frozenset[str]


class SignForm(ConsoleForm):
    """What a signature needs besides the payments: a look at what stands out, and the second factor."""

    checked = forms.BooleanField(
        label=gettext_lazy("I have checked what stands out above"),
        help_text=gettext_lazy("an account by phone or on paper, with a contact I already had"),
        error_messages={"required": gettext_lazy("Check what stands out above, then tick this.")},
    )

    covered = forms.BooleanField(
        label=gettext_lazy("Approve although the account does not hold it"),
        help_text=gettext_lazy("kept with your name"),
        error_messages={"required": gettext_lazy("See to the cover, or tick this and take it on.")},
    )

    def __init__(self, asks_check: bool, asks_cover: bool, proves: Person | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_check:
            del self.fields["checked"]
        if not asks_cover:
            del self.fields["covered"]
        if proves:
            self.fields["code"] = second_factor.CodeField(proves)


@require_POST
@company_view()
def confirm(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The dialog before signing: every payment with amount, account and digest. `signed` in the form: sign.

    A ticked payment that cannot be signed any more is never left out in silence.
    """
    signing = request.POST.get("signed") == "1"
    payments, apart, more = _to_sign(request, company, signing=signing)
    if apart and not payments:
        return _results(request, apart)
    out = [found for payment in payments for found in _standing_out(request, company, payment)]
    short = list(cover.together(company, payments))
    asks_code = any(one.agreement.two_factor >= TwoFactorLevel.APPROVAL for one in payments)
    proves = request.user if asks_code else None
    form = SignForm(bool(out), bool(short), proves, request.POST if signing else None)
    if signing and payments and form.is_valid() and code_is_right(request, form):
        given = Given(asks_code, frozenset({cover.CODE}) if form.cleaned_data.get("covered") else frozenset())
        return _results(request, [_sign(request, one, given) for one in payments] + apart)
    for payment in payments:
        payment.after = payment.given + 1
        payment.shown_digest = request.POST.get(f"seen-{payment.number}") or payment.digest
    context = {
        "payments": payments,
        "lines": sum(one.line_count for one in payments),
        "totals": _sums(payments),
        "apart": apart,
        "more": more,
        "stands_out": out,
        "short": [one.text for one in short],
        "form": form,
        "action": reverse("approval_confirm"),
    }
    return htmx.render_dialog(request, "payments/approval_confirm.html", context, status=422 if signing else 200)


def _to_sign(request: ConsoleRequest, company: Company, *, signing: bool) -> tuple[list[Any], list[Result], bool]:
    """What can be signed, what cannot and why, and whether more were ticked than are signed in one go.

    At the signature itself each approval says for itself why it cannot be given.
    """
    rows = list(ticked(request, company).order_by("number")[: SEVERAL + 1])
    found = rows[:SEVERAL]
    seats = {}
    if not signing:
        today, approver = business_date(company), request.rights.approver
        seats = queries_approval.seats(company, request.user, found, today, approver=approver)
    why_not = {one.pk: seats[one.pk].why_not for one in found if one.pk in seats and seats[one.pk].why_not}
    apart = [Result(one, why_not[one.pk], good=False) for one in found if one.pk in why_not]
    numbers = {one.number for one in rows}
    for payment in _picked(request, company):
        if payment.number not in numbers:
            apart.append(Result(payment, round_closed(payment).text, good=False))
    return [one for one in found if one.pk not in why_not], apart, len(rows) > SEVERAL


def _picked(request: ConsoleRequest, company: Company) -> QuerySet[Payment]:
    """The payments whose numbers stand in the form, whatever became of them."""
    numbers = as_keys(request.POST.getlist("pick"))[:SEVERAL]
    return queries.payments(company).filter(number__in=numbers).order_by("number")


def _sums(payments: list[Any]) -> Any:
    return queries.sums_of(Payment.objects.filter(pk__in=[one.pk for one in payments])) if payments else []


def _standing_out(request: ConsoleRequest, company: Company, payment: Payment) -> list[queries_approval.StandsOut]:
    if payment.salary and not request.rights.payroll:
        return []
    payment.company = company
    return queries_approval.stands_out(payment)


def code_is_right(request: ConsoleRequest, form: ConsoleForm) -> bool:
    """Whether the form stays valid once the second factor in it was tried; true when it asks for none."""
    if "code" in form.fields:
        try:
            second_factor.check(request.user, form.cleaned_data["code"])
        except ValidationError as error:
            form.add_error("code", error)
    return form.is_valid()


def _sign(request: ConsoleRequest, payment: Payment, given: Given) -> Result:
    seen = request.POST.get(f"seen-{payment.number}", "")
    try:
        done = approval.approve(payment, request.user, seen, given.second_factor, given.accepted)
    except Refusal as why:
        return Result(payment, why.text, good=False)
    counts = {"given": done.given, "needed": done.needed}
    if done.hold_until is None:
        return Result(payment, _("%(given)s of %(needed)s, waits for the next approver") % counts, good=True)
    payment.refresh_from_db(fields=["round_state", "hold_until"])
    seconds = approval.seconds_left(payment)
    text = _("%(given)s of %(needed)s, leaves in %(seconds)s seconds") % (counts | {"seconds": seconds})
    now = _("%(given)s of %(needed)s, leaves now") % counts
    return Result(payment, text if seconds else now, good=True, undo=bool(seconds))


def _results(request: ConsoleRequest, results: list[Result]) -> HttpResponse:
    """One result for every payment; the list behind the dialog is asked for again."""
    good = sum(one.good for one in results)
    context = {"results": results, "good": good, "bad": len(results) - good}
    response = htmx.render_dialog(request, "payments/approval_results.html", context)
    return trigger_client_event(response, "refresh-listing")


class CancelForm(ConsoleForm):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200, help_text=gettext_lazy("kept and shown"))


@require_http_methods(["POST"])
@company_view()
def cancel(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Cancel the ticked payments: files are stopped, lines go to 7, entries are free again."""
    _only_who_may(request, company, *approval.MAY_CANCEL)
    payments = list(_to_cancel(request, company))
    if not payments:
        raise Http404
    asked = "reason" in request.POST
    form = CancelForm(request.POST if asked else None)
    if asked and form.is_valid():
        return _results(request, [_cancelled(request, one, form.cleaned_data["reason"]) for one in payments])
    many = len(payments)
    title = ngettext("Cancel %(n)s payment", "Cancel %(n)s payments", many) % {"n": many}
    context = {
        "title": title,
        "payments": payments,
        "totals": _sums(payments),
        "form": form,
        "action": reverse("approval_cancel"),
    }
    return htmx.render_dialog(request, "payments/approval_cancel.html", context, status=422 if asked else 200)


def _only_who_may(request: ConsoleRequest, company: Company, *roles: str) -> None:
    """Whoever has one of the roles, or stands in for an approver; for which payments, the act itself asks."""
    if not (request.rights.has(*roles) or may_sign(company, request.user)):
        raise PermissionDenied


def _to_cancel(request: ConsoleRequest, company: Company) -> list[Payment]:
    if request.POST.get("all") == "1":
        return list(ticked(request, company)[:SEVERAL])
    return list(_picked(request, company).filter(round_state__in=approval.OPEN))


def _cancelled(request: ConsoleRequest, payment: Payment, reason: str) -> Result:
    try:
        approval.cancel(payment, request.user, reason)
    except Refusal as why:
        return Result(payment, why.text, good=False)
    return Result(payment, _("cancelled; its entries can be suggested again"), good=True)


@require_POST
@company_view()
def undo(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Take the last approval back while the files are held."""
    return _act(request, company, number, _("The release of payment %(n)s is undone."), approval.undo)


@require_POST
@company_view()
def move(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Move what the bank would not execute any more to the next bank day: new files, a new round."""
    _only_who_may(request, company, Role.APPROVER)
    text = _("Payment %(n)s is moved to the next bank day; approvals start again.")
    return _act(request, company, number, text, approval.move_to_next_bank_day)


def _act(request: ConsoleRequest, company: Company, number: int, text: str, act: Any) -> HttpResponse:
    payment = find(request, company, number)
    to = reverse("approval_one", args=[number])
    try:
        act(payment, request.user)
    except (Refusal, sealing.CannotSeal, NotValid) as why:
        return htmx.done(request, toast=str(why), tone="bad", to=to, go=True)
    return htmx.done(request, toast=text % {"n": number}, to=to, go=True)


class AmendForm(ConsoleForm):
    """Before the first approval: less money, or another day."""

    amount = AmountField(label=gettext_lazy("Amount"), least=Decimal("0.01"), help_text=gettext_lazy("only lower"))
    pay_date = DayField(label=gettext_lazy("Payment date"), help_text=gettext_lazy("a bank day"))


@require_http_methods(["GET", "POST"])
@company_view()
def amend(request: ConsoleRequest, company: Company, number: int, line_no: int) -> HttpResponse:
    """Lower a line's amount or move its date; the files are sealed anew and approvals start again."""
    _only_who_may(request, company, Role.APPROVER)
    payment = find(request, company, number)
    line = None if payment.salary and not request.rights.payroll else queries_payment.line(payment, line_no)
    if line is None:
        raise Http404
    form = AmendForm(posted(request), initial={"amount": line.amount, "pay_date": line.pay_date})
    if request.method == "POST" and form.is_valid():
        try:
            amending.amend(line, request.user, **form.cleaned_data)
        except (Refusal, sealing.CannotSeal, NotValid) as why:
            form.add_error(None, str(why))
        else:
            text = _("Line %(line)s is changed; approvals of payment %(n)s start again.")
            to = reverse("approval_one", args=[number])
            return htmx.done(request, toast=text % {"line": line_no, "n": number}, to=to, go=True)
    context = {
        "payment": payment,
        "line": line,
        "form": form,
        "action": reverse("approval_amend", args=[number, line_no]),
    }
    status = 422 if request.method == "POST" else 200
    return htmx.render_dialog(request, "payments/draft_line.html", context, status=status)
