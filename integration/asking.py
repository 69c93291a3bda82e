"""What people want to know or decided about files the bank side has: asked and told once more, never sent again.

A file whose delivery is in doubt is asked about by its message id. A file that arrived and stays without an answer gets
everything central has said meanwhile. Decisions about payees whose names differ go to the bank side as release or
cancellation; one that cannot be told yet is told by the sweep, a release not before sending goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from django.utils.translation import gettext as _

from companies.models import Company, Person
from integration import downloading, sending, traffic
from integration.gateway import client
from integration.gateway.errors import GatewayError
from payments.choices import PayeeAct, TransferState
from payments.models import PayeeDecision, Transfer
from payments.releasing import payee_checks
from payments.story import tell

log = structlog.get_logger(__name__)


def ask_about(transfer_ids: Iterable[int], by_id: int) -> int:
    """Ask about these files now; how many had news or were asked about. Failures are told in the payment's story."""
    by = Person.objects.filter(pk=by_id).first()
    rows = Transfer.objects.filter(pk__in=list(transfer_ids)).select_related("company", "payment")
    asked = 0
    companies: dict[Company, list[Transfer]] = {}
    for transfer in rows:
        if transfer.state == TransferState.UNKNOWN:
            asked += sending.ask_status(transfer.pk, by=by) is not None
        else:
            companies.setdefault(transfer.company, []).append(transfer)
    for company, some in companies.items():
        try:
            found = downloading.download(company, by)
            text = _("Asked: the bank side had %(new)s new messages.") % {"new": found.new}
        except GatewayError as error:
            text = _("The bank side could not be asked: %(why)s") % {"why": str(error)[:300]}
        for payment_id in {one.payment_id for one in some}:
            tell(payment_id, "asked", text, by)
        asked += len(some)
    return asked


def tell_payee_decisions(decision_ids: Iterable[int]) -> int:
    """Tell the bank side what was decided; how many decisions it took. Safe to do again."""
    rows = PayeeDecision.objects.filter(pk__in=list(decision_ids), told_at__isnull=True)
    told = 0
    for decision in rows.select_related("transfer__company__country", "asked_by", "decided_by"):
        told += _tell(decision)
    return told


def _tell(decision: PayeeDecision) -> bool:
    transfer, by = decision.transfer, decision.decided_by
    if by is None:
        return False
    try:
        if decision.act == PayeeAct.RELEASE:
            sending.not_while_stopped(transfer.company)  # the money would leave
            _not_while_undecided(transfer)
        with traffic.on_occasion(person=by, transfer=transfer), client.connect() as gateway:
            if decision.act == PayeeAct.RELEASE:
                gateway.approve(transfer.company, transfer.msg_id, by.shown)
            else:
                gateway.cancel(transfer.company, transfer.msg_id, by.shown, decision.reason)
    except (GatewayError, sending.NotPossible) as error:
        payee_checks.not_told(decision, str(error))
        log.warning("payee_decision_not_told", decision=decision.pk, error=str(error)[:200])
        return False
    return payee_checks.told(decision)


def _not_while_undecided(transfer: Transfer) -> None:
    if payee_checks.undecided(transfer):
        raise sending.NotPossible(_("The bank named more since the release was confirmed: decide about these names."))
