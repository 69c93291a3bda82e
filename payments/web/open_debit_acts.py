"""More decisions about a debit nobody here made: a payment of ours, the bank's fee, a colleague who knows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from autopay_console.kernel.forms import ConsoleForm
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from payments.clearing import settling_debits
from payments.lists import parked
from payments.models import TransferItem
from payments.preparing.refusals import Refusal
from payments.web.open_debits import ask, one_debit
from payments.web.resolve_acts import HandOverForm


class ItemForm(ConsoleForm):
    """The transaction of ours that this debit paid; proposals stand above."""

    payment_no = forms.IntegerField(label=gettext_lazy("Payment no."), required=False, min_value=1)
    position = forms.IntegerField(
        label=gettext_lazy("Transaction"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("its place in the payment's file, when it has several"),
    )
    rest_is_fee = forms.BooleanField(
        label=gettext_lazy("What the debit took more is the bank's fee"),
        required=False,
    )


class NothingForm(ConsoleForm):
    """Nothing to fill in."""


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def settle_debit(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """It is a payment of ours that the bank executed under its own reference."""
    debit = one_debit(company, pk)
    form = ItemForm(request.POST or None)
    proposed = settling_debits.proposed_items(debit, payroll=request.rights.payroll)

    def act(version: int) -> None:
        item = _chosen(request, company, form.cleaned_data)
        rest_is_fee = form.cleaned_data["rest_is_fee"]
        settling_debits.settle_item(debit, request.user, item, version=version, rest_is_fee=rest_is_fee)

    return ask(
        request, company, debit, form, _("It is a payment of ours"), _("Settle with 1 debit"), act, proposed=proposed
    )


def _chosen(request: ConsoleRequest, company: Company, facts: dict[str, Any]) -> TransferItem:
    payroll = request.rights.payroll
    if facts.get("payment_no"):
        found = settling_debits.items_named(company, facts["payment_no"], facts.get("position"), payroll=payroll)
    else:
        chosen = _uuid(request.POST.get("item", ""))
        rows = settling_debits.items_of(company, payroll=payroll).select_related("payment")
        found = list(rows.filter(pk=chosen)) if chosen else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refusal(_("Choose a transaction that is on its way, or write its payment number."))
    raise Refusal(_("The payment has several transactions on their way: write which one."))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def fee_debit(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """The bank's own charge."""
    debit = one_debit(company, pk)
    form = NothingForm(request.POST or None)

    def act(version: int) -> None:
        settling_debits.post_fee(debit, request.user, version=version)

    return ask(request, company, debit, form, _("Mark as fee"), _("Post 1 fee"), act)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def hand_debit(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """A colleague knows what it was."""
    debit = one_debit(company, pk)
    form = HandOverForm(request.POST or None)
    colleague: Any = form.fields["colleague"]
    colleague.queryset = parked.colleagues(company, request.user)
    colleague.label_from_instance = lambda person: person.shown

    def act(version: int) -> None:
        facts = form.cleaned_data
        settling_debits.hand_over(debit, request.user, facts["colleague"], facts["note"], version=version)

    return ask(request, company, debit, form, _("Hand over"), _("Hand over 1 debit"), act)
