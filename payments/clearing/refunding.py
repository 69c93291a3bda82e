"""Pays money back to somebody who is no supplier yet: the payer becomes one, and his account waits for a second person.

The debt stands at once; a payment suggestion takes it when the account is accepted, as with every new payee.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from companies import saving
from companies.models import Customer, Person, Supplier
from payments.clearing import resolving_undo
from payments.clearing.resolving import DoesNotFit, Resolved
from payments.models import IncomingPayment, PayerAccount
from payments.receiving.importing_claim import take_turn

FIRST_NUMBER = 50_000


def pay_back_to_payer(payment: IncomingPayment, by: Person, *, version: int) -> tuple[Resolved, Supplier]:
    """Register the payer as a supplier with the account the money came from, and owe him what is left."""
    if not payment.payer_account:
        raise DoesNotFit(_("The payment names no account of the payer."))
    if not payment.payer_name:
        raise DoesNotFit(_("The payment names no payer. Register the supplier by hand."))
    with transaction.atomic():
        take_turn(payment.company)
        supplier = _new_supplier(payment, _customer_behind(payment))
        columns = ["number", "name", "country", "iban", "account", "customer"]
        saving.save(supplier, columns, by, 0)
        return resolving_undo.refund(payment, by, supplier, version=version), supplier


def _new_supplier(payment: IncomingPayment, customer: Customer | None) -> Supplier:
    company, account = payment.company, payment.payer_account
    last = Supplier.objects.filter(company=company).aggregate(last=Max("number"))["last"] or FIRST_NUMBER
    facts = {"iban": account} if account[:2].isalpha() else {"account": account}
    supplier = Supplier(
        company=company,
        number=last + 1,
        name=payment.payer_name,
        country=customer.country if customer else company.country,
        customer=customer,
        **facts,
    )
    if customer is not None:
        for name in ("street", "building", "postcode", "town"):
            setattr(supplier, name, getattr(customer, name))
    return supplier


def _customer_behind(payment: IncomingPayment) -> Customer | None:
    """Who has paid from the account before, or has it on the card, when it is one customer only."""
    learned = PayerAccount.objects.filter(company=payment.company, account=payment.payer_account)
    own = Q(account=payment.payer_account) | Q(iban=payment.payer_account) | Q(pk__in=learned.values("customer_id"))
    found = list(Customer.objects.filter(own, company=payment.company)[:2])
    return found[0] if len(found) == 1 else None
