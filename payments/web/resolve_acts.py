"""What a person decides about a parked payment: match and go on, note, hand over, pay back, repeat or not, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import push_url, trigger_client_event

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.kernel.numbers import as_number
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company, Person, Supplier
from payments.clearing import refunding, resolving, resolving_choices, resolving_undo
from payments.lists import parked
from payments.models import IncomingPayment
from payments.preparing.refusals import Refusal
from payments.web import split
from payments.web.posted import posted
from payments.web.resolve import LAST, address, bench


class NoteForm(ConsoleForm):
    """A note for whoever looks next."""

    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, widget=forms.Textarea({"rows": 3}))


class HandOverForm(ConsoleForm):
    """Who should look at it."""

    colleague = forms.ModelChoiceField(label=gettext_lazy("Colleague"), queryset=Person.objects.none())
    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)


class RefundForm(ConsoleForm):
    """To whom the money goes back: a supplier, so that two people have looked at the account."""

    payee = forms.ModelChoiceField(label=gettext_lazy("Paid back to"), queryset=Supplier.objects.none())


@require_POST
@company_view(Role.ACCOUNTANT)
def match(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """Match the split, put the rest where it was said, and go on with the next payment."""
    payment, wish = _payment(company, payment_id), parked.read_wish(request.GET)
    following = parked.around(company, request.user, wish, payment).next
    draft = split.check(split.from_values(company, payment, request.POST))
    if not draft.valid:
        return bench(request, company, payment, wish, draft, status=422)
    try:
        resolving_choices.decide(payment, request.user, draft.choice(), version=_version(request))
    except Refusal as refusal:
        draft.errors.append(str(refusal))
        return bench(request, company, _payment(company, payment_id), wish, draft, status=422)
    request.session[LAST] = str(payment_id)
    name = payment.payer_name or _("the payment")
    return _go_on(request, company, following, wish, _("%(name)s is matched") % {"name": name})


@require_POST
@company_view(Role.ACCOUNTANT)
def undo_last(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Take back what this person decided last, and show that payment again."""
    wish, last = parked.read_wish(request.GET), request.session.get(LAST)
    if not last:
        return _go_on(request, company, parked.first(company, request.user, wish), wish, _("There is nothing to undo"))
    payment = _payment(company, UUID(last))
    try:
        resolving_undo.undo(payment, request.user, version=payment.version)
        said, tone = _("Undone: %(name)s is parked again") % {"name": payment.payer_name or "–"}, "good"
        request.session.pop(LAST, None)
    except Refusal as refusal:
        said, tone = str(refusal), "bad"
    return _go_on(request, company, payment, wish, said, tone)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def undo(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """Take back the latest decision about a payment: the voucher is reversed, the invoices are open again."""
    payment = _payment(company, payment_id)
    form = ConsoleForm(request.POST or None)
    context: dict[str, Any] = {
        "title": _("Undo the match of %(name)s") % {"name": payment.payer_name or _("this payment")},
        "text": _("A posted voucher is reversed by a new one, the invoices are open again, the payment is parked."),
        "verb": _("Undo 1 payment"),
        "danger": True,
        "form": form,
        "action": request.path,
        "version": payment.version,
    }
    if request.method == "POST" and form.is_valid():
        try:
            resolving_undo.undo(payment, request.user, version=_version(request))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            context["version"] = _payment(company, payment_id).version
        else:
            return htmx.done(request, toast=_("Undone"), to=reverse("resolve", args=[payment_id]), go=True)
    return _dialog(request, context, form)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def park(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """Leave it parked with a note; no rule touches it any more."""
    payment = _payment(company, payment_id)
    form = NoteForm(request.POST or None, initial={"note": payment.note})
    title = _("Leave %(name)s parked with a note") % {"name": payment.payer_name or _("this payment")}
    text = _("The note stays with the payment. Rules leave it alone from now on.")
    context = {"title": title, "text": text, "verb": _("Keep the note")}

    def act() -> None:
        resolving.park(payment, request.user, form.cleaned_data["note"], version=_version(request))

    return _ask(request, company, payment, form, context, act, _("The note is kept"))


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def hand_over(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """Ask a colleague to look at it."""
    payment = _payment(company, payment_id)
    form = HandOverForm(request.POST or None)
    colleague: Any = form.fields["colleague"]
    colleague.queryset = parked.colleagues(company, request.user)
    colleague.label_from_instance = lambda person: person.shown
    title = _("Hand %(name)s over") % {"name": payment.payer_name or _("this payment")}
    text = _("It leaves your queue and waits in your colleague's.")
    context = {"title": title, "text": text, "verb": _("Hand over 1 payment")}

    def act() -> None:
        facts = form.cleaned_data
        resolving.hand_over(payment, request.user, facts["colleague"], version=_version(request), note=facts["note"])

    return _ask(request, company, payment, form, context, act, _("Handed over"))


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def refund(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """Pay back what is left: it becomes a debt to a payee, which the next payment suggestion takes."""
    payment = _payment(company, payment_id)
    known = resolving_undo.payees_for(payment)
    if not known and payment.payer_account and payment.payer_name:
        return _refund_to_payer(request, company, payment)
    form = RefundForm(request.POST or None)
    payee: Any = form.fields["payee"]
    payee.queryset = Supplier.objects.filter(company=company, blocked=False).order_by("name", "id")
    payee.widget = forms.Select(choices=[("", "–"), *((one.pk, f"{one.number} {one.name}") for one in known)])
    payee.empty_label = None
    context = {
        "payment": payment,
        "known": known,
        "title": _("Pay back"),
        "verb": _("Pay back 1 payment"),
        "template": "payments/incoming/refund.html",
    }

    def act() -> None:
        resolving_undo.refund(payment, request.user, form.cleaned_data["payee"], version=_version(request))

    return _ask(request, company, payment, form, context, act, _("It is owed now and is paid with the next suggestion"))


def _refund_to_payer(request: ConsoleRequest, company: Company, payment: IncomingPayment) -> HttpResponse:
    """Nobody has this account yet: the payer becomes a supplier, and a second person looks at the account."""
    form = ConsoleForm(posted(request))
    context = {"payment": payment, "payer": payment.payer_name, "verb": _("Register and pay back 1 payment")}
    context["template"] = "payments/incoming/refund.html"

    def act() -> None:
        refunding.pay_back_to_payer(payment, request.user, version=_version(request))

    said = _("It is owed now; a second person looks at the account before it is paid")
    return _ask(request, company, payment, form, context, act, said)


@require_POST
@company_view(Role.ACCOUNTANT)
def repeat(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """Say whether a payment the bank may have told twice is money of its own."""
    payment, wish = _payment(company, payment_id), parked.read_wish(request.GET)
    following = parked.around(company, request.user, wish, payment).next
    try:
        if request.POST.get("is") == "repeat":
            resolving.mark_repeat(payment, request.user, version=_version(request))
            said = _("Marked as told twice; it is never booked")
        else:
            resolving.not_a_repeat(payment, request.user, version=_version(request))
            said = _("Money of its own; the rules looked at it")
    except Refusal as refusal:
        return _go_on(request, company, payment, wish, str(refusal), "bad")
    request.session[LAST] = str(payment_id)
    return _go_on(request, company, following, wish, said)


def _ask(
    request: ConsoleRequest,
    company: Company,
    payment: IncomingPayment,
    form: ConsoleForm,
    context: dict[str, Any],
    act: Any,
    toast: str,
) -> HttpResponse:
    """A dialog about one payment; afterwards the queue goes on with the next one."""
    wish = parked.read_wish({})
    following = parked.around(company, request.user, wish, payment).next if request.method == "POST" else None
    context |= {"form": form, "action": request.path, "version": payment.version}
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            context["version"] = _payment(company, payment.pk).version
        else:
            request.session[LAST] = ""
            to = address(following.pk, wish) if following else reverse("incoming")
            return htmx.done(request, toast=toast, to=to, go=True)
    return _dialog(request, context, form)


def _dialog(request: ConsoleRequest, context: dict[str, Any], form: ConsoleForm) -> HttpResponse:
    template = context.get("template", "payments/incoming/ask.html")
    return htmx.render_dialog(request, template, context, status=422 if form.errors else 200)


def _go_on(
    request: ConsoleRequest,
    company: Company,
    following: IncomingPayment | None,
    wish: parked.Wish,
    said: str,
    tone: str = "good",
) -> HttpResponse:
    """The next payment in place of this one, with what happened said aloud."""
    found = following or parked.first(company, request.user, wish)
    to = address(found.pk, wish) if found else reverse("incoming")
    if not getattr(request, "htmx", False):
        return htmx.done(request, toast=said, tone=tone, to=to, go=True) if said else redirect(to)
    payment = _payment(company, found.pk) if found else None
    response = bench(request, company, payment, wish, said=said)
    trigger_client_event(response, "toast", {"text": said, "tone": tone, "undo": ""})
    return push_url(response, to)


def _payment(company: Company, payment_id: UUID) -> IncomingPayment:
    found = parked.by_id(company, payment_id)
    if found is None:
        raise Http404
    return found


def _version(request: ConsoleRequest) -> int:
    """The version the person saw; anything else fits no payment."""
    return as_number(request.POST.get("version", ""), -1)
