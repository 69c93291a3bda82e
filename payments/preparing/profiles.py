"""A bank profile row as the order file's habits, and our numbers at the bank under their schemes (mapping 1.4)."""

from __future__ import annotations

from companies.models import BankAgreement, BankPartner, BankProfile
from payments.iso20022.order_kinds import DanishGiro, Netting, PaymentType, SwedishGiro, WriteWhen
from payments.iso20022.orders import Code, PartyId, Profile, TextLimit
from payments.iso20022.payment_types import SEPA_TYPES

_STANDARD_TEXT = (1, 140)


def profile_of(row: BankProfile) -> Profile:
    """The bank's habits."""
    limit = (row.text_lines, row.text_length)
    texts = (
        {} if limit == _STANDARD_TEXT else {kind: TextLimit(*limit) for kind in PaymentType if kind not in SEPA_TYPES}
    )
    instruments = {PaymentType.NO_EXPRESS: Code(row.same_day_instrument)} if row.same_day_instrument else {}
    return Profile(
        name=row.name,
        version=row.version,
        swedish_giro=SwedishGiro.MPNS if row.giro_dialect == "mpns" else SwedishGiro.COMMON,
        danish_giro=DanishGiro.IBK if row.giro_dialect == "ibk" else DanishGiro.OCR,
        creditor_agent_domestic=row.domestic_agent,
        text_limits=texts,
        strd_amount=row.amount_in_reference,
        strd_and_ustrd=row.structured_and_text,
        charge_bearer=WriteWhen.ALWAYS if row.writes_charge_bearer else WriteWhen.NOT_DOMESTIC,
        batch_booking=WriteWhen.ALWAYS if row.writes_batch_booking else WriteWhen.NEVER,
        netting=Netting.STRUCTURED if row.nets_credit_notes else Netting.NEVER,
        max_items_file=row.items_per_file,
        max_items_block=min(row.items_per_group, row.items_per_file),
        local_instruments=instruments,
    )


def initiating_ids(partner: BankPartner, agreement: BankAgreement) -> tuple[PartyId, ...]:
    """Who sends the file."""
    profile = partner.profile
    return _ids(partner, agreement, [(profile.initiating_id, profile.initiating_scheme)])


def debtor_ids(partner: BankPartner, agreement: BankAgreement) -> tuple[PartyId, ...]:
    """Who is debited: organisation number, customer or agreement number, division."""
    profile = partner.profile
    wanted = [
        (profile.debtor_id, profile.debtor_scheme),
        (profile.second_debtor_id, profile.second_debtor_scheme),
    ]
    return _ids(partner, agreement, wanted)


def needs(partner: BankPartner, agreement: BankAgreement) -> list[str]:
    """Numbers the bank's habits ask for and that are not entered: `customer_no`, `division`, `organisation`."""
    profile = partner.profile
    asked = (profile.initiating_id, profile.debtor_id, profile.second_debtor_id)
    numbers = _numbers(partner, agreement)
    return [name for name in dict.fromkeys(asked) if name in numbers and not numbers[name]]


def _numbers(partner: BankPartner, agreement: BankAgreement) -> dict[str, str]:
    return {
        "organisation": partner.company.organisation_no.replace(" ", "").replace("-", ""),
        "customer_no": partner.customer_no_in_bank.strip(),
        "division": agreement.division.strip(),
    }


def _ids(partner: BankPartner, agreement: BankAgreement, wanted: list[tuple[str, str]]) -> tuple[PartyId, ...]:
    numbers = _numbers(partner, agreement)
    found = [(numbers.get(source, source), scheme) for source, scheme in wanted if source]
    return tuple(PartyId(number, scheme or "BANK") for number, scheme in found if number)
