"""What a company needs at its banks before it can pay, and before payments to it can be booked. For readiness."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from companies.accounts import account_key
from companies.choices import AgreementState, BankSystem, PendingState, Role
from companies.models import BankAgreement, BankPartner, Company, PendingChange
from companies.readiness import Condition, Side
from payments.validation import setup


def at_the_bank(company: Company) -> Iterator[Condition]:
    """Bank partner, agreement and people."""
    partners = [one for one in company.bank_partners.all() if one.active and one.bank_system == BankSystem.AUTOPAY]
    agreements = list(company.agreements.all())
    if not partners:
        text = _("No bank partner with bank system 95 is in use.")
        yield Condition("partner", False, text, _("Add the account as a bank partner."), ("bank_partners",), Side.BOTH)
        return
    yield Condition("partner", True, _("A bank partner with bank system 95 is in use."), side=Side.BOTH)
    active = [one for one in agreements if one.state == AgreementState.ACTIVE]
    yield from _paying(company, [one for one in active if one.active_outgoing], agreements)
    yield from _receiving(company, [one for one in active if one.active_download], partners)


def _paying(company: Company, active: list[BankAgreement], every: list[BankAgreement]) -> Iterator[Condition]:
    if not active:
        yield _no_agreement(every)
        return
    yield Condition("agreement", True, _("A bank agreement is active for outgoing payments."))
    for agreement in active:
        problems = [one for one in setup.bank_findings(agreement.bank_partner, agreement) if one.severity == "stop"]
        for found in problems:
            page = ("setup_row", "bank_partner", str(agreement.bank_partner_id))
            if found.remedy and found.remedy.url == "agreement":
                page = ("setup_row", "agreement", str(agreement.pk))
            yield Condition(f"{found.code}_{agreement.pk}", False, found.text, _("Mend it there."), page)
    needed = max(agreement.approvers for agreement in active)
    people = {one.person_id for one in company.memberships.all() if one.role == Role.APPROVER and one.person.is_active}
    text = _("May approve: %(people)s. An agreement asks for %(needed)s.")
    values = {"people": len(people), "needed": needed}
    good = len(people) >= needed
    yield Condition("approvers", good, text % values, "" if good else _("Give people the role Approver."), ("people",))


def _no_agreement(every: list[BankAgreement]) -> Condition:
    text, remedy = _("No bank agreement is active for outgoing payments."), _("Order one, then activate it.")
    page: tuple[str, ...] = ("agreements",)
    if latest := next((one for one in every if one.state != AgreementState.ENDED), None):
        page, remedy = ("setup_row", "agreement", str(latest.pk)), _("Take the agreement on to active.")
        if PendingChange.objects.filter(
            table="bankagreement", object_id=latest.pk, field="state", state=PendingState.WAITING
        ).exists():
            page, remedy = ("pending",), _("Another administrator accepts the activation.")
    return Condition("agreement", False, text, remedy, page)


def _receiving(company: Company, active: list[BankAgreement], partners: list[BankPartner]) -> Iterator[Condition]:
    if not active:
        text = _("No bank agreement is active for download.")
        yield Condition("download", False, text, _("Mark an active agreement."), ("agreements",), Side.RECEIVE)
        return
    yield Condition("download", True, _("A bank agreement is active for download."), side=Side.RECEIVE)
    definitions = {
        account_key(row.bank_account): row for row in company.factoring_companies.all() if row.is_cid_definition
    }
    accounts = {one.pk: one for one in partners}
    for agreement in active:
        partner = accounts.get(agreement.bank_partner_id)
        if partner is None:
            continue
        good = account_key(partner.account) in definitions
        text = (
            _("A factoring company reads the references on %(partner)s.")
            if good
            else _("No factoring company reads the references on %(partner)s: payments wait for a person.")
        )
        remedy = "" if good else _("Add one with the same bank account and OCR/CID definition ticked.")
        code = f"definition_{partner.pk}"
        yield Condition(code, good, text % {"partner": partner}, remedy, ("factoring",), Side.RECEIVE)
