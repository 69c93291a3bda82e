"""More ways to decide about a debit nobody here made: it settled a payment of ours, it was a fee, a colleague knows.

A debit that names none of our ids may still be a payment of ours that the bank executed under its own reference; a
person who says so settles that transaction with this booking, and it is booked like any other settlement.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from companies.models import Company, Person
from payments.choices import ON_THE_WAY
from payments.clearing import resolving_debits
from payments.clearing.resolving import DoesNotFit, MovedOn
from payments.iso20022.currencies import decimals_of
from payments.models import Batch, OpenDebit, TransferItem
from payments.receiving.posting_incoming import IncomingBooks
from payments.settling import settlement
from payments.settling.settlement_facts import SettledFact


def items_of(company: Company, *, payroll: bool) -> QuerySet[TransferItem]:
    """The company's transactions; salaries only for payroll."""
    rows = TransferItem.objects.filter(company=company)
    return rows if payroll else rows.filter(payment__salary=False, supplier__is_payroll=False)


def proposed_items(debit: OpenDebit, *, payroll: bool) -> list[TransferItem]:
    """Transactions on their way with the same payee account and amount within five bank days."""
    found = settlement.propose(
        debit.company, debit.counterparty_account, debit.amount, debit.currency_code, debit.value_date
    )
    rows = items_of(debit.company, payroll=payroll)
    return list(_on_the_way(rows.filter(pk__in=[item.pk for item in found[:20]])))


def items_named(company: Company, number: int, position: int | None, *, payroll: bool) -> list[TransferItem]:
    """The transactions on their way of a payment, or the one at this place of its file."""
    rows = items_of(company, payroll=payroll).filter(payment__number=number, transfer__round=F("payment__round"))
    return list(_on_the_way(rows if position is None else rows.filter(position=position))[:5])


def _on_the_way(rows: QuerySet[TransferItem]) -> QuerySet[TransferItem]:
    live = rows.filter(lines__status__in=ON_THE_WAY).distinct()
    return live.select_related("payment", "supplier").order_by("payment__number", "position")


def settle_item(debit: OpenDebit, by: Person, item: TransferItem, *, version: int, rest_is_fee: bool = False) -> None:
    """The debit paid this transaction of ours. What it took more is the bank's fee, if the person says so
    (`rest_is_fee`); less is a part payment.

    Raises MovedOn when somebody decided meanwhile, DoesNotFit when the transaction cannot be settled by it.
    """
    if item.company_id != debit.company_id:
        raise DoesNotFit(_("Choose a transaction of this company."))
    same = item.currency_id == debit.currency_code
    amount = min(item.amount, debit.amount) if same else item.amount
    fee = max(debit.amount - item.amount, Decimal(0)) if same else Decimal(0)
    if fee and not rest_is_fee:
        text = _("The debit is %(more)s more than the transaction. Say that this is the bank's fee, or choose another.")
        more = amounts.shown(fee, decimals_of(debit.currency_code))
        raise DoesNotFit(text % {"more": f"{more} {debit.currency_code}"})
    words = {"payment": item.payment.number, "payee": item.payee_name}
    with transaction.atomic():
        resolving_debits.take(debit, by, version, _("settled %(payee)s of payment %(payment)s") % words)
        told = SettledFact(
            item_id=item.pk,
            amount=amount,
            account_amount=debit.amount - fee,
            account_currency=debit.currency_code,
            value_date=debit.value_date,
            booking_date=debit.entry.booking_date,
            source=_("open debit, by hand"),
            fee=fee,
            bank_reference=debit.entry.bank_reference,
            bank_entry_id=debit.entry_id,
            reason=_("Linked to the debit by %(who)s.") % {"who": by.shown},
            by_id=by.pk,
        )
        outcome = settlement.settle([told])
        if not outcome.new:
            text = outcome.puzzles[0].text if outcome.puzzles else _("This transaction was settled before.")
            raise DoesNotFit(text)


def post_fee(debit: OpenDebit, by: Person, *, version: int) -> Batch | None:
    """The bank's own charge: booked on the fee account of its account, else of the company."""
    account = IncomingBooks.of(debit.company).fee(debit.entry.account)
    if not account:
        raise DoesNotFit(_("There is no ledger account for fees. Enter one on the bank partner or the company."))
    return resolving_debits.post_to_account(debit, by, account, debit.text or _("Bank fee"), version=version)


def hand_over(debit: OpenDebit, by: Person, colleague: Person, note: str = "", *, version: int) -> None:
    """Ask a colleague to look at it; the list shows whose it is."""
    values: dict[str, object] = {"assigned_to": colleague, "version": F("version") + 1}
    if note.strip():
        values["note"] = f"{by.shown}: {note.strip()}"[:500]
    if not OpenDebit.objects.filter(pk=debit.pk, version=version, done_at__isnull=True).update(**values):
        raise MovedOn(_("Somebody else changed this debit meanwhile. Look at it again."))
