"""Payments at 1 Estimate: the list of them, and the lines of one with what the preflight says of each."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import amounts, htmx
from autopay_console.kernel.forms import AccountField, AmountField, ConsoleForm, DayField
from autopay_console.kernel.listing import Tab, list_rows
from autopay_console.kernel.numbers import as_keys
from autopay_console.kernel.search import understand
from autopay_console.kernel.sets import chunks
from companies.access import ConsoleRequest, company_view
from companies.choices import FeeCode, JobState, Role
from companies.models import Company
from payments.choices import RoundState, Severity
from payments.lists import queries, queries_payment
from payments.models import Payment, PaymentLine
from payments.releasing import upload_jobs
from payments.reservation import NotFree
from payments.suggesting import estimates
from payments.validation import Finding, findings
from payments.web.payment import LINE_FIELDS, SORTS, find, hidden
from payments.web.posted import posted
from payments.web.remedies import shown

PAYERS = (Role.ACCOUNTANT, Role.PAYROLL)
LIST_SORTS = {"payment": "number", "created": "created_at", "lines": "line_count", "leaves": "transfer_date"}


@require_GET
@company_view()
def payments(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Payments that are not uploaded yet."""
    rows = queries.payments(company).filter(round_state=RoundState.DRAFT)
    search = understand(request, queries.FIELDS)
    rows = queries.narrowed(rows, search, company, payroll=request.rights.payroll)
    listing = list_rows(request, rows, sorts=LIST_SORTS, default="-payment")
    listing.search = search
    return htmx.render_page(request, "payments/drafts.html", {"listing": listing}, part="listing")


def _draft(request: ConsoleRequest, company: Company, number: int) -> Payment:
    """A draft somebody may change: a salary payment only with the payroll role."""
    found = find(request, company, number)
    if hidden(request, found):
        raise PermissionDenied
    return found


