"""Upload: warnings are taken on by name, then the lines become sealed files that wait for approval; and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from companies.access import ConsoleRequest, company_view
from companies.calendars import after_cut_off
from companies.choices import Role, TwoFactorLevel
from companies.clock import business_now
from companies.models import Company, Person
from payments.choices import RoundState, Severity, TransferState
from payments.lists import queries_payment
from payments.models import Payment
from payments.preparing import sealing
from payments.preparing.mandates import room
from payments.releasing import upload_jobs, uploading
from payments.releasing.asking import named
from payments.validation import Finding, findings
from payments.web import second_factor
from payments.web.payment import find, hidden
from payments.web.posted import posted

PAYERS = (Role.ACCOUNTANT, Role.PAYROLL)
FINAL = {TransferState.ACCEPTED, TransferState.REFUSED, TransferState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Warned:
    """Warnings of one kind, accepted together."""

    code: str
    texts: list[str]
    more: int


class UploadForm(ConsoleForm):
    """The kinds of warnings somebody takes upon themselves, and the second factor where it is asked."""

    accepted = forms.MultipleChoiceField(label=gettext_lazy("Warnings"), required=False)

    def __init__(self, warned: list[Warned], proves: Person | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.warned = warned
        self.fields["accepted"] = forms.MultipleChoiceField(required=False, choices=[(w.code, w.code) for w in warned])
        if proves:
            self.fields["code"] = second_factor.CodeField(proves)

    def clean_accepted(self) -> frozenset[str]:
        return frozenset(self.cleaned_data["accepted"])


@require_http_methods(["GET", "POST"])
@company_view(*PAYERS)
def upload(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """The confirm dialog: count, sums and account again, each kind of warning with a tick."""
    payment = find(request, company, number)
    if hidden(request, payment):
        raise PermissionDenied
    if request.method == "GET" and payment.round_state != RoundState.DRAFT:
        return redirect("uploaded", number)
    large = upload_jobs.is_large(payment)
    found = findings(payment) if payment.round_state == RoundState.DRAFT and not (large and request.POST) else []
    asks_code = payment.agreement.two_factor >= TwoFactorLevel.UPLOAD_AND_APPROVAL
    warned = [Warned(code, [], 0) for code in request.POST.getlist("accepted")[:200]] if large else []
    form = UploadForm(_warned(found) or warned, request.user if asks_code else None, posted(request))
    if request.method == "POST" and form.is_valid() and _uploaded(request, payment, form, asks_code):
        return htmx.done(request, to=reverse("uploaded", args=[number]), go=True)
    context = {
        "payment": payment,
        "totals": list(payment.totals.order_by("-lines", "currency_id")),
        "form": form,
        "stopping": [one for one in found if one.stops][:10],
        "until": _until(company, payment),
        "action": reverse("upload", args=[number]),
    }
    status = 422 if request.method == "POST" else 200
    return htmx.render_dialog(request, "payments/upload.html", context, status=status)


def _until(company: Company, payment: Payment) -> time | None:
    """When it must be approved to leave today; None when it has more time, or none left."""
    now, cutoff = business_now(company), payment.agreement.cutoff
    if cutoff is None or payment.first_date != now.date() or after_cut_off(now, cutoff, company.time_zone):
        return None
    return cutoff


def _uploaded(request: ConsoleRequest, payment: Payment, form: UploadForm, asks_code: bool) -> bool:
    try:
        if asks_code:
            second_factor.check(request.user, form.cleaned_data["code"])
        accepted = form.cleaned_data["accepted"]
        if upload_jobs.is_large(payment):
            upload_jobs.start(payment, request.user, accepted, second_factor=asks_code)
        else:
            uploading.upload(payment, request.user, accepted, second_factor=asks_code)
    except ValidationError as error:
        form.add_error("code", error)
    except uploading.Stopped as error:
        for one in error.findings[:10]:
            form.add_error(None, one.text)
    except (
        uploading.NotAccepted,
        uploading.AlreadyUploaded,
        uploading.SecondFactorNeeded,
        sealing.CannotSeal,
        uploading.NotValid,
    ) as error:
        form.add_error(None, str(error))
    return form.is_valid()


def _warned(found: list[Finding]) -> list[Warned]:
    kinds: dict[str, list[str]] = {}
    for one in found:
        if one.severity == Severity.WARN:
            kinds.setdefault(one.code, []).append(one.text)
    return [Warned(code, texts[:5], max(len(texts) - 5, 0)) for code, texts in kinds.items()]


@require_GET
@company_view()
def uploaded(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """The upload answer: payment number, counts, sums per currency, files; asks again until the bank side has them."""
    payment = find(request, company, number)
    if payment.round_state == RoundState.DRAFT:
        return redirect("draft", number)
    at_work = upload_jobs.progress(payment) if not payment.needed else None
    if at_work is not None:
        so_far = {"payment": payment, "progress": at_work, "may_stop": request.rights.has(*PAYERS)}
        return htmx.render_page(request, "payments/uploading.html", so_far, part="answer")
    transfers = [one for one in queries_payment.transfers(payment) if one.round == payment.round]
    over = bool(transfers) and {one.state for one in transfers} <= FINAL
    context: dict[str, Any] = {
        "payment": payment,
        "answer": uploading.answer(payment),
        "transfers": transfers,
        "over": over,
        "hidden": hidden(request, payment),
        "can_approve": _can_approve(company, payment),
    }
    response = htmx.render_page(request, "payments/uploaded.html", context, part="answer")
    return htmx.poll_over(response) if over and htmx.target_of(request) == "answer" else response


def _can_approve(company: Company, payment: Payment) -> str:
    """Who can still sign: the people who must act now."""
    if payment.round_state != RoundState.WAITING:
        return ""
    return ", ".join(named(one.person, one.for_whom) for one in room(company, [payment]).can_still(payment))


@require_POST
@company_view(*PAYERS)
def stop(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Stop a large upload that is not sealed yet."""
    payment = find(request, company, number)
    if hidden(request, payment):
        raise PermissionDenied
    if upload_jobs.stop(payment, request.user):
        text, tone = _("The upload is stopped; the payment is an estimate again."), "good"
    else:
        text, tone = _("It is too late to stop: the payment is sealed. Cancel it in Approval."), "warn"
    return htmx.done(request, toast=text, tone=tone, to=reverse("uploaded", args=[number]), go=True)
