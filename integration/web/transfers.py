"""What a person does with a file that is on its way: ask about it, cancel or approve it at AutoPay central."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from autopay_console.kernel import htmx
from companies import stopping
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from integration import sending
from integration.gateway.errors import GatewayError
from integration.web.sending import ReasonForm
from payments.choices import TransferState
from payments.models import Transfer


class CancelForm(ReasonForm):
    """Why a file is cancelled."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].help_text = _("Stands with the payment and its lines for ever.")


@require_POST
@company_view(*stopping.ROLES)
def ask(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Ask the bank side now whether it has the file."""
    transfer = _mine(request, company, pk)
    state = sending.ask_status(transfer.pk, by=request.user)
    if state is None:
        return _said(request, _("It is being asked about already, or its state is known by now."), good=False)
    return _said(request, _("The file is %(state)s.") % {"state": TransferState(state).label}, good=True)


@require_http_methods(["GET", "POST"])
@company_view(*stopping.ROLES)
def cancel(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Cancel a file AutoPay central has not sent on; its lines become 7 and their invoices are free again."""
    return cancelling(request, _mine(request, company, pk), partial(_said, request))


def cancelling(request: ConsoleRequest, transfer: Transfer, said: Callable[..., HttpResponse]) -> HttpResponse:
    """The dialog of a cancel; `said(text, good=…)` answers where it was opened from."""
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = sending.cancel_at_central(transfer.pk, by=request.user, reason=form.cleaned_data["why"])
        except (sending.NotPossible, GatewayError) as error:
            return said(_why(error), good=False)
        if not done:
            return said(_("AutoPay central has sent it to the bank already."), good=False)
        return said(_("Cancelled at AutoPay central."), good=True)
    context = {
        "form": form,
        "title": _("Cancel file %(file)s at AutoPay central") % {"file": transfer.msg_id},
        "text": ngettext(
            "%(many)s transaction is cancelled; its invoices can be paid again.",
            "%(many)s transactions are cancelled; their invoices can be paid again.",
            transfer.item_count,
        )
        % {"many": transfer.item_count},
        "verb": _("Cancel at central"),
        "danger": True,
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@company_view(Role.APPROVER)
def approve(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Let a file that AutoPay central holds back go on to the bank; never one's own upload."""
    transfer = _mine(request, company, pk)
    if transfer.payment.uploaded_by_id == request.user.pk:
        return _said(request, _("Another approver must do this: you uploaded the payment yourself."), good=False)
    if request.method == "POST":
        try:
            sending.approve_at_central(transfer.pk, by=request.user)
        except (sending.NotPossible, GatewayError) as error:
            return _said(request, _why(error), good=False)
        return _said(request, _("Approved at AutoPay central; its status report follows."), good=True)
    context = {
        "title": _("Approve file %(file)s at AutoPay central") % {"file": transfer.msg_id},
        "text": _("%(many)s transactions go on to the bank.") % {"many": transfer.item_count},
        "verb": _("Approve at central"),
        "action": request.path,
    }
    return htmx.render_dialog(request, "components/confirm.html", context)


def _mine(request: ConsoleRequest, company: Company, pk: int) -> Transfer:
    transfer = get_object_or_404(Transfer.objects.select_related("payment"), pk=pk, company=company)
    if transfer.payment.salary and not request.rights.payroll:
        raise PermissionDenied
    return transfer


def _why(error: sending.NotPossible | GatewayError) -> str:
    return error.text if isinstance(error, GatewayError) else str(error)


def _said(request: ConsoleRequest, text: str, *, good: bool) -> HttpResponse:
    return htmx.done(request, toast=text, tone="good" if good else "bad", to="sending", go=True)