@require_GET
@company_view()
def draft(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """The lines of an estimate with findings; one that was uploaded meanwhile shows its own page."""
    payment = find(request, company, number)
    if payment.round_state != RoundState.DRAFT:
        return redirect("payment", number)
    context: dict[str, Any] = {"payment": payment, "totals": list(payment.totals.order_by("-lines", "currency_id"))}
    if hidden(request, payment):
        return htmx.render_page(request, "payments/draft_salary.html", context | {"hidden": True})
    found = findings(payment)
    worst = _worst(found)
    only = request.GET.get("only", "")
    rows = queries_payment.lines(payment).filter(_only(only, worst))
    search = understand(request, LINE_FIELDS)
    listing = list_rows(request, rows, sorts=SORTS, default="line", search=search)
    numbers = {line.pk: line.line_no for line in listing.rows}
    by_line: dict[int, list[Any]] = {}
    for one in found:
        if one.line_id in numbers:
            by_line.setdefault(one.line_id or 0, []).append(shown(one, payment, numbers[one.line_id or 0]))
    for line in listing.rows:
        line.findings, line.worst = by_line.get(line.pk, []), worst.get(line.pk, "")
    counts = Counter(worst.values())
    context |= {
        "listing": listing,
        "own_findings": [shown(one, payment, None) for one in found if one.line_id is None],
        "stopping": counts[Severity.STOP],
        "warns": counts[Severity.WARN],
        "notes": counts[Severity.NOTE],
        "clean": payment.line_count - sum(counts.values()),
        "can_upload": not any(one.stops for one in found),
        "tabs": _tabs(payment, counts, only),
        "may_change": request.rights.has(*PAYERS),
        "failed_upload": _failed_upload(payment),
    }
    return htmx.render_page(request, "payments/draft.html", context, part="listing")


def _failed_upload(payment: Payment) -> str:
    """Why the last large upload came to nothing."""
    job = upload_jobs.latest(payment) if upload_jobs.is_large(payment) else None
    return job.error if job is not None and job.state in (JobState.FAILED, JobState.STOPPED) else ""


def _worst(found: list[Finding]) -> dict[int, Severity]:
    """The heaviest finding of each line (findings come stops first)."""
    worst: dict[int, Severity] = {}
    for one in found:
        if one.line_id is not None:
            worst.setdefault(one.line_id, one.severity)
    return worst


def _only(only: str, worst: dict[int, Severity]) -> Q:
    if only not in (Severity.STOP, Severity.WARN):
        return Q()
    condition = Q(pk__in=())
    for some in chunks([pk for pk, severity in worst.items() if severity == only]):
        condition |= Q(pk__in=some)
    return condition


def _tabs(payment: Payment, counts: Counter[Severity], only: str) -> list[Tab]:
    here = reverse("draft", args=[payment.number])
    return [
        Tab(_("All"), here, payment.line_count, not only),
        Tab(_("Stops"), f"{here}?only=stop", counts[Severity.STOP], only == "stop"),
        Tab(_("Warns"), f"{here}?only=warn", counts[Severity.WARN], only == "warn"),
    ]


class LineForm(ConsoleForm):
    """What may be changed before the upload."""

    amount = AmountField(label=gettext_lazy("Amount"), help_text=gettext_lazy("less than the rest: a part payment"))
    pay_date = DayField(label=gettext_lazy("Payment date"))
    account = AccountField(
        label=gettext_lazy("Bank account"), required=False, help_text=gettext_lazy("one of the supplier's accounts")
    )
    kid = forms.CharField(
        label=gettext_lazy("KID, OCR or RF"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("its check digits are tested; the invoice keeps it too"),
    )
    fee_code = forms.TypedChoiceField(label=gettext_lazy("EFT bank fee code"), choices=FeeCode.choices, coerce=int)
    urgent = forms.BooleanField(
        label=gettext_lazy("Same day"),
        required=False,
        help_text=gettext_lazy("the bank's same-day payment; costs more"),
    )
    message = forms.CharField(label=gettext_lazy("Message"), max_length=280, required=False)

    def __init__(self, line: PaymentLine, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(line, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if not line.urgent and not estimates.may_be_urgent(line):
            del self.fields["urgent"]


@require_http_methods(["GET", "POST"])
@company_view(*PAYERS)
def edit(request: ConsoleRequest, company: Company, number: int, line_no: int) -> HttpResponse:
    """Change one line; the reservation of its entry follows."""
    payment = _draft(request, company, number)
    if request.method == "GET" and payment.round_state != RoundState.DRAFT:
        text = _("Payment %(n)s is uploaded by now: its lines are no longer changed here.") % {"n": number}
        return htmx.done(request, toast=text, tone="bad", to=reverse("payment", args=[number]), go=True)
    line = _line(payment, line_no)
    line.payment = payment
    form = LineForm(line, posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            estimates.edit_line(line, request.user, **form.cleaned_data)
        except estimates.NotAllowed as error:
            form.add_error(error.field, error.text)
        except NotFree as error:
            form.add_error("amount", _most(line, error))
        except estimates.NotAnEstimate as error:
            form.add_error(None, str(error))
        else:
            return _changed(request, number, _("Line %(n)s is changed.") % {"n": line_no})
    here = reverse("draft_line", args=[number, line_no])
    status = 422 if request.method == "POST" else 200
    context = {"payment": payment, "line": line, "form": form, "action": here}
    return htmx.render_dialog(request, "payments/draft_line.html", context, status=status)


def _most(line: PaymentLine, error: NotFree) -> str:
    """How much the line may pay at most: what it holds of its invoice and what nobody holds."""
    words = {"amount": f"{amounts.shown(line.amount + error.free)} {line.currency_id}", "no": line.entry.invoice_no}
    return _("At most %(amount)s is open of invoice %(no)s.") % words


def _line(payment: Payment, line_no: int) -> PaymentLine:
    line = queries_payment.line(payment, line_no)
    if line is None:
        raise Http404
    return line


def _changed(request: ConsoleRequest, number: int, text: str, tone: str = "good") -> HttpResponse:
    """Counts, findings and sums change together, so the whole page is asked for again, with the search one was in."""
    draft_url = reverse("draft", args=[number])
    htmx_says = getattr(request, "htmx", None)
    here = urlsplit((htmx_says.current_url if htmx_says else "") or "")
    to = f"{draft_url}?{here.query}" if here.path == draft_url and here.query else draft_url
    return htmx.done(request, toast=text, tone=tone, to=to, go=True)


@require_POST
@company_view(*PAYERS)
def take_out(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Take the ticked lines, or all that stop the upload, out of the estimate."""
    payment = _draft(request, company, number)
    if request.POST.get("stopping"):
        ids = list(_worst([one for one in findings(payment) if one.stops]))
    else:
        ticked = as_keys(request.POST.getlist("pick")[:1000])
        ids = list(PaymentLine.objects.filter(payment=payment, line_no__in=ticked).values_list("pk", flat=True))
    done = 0
    try:
        for some in chunks(ids):
            for line in queries_payment.lines(payment).filter(pk__in=some).select_related("payment", "entry"):
                estimates.take_out(line, request.user)
                done += 1
    except estimates.NotAnEstimate as error:
        return _changed(request, number, str(error), "bad")
    words = ngettext(
        "%(n)s line is out; its entry can be suggested again.",
        "%(n)s lines are out; their entries can be suggested again.",
        done,
    )
    return _changed(request, number, words % {"n": done})


@require_http_methods(["GET", "POST"])
@company_view(*PAYERS)
def give_up(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Delete the estimate; every entry can be suggested again."""
    payment = _draft(request, company, number)
    context = {
        "title": _("Give up payment %(n)s") % {"n": number},
        "text": ngettext(
            "Its %(n)s line is deleted, and the entry can be suggested again.",
            "Its %(n)s lines are deleted, and the entries can be suggested again.",
            payment.line_count,
        )
        % {"n": payment.line_count},
        "verb": _("Give up payment %(n)s") % {"n": number},
        "danger": True,
        "action": reverse("draft_delete", args=[number]),
    }
    if request.method == "POST":
        try:
            lines = estimates.delete(payment, request.user)
        except estimates.NotAnEstimate as error:
            return htmx.done(request, toast=str(error), tone="bad", to=reverse("payment", args=[number]), go=True)
        text = _("Payment %(n)s is given up; %(lines)s entries are free.") % {"n": number, "lines": lines}
        return htmx.done(request, toast=text, to="payments", go=True)
    return htmx.render_dialog(request, "components/confirm.html", context)
