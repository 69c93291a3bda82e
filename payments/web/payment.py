"""One payment: how far it is, its lines, what was sent, who signed, what happened ("Show events")."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.kernel.listing import Listing, Tab, list_rows
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, company_view
from companies.models import Company
from payments import desk, files
from payments.choices import LineStatus, RoundState
from payments.lists import queries, queries_payment
from payments.models import Payment, PaymentEvent, PaymentNote, Transfer
from payments.releasing import payee_checks
from payments.web import life
from payments.web.possible import possible
from payments.web.steps import steps

LINE_FIELDS = (
    Field("status", "choice", "status", gettext_lazy("Status"), LineStatus.choices),
    Field("receiver", "text", "supplier__name", gettext_lazy("Receiver"), example="receiver:nordlys"),
    Field("amount", "amount", "amount", gettext_lazy("Amount"), example="amount>10000"),
    Field("currency", "exact", "currency_id", gettext_lazy("Currency"), example="currency:EUR"),
    Field("account", "exact", "account", gettext_lazy("Account")),
    Field("kid", "exact", "kid", gettext_lazy("KID")),
    Field("invoice", "exact", "entry__invoice_no", gettext_lazy("Invoice"), example="invoice:10233"),
    Field("reason", "exact", "reason_code", gettext_lazy("Reason"), example="reason:AC04"),
    Field("date", "day", "pay_date", gettext_lazy("Payment date"), example="date:2026-12-01"),
)
SORTS = {"line": "line_no", "receiver": "supplier__name", "amount": "amount", "status": "status", "date": "pay_date"}
UNDER_WAY = (LineStatus.AT_EFT, LineStatus.TRANSFERRED, LineStatus.ACKNOWLEDGED, LineStatus.SETTLED)
TABS = (
    ("lines", gettext_lazy("Lines")),
    ("transactions", gettext_lazy("Transactions")),
    ("sent", gettext_lazy("Files and approvals")),
    ("events", gettext_lazy("Events")),
    ("notes", gettext_lazy("Notes")),
)


def find(request: ConsoleRequest, company: Company, number: int) -> Payment:
    """The payment with this number in the company in force; 404 otherwise."""
    payment = queries.payment(company, number)
    if payment is None:
        raise Http404
    return payment


def hidden(request: ConsoleRequest, payment: Payment) -> bool:
    """Whether this person sees only count and total: a salary payment without the payroll role."""
    return payment.salary and not request.rights.payroll


@require_GET
@company_view()
def payment(request: ConsoleRequest, company: Company, number: int) -> HttpResponseBase:
    """The page of a payment; one that is still an estimate has its own."""
    shown = queries.with_neighbours(company, number, names_differ=payee_checks.held_of(OuterRef("pk")))
    if shown is None:
        raise Http404
    if shown.round_state == RoundState.DRAFT:
        return redirect("draft", number)
    tab = request.GET.get("tab", "lines")
    stand = queries_payment.stand(shown)
    seen, again = _seen(shown, stand), htmx.target_of(request) == "now"
    if again and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    files_sent = queries_payment.transfers(shown)
    context: dict[str, Any] = {
        "seen": seen,
        "over": not stand.many(*UNDER_WAY),
        "payment": shown,
        "totals": list(shown.totals.order_by("-lines", "currency_id")),
        "steps": steps(shown, stand, files_sent),
        "hidden": hidden(request, shown),
        "tab": tab,
        "tabs": [_tab(shown, name, label, tab) for name, label in TABS],
        "exceptions": queries_payment.exceptions(shown),
        "transfers": files_sent,
    }
    context["acts"] = possible(request, shown, set(stand.lines), context["hidden"])
    if again:
        return _moved_on(request, context)
    context |= _tab_context(request, shown, tab)
    return htmx.render_page(request, "payments/payment.html", context, part="listing")


def _seen(shown: Payment, stand: queries_payment.Stand) -> str:
    """What the page shows of the payment's way, in short: the page asks for more only when it differs."""
    lines = ".".join(f"{status}x{many}" for status, many in sorted(stand.lines.items()))
    return f"{shown.word}-{shown.round}-{shown.round_state}-{shown.given}-{lines}"


def _moved_on(request: ConsoleRequest, context: dict[str, Any]) -> HttpResponse:
    """Something happened since the page was shown: its head and steps change in place, and its list is asked for."""
    response = htmx.render_page(request, "payments/payment.html", context, part="now")
    response = htmx.poll_over(response) if context["over"] else response
    return trigger_client_event(response, "refresh-listing")


