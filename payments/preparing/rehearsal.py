"""A payment order of one line, written as it would be for the bank, checked and thrown away.

Whether a company can pay is best proved by doing everything but sending: the same writer, the same schema, the same
data area. No payment, no message id and no file is left behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from companies.calendars import bank_day_from, calendars_for
from companies.clock import business_date, business_now
from companies.models import BankAgreement
from payments import files
from payments.iso20022 import grouping, payment_types, schema
from payments.iso20022.orders import Creditor, FileOrder, Item
from payments.iso20022.payment_types import Wish
from payments.models import Payment
from payments.preparing import profiles
from payments.preparing.ordering import Desk

ONE = Decimal("1.00")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How it went with one agreement. `problem` is empty when the file would be valid."""

    agreement: BankAgreement
    problem: str = ""
    remedy: str = ""
    version: str = ""
    size: int = 0

    @property
    def good(self) -> bool:
        """The file was written and is what the official schema asks for."""
        return not self.problem


def rehearse(agreement: BankAgreement) -> Rehearsed:
    """Write one line of 1.00 from the account to itself, check it against the schema, throw it away."""
    desk = Desk(Payment(company=agreement.company, bank_partner=agreement.bank_partner, agreement=agreement))
    missing = profiles.needs(desk.partner, agreement)
    if missing:
        text = _("%(bank)s asks for numbers that are not entered.") % {"bank": desk.partner.profile.name}
        return Rehearsed(agreement, text, _("Enter them on the bank partner or the agreement."))
    try:
        order = _order(desk)
        with files.workspace(agreement.company) as folder:
            written = schema.write_valid(order, folder / "rehearsal.xml")
            size = written.path.stat().st_size
    except schema.NotValid as error:
        first = error.errors[0]
        text = _("The file is not what the schema says, line %(line)s: %(text)s")
        return Rehearsed(agreement, text % {"line": first.line, "text": first.text}, _where(first.text))
    except OSError as error:
        text = _("The data area cannot be written: %(why)s") % {"why": error.strerror or str(error)}
        return Rehearsed(agreement, text, _("Look at the data area in System information."))
    except ValueError as error:
        return Rehearsed(agreement, str(error), _where(str(error)))
    return Rehearsed(agreement, version=f"pain.{order.profile.version}", size=size)


def _order(desk: Desk) -> FileOrder:
    partner, today = desk.partner, business_date(desk.company)
    debtor = desk.debtor
    payee = Creditor(name=debtor.name, account=debtor.account, country=partner.country_id, address=debtor.address)
    terms = payment_types.decide(Wish(debtor, payee, partner.currency_id), desk.profile).terms
    day = bank_day_from(today, calendars_for(partner.country_id, partner.currency_id))
    item = Item("REHEARSAL", ONE, partner.currency_id, day, debtor, payee, terms, text="Rehearsal, not sent")
    blocks = tuple(grouping.blocks([item], desk.profile, "REHEARSAL"))
    return FileOrder(
        msg_id=f"REHEARSAL-{desk.company.number}",
        created_at=business_now(desk.company).replace(microsecond=0),
        initiating_name=desk.agreement.debtor_name,
        initiating_ids=desk.initiating_ids,
        profile=desk.profile,
        blocks=blocks,
        items=iter([item]),
    )


def _where(text: str) -> str:
    """The screen whose field makes the element the schema complains about."""
    if "BIC" in text:
        return _("Look at the BIC of the bank partner.")
    if any(name in text for name in ("IBAN", "Othr", "Acct")):
        return _("Look at the account of the bank partner.")
    if any(name in text for name in ("PstlAdr", "StrtNm", "TwnNm", "PstCd")):
        return _("Look at the address in Company data.")
    return _("Look at the debtor name of the agreement and the numbers its bank asks for.")