def _tab(shown: Payment, name: str, label: Any, current: str) -> Tab:
    here = reverse("payment", args=[shown.number])
    count = {"lines": shown.line_count, "transactions": shown.item_count}.get(name)
    return Tab(label, f"{here}?tab={name}" if name != "lines" else here, count, name == current)


def _tab_context(request: ConsoleRequest, shown: Payment, tab: str) -> dict[str, Any]:
    if tab == "events":
        events = PaymentEvent.objects.filter(payment=shown).select_related("person").order_by("-id")
        return {"events": [_told(one) for one in events[:200]]}
    if tab == "notes":
        notes = PaymentNote.objects.filter(payment=shown).select_related("person").order_by("-id")
        return {"notes": list(notes[:200]), "form": NoteForm()}
    if tab == "sent":
        return {
            "approvals": queries_payment.approvals(shown),
            "accepted": list(shown.accepted_findings.select_related("person", "line").order_by("at")[:200]),
        }
    if hidden(request, shown):
        return {}
    if tab == "transactions":
        rows = queries_payment.items(shown)
        return {"listing": list_rows(request, rows, sorts={"position": "position"}, default="position")}
    return _lines(request, shown)


def _lines(request: ConsoleRequest, shown: Payment) -> dict[str, Any]:
    search = understand(request, LINE_FIELDS)
    rows = queries_payment.lines(shown)
    listing: Listing = list_rows(request, rows, sorts=SORTS, default="line", search=search)
    lost = [line.pk for line in listing.rows if line.status == LineStatus.REJECTED]
    returned = queries_payment.returned_lines(lost) if lost else set()
    booked = [line for line in listing.rows if line.status == LineStatus.POSTED or line.pk in returned]
    vouchers = queries_payment.vouchers_of(booked, shown) if booked else {}
    for line in listing.rows:
        line.returned = line.pk in returned
        line.refusal = life.refusal(line, returned=line.returned)
        line.vouchers = vouchers.get(line.entry_id, []) if line in booked else []
    return {"listing": listing}


def _told(one: PaymentEvent) -> life.Event:
    bad = one.kind in ("refused", "cancelled", "unknown", "rejected")
    return life.Event(one.person.shown if one.person else _("The system"), one.text, one.at, "bad" if bad else "good")


@require_GET
@company_view()
def line_life(request: ConsoleRequest, company: Company, number: int, line_no: int) -> HttpResponse:
    """The whole way of one line, beside the list or as a page of its own."""
    shown = find(request, company, number)
    if hidden(request, shown):
        raise PermissionDenied
    line = queries_payment.line(shown, line_no)
    if line is None:
        raise Http404
    facts = queries_payment.facts(line)
    before, after = queries_payment.neighbours(line)
    context = {
        "payment": shown,
        "line": line,
        "events": life.life(shown, line, facts),
        "settled": line.status in (LineStatus.SETTLED, LineStatus.POSTED),
        "refusal": life.refusal(line, returned=queries_payment.was_returned(facts)),
        "previous": _line_url(shown, before),
        "next": _line_url(shown, after),
        "close_url": reverse("payment", args=[number]),
    }
    template = "payments/_line_drawer.html" if htmx.target_of(request) == "drawer" else "payments/line.html"
    return htmx.render_page(request, template, context)


def _line_url(shown: Payment, number: int | None) -> str:
    return reverse("payment_line", args=[shown.number, number]) if number else ""


@require_GET
@company_view()
def sent_file(request: ConsoleRequest, company: Company, number: int, pk: int) -> HttpResponseBase:
    """The sealed bytes, as they were or will be sent."""
    shown = find(request, company, number)
    if hidden(request, shown):
        raise PermissionDenied
    transfer = get_object_or_404(Transfer, company=company, payment=shown, pk=pk)
    try:
        content = files.open_stored(transfer.path)
    except files.FileGone as error:
        raise Http404(_("The file is no longer in the data area.")) from error
    return FileResponse(content, as_attachment=True, filename=f"{transfer.msg_id}.xml", content_type="application/xml")


class NoteForm(ConsoleForm):
    """A remark for colleagues."""

    text = forms.CharField(label=gettext_lazy("Note"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


@require_http_methods(["POST"])
@company_view()
def add_note(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Leave a remark on the payment."""
    shown = find(request, company, number)
    form = NoteForm(request.POST)
    to = f"{reverse('payment', args=[number])}?tab=notes"
    if not form.is_valid():
        return htmx.done(request, toast=_("Write something first, at most 500 characters."), tone="bad", to=to, go=True)
    desk.leave_note(shown, request.user, form.cleaned_data["text"])
    return htmx.done(request, toast=_("The note is kept."), to=to, go=True)
