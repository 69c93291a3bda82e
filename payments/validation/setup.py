"""May this company pay at all, through this bank partner and agreement? Each rule is a small function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from companies.access import people_with
from companies.accounts import check_account, check_bic, classify
from companies.calendars import after_cut_off
from companies.choices import AgreementState, BankSystem, LinkState, Role
from companies.clock import business_date, business_now
from companies.models import BankAgreement, BankPartner, Company
from companies.problems import Problem
from companies.readiness import Condition
from payments import texts
from payments.iso20022.order_kinds import ChargeBearer
from payments.preparing import profiles, rounds
from payments.preparing.order_lines import live_lines
from payments.preparing.ordering import Desk
from payments.validation.finding import Finding, Remedy, from_problem, stop, warn

LICENCE = "406004"  # the article "Visma.net AutoPay"
# What a bearer code in Text type 130 must be, by fee code
_BEARERS = {0: "SHAR", 1: "DEBT", 2: "SHAR", 3: "SHAR", 4: "CRED"}


def check(desk: Desk) -> Iterator[Finding]:
    """All rules about company, bank partner and agreement."""
    company, partner, agreement = desk.company, desk.partner, desk.agreement
    for condition in company_conditions(company):
        if not condition.good:
            yield stop(condition.code, f"{condition.text} {condition.remedy}".strip(), None, Remedy("company_data"))
    yield from bank_findings(partner, agreement)
    sorts = _sorts(desk)
    yield from _lines(desk, sorts)
    yield from _erp_currency(desk, sorts)
    yield from _fee_texts(desk, sorts)
    yield from _approvers(desk)


def company_conditions(company: Company) -> Iterator[Condition]:
    """What a company needs before it can pay; also shown where companies are set up."""
    yield Condition(
        "licence",
        LICENCE in company.licence_article.split(),
        _("Licence article 406004 (Visma.net AutoPay)"),
        _("Order the article and enter it in Company data."),
    )
    yield Condition(
        "terms", company.terms_accepted_at is not None, _("Terms accepted"), _("An administrator accepts the terms.")
    )
    yield Condition(
        "autopay_active", company.autopay_active, _("AutoPay active"), _("Activate AutoPay for the company.")
    )
    yield Condition(
        "linked",
        company.link_state == LinkState.LINKED and bool(company.visma_company_id),
        _("Linked with its Visma.net company"),
        _("Export the company under Enable Visma.net."),
    )
    yield Condition(
        "signing_key", bool(company.signing_key), _("Signing key"), _("Export the company again to get its key.")
    )


def bank_findings(partner: BankPartner, agreement: BankAgreement) -> Iterator[Finding]:
    """Whether this account and its agreement could pay; also shown where companies are set up."""
    yield from _partner(partner, agreement)
    yield from _agreement(agreement)


def _partner(partner: BankPartner, agreement: BankAgreement) -> Iterator[Finding]:
    remedy = Remedy("bank_partner", (partner.pk,))
    if not partner.active or partner.bank_system != BankSystem.AUTOPAY:
        text = _("Bank partner %(partner)s is not in use with bank system 95 Visma.net AutoPay.")
        yield stop("partner_not_autopay", text % {"partner": partner}, None, remedy)
    problems: list[Problem | None] = [
        check_account(partner.account, classify(partner.account, partner.country_id)),
        check_bic(partner.bic),
    ]
    for problem in problems:
        if problem:
            found = from_problem(problem, None, remedy)
            yield stop(f"own_{found.code}", f"{partner}: {found.text}", None, remedy)
    words = {
        "organisation": _("the company's organisation number"),
        "customer_no": _("the customer number in the bank"),
        "division": _("the division of the agreement"),
    }
    for name in profiles.needs(partner, agreement):
        text = _("%(bank)s asks for %(number)s, which is not entered.")
        values = {"bank": partner.profile.name, "number": words[name]}
        place = Remedy("agreement", (agreement.pk,)) if name == "division" else remedy
        yield stop(f"own_{name}_missing", text % values, None, place)


def _agreement(agreement: BankAgreement) -> Iterator[Finding]:
    remedy = Remedy("agreement", (agreement.pk,))
    if agreement.state != AgreementState.ACTIVE or not agreement.active_outgoing:
        text = _("The bank agreement is not active for outgoing payments.")
        yield stop("agreement_not_active", text, None, remedy)
    if not agreement.debtor_name.strip():
        yield stop("debtor_name_missing", _("The bank agreement has no debtor name."), None, remedy)


@dataclass(frozen=True, slots=True)
class _Sort:
    """Lines of one currency, fee code and country, and how many of them are dated today."""

    currency: str
    fee_code: int
    country: str
    today: int


def _sorts(desk: Desk) -> list[_Sort]:
    """Of what sorts the lines are, in one query; a large payment has few sorts."""
    today = Count("pk", filter=Q(pay_date=business_date(desk.company)))
    rows = live_lines(desk.payment).order_by().values_list("currency_id", "fee_code", "supplier__country_id")
    return [_Sort(*row) for row in rows.annotate(today=today)]


def _lines(desk: Desk, sorts: list[_Sort]) -> Iterator[Finding]:
    if not sorts:
        yield stop("payment_empty", _("The payment has no lines."), None, Remedy("payment", (desk.payment.number,)))
        return
    company, cutoff = desk.company, desk.agreement.cutoff
    late = cutoff is not None and after_cut_off(business_now(company), cutoff, company.time_zone)
    if late and any(one.today for one in sorts):
        text = _(
            "The bank's cut-off of today has passed: lines dated today cannot leave any more. Give them a later date."
        )
        yield warn("after_cut_off", text, None, Remedy("payment", (desk.payment.number,)))


def _erp_currency(desk: Desk, sorts: list[_Sort]) -> Iterator[Finding]:
    """The agreement says by which code the ERP's entries name the account's currency; empty: company currency."""
    carried = desk.agreement.erp_currency.strip().upper() or desk.company.currency_id
    account = desk.partner.currency_id
    if desk.agreement.currency_id != account:
        text = _("The agreement is in %(agreement)s, but the account of %(partner)s is in %(account)s.")
        values = {"agreement": desk.agreement.currency_id, "partner": desk.partner, "account": account}
        yield stop("agreement_currency", text % values, None, Remedy("agreement", (desk.agreement.pk,)))
    if carried != account and any(one.currency == account for one in sorts):
        text = _("Lines carry %(account)s, but by the agreement the ERP says %(carried)s. Enter it as ERP currency.")
        values = {"account": account, "carried": carried}
        yield stop("erp_currency", text % values, None, Remedy("agreement", (desk.agreement.pk,)))


def _fee_texts(desk: Desk, sorts: list[_Sort]) -> Iterator[Finding]:
    """Fee codes in use: their text must exist, and must not name another bearer than the one that is sent."""
    if desk.partner.numeric_cost_code:
        return
    codes = {one.fee_code for one in sorts if one.country != desk.partner.country_id}
    if not codes:
        return
    known = texts.fee_texts(desk.company)
    for code in sorted({code or desk.partner.fee_code for code in codes}):
        words = known.get(code, "").strip()
        if not words and code:
            text = _("Fee code %(code)s has no row in Text type 130: the number itself becomes Foreign cost.")
            yield warn("fee_text_missing", text % {"code": code}, None, Remedy("texts"))
        elif words.upper() in list(ChargeBearer) and words.upper() != _BEARERS[code]:
            text = _("Text 130/%(code)s says %(words)s, but fee code %(code)s is sent as %(sent)s.")
            values = {"code": code, "words": words.upper(), "sent": _BEARERS[code]}
            yield stop("fee_text_disagrees", text % values, None, Remedy("texts"))


def _approvers(desk: Desk) -> Iterator[Finding]:
    needed = rounds.needed_approvers(desk.payment)
    people = [one for one in people_with(desk.company, [Role.APPROVER]) if one.pk != desk.payment.created_by_id]
    if len(people) < needed:
        text = _("%(needed)s approvers are needed, but only %(people)s other people may approve.")
        remedy = Remedy("agreement", (desk.agreement.pk,))
        yield warn("approvers_missing", text % {"needed": needed, "people": len(people)}, None, remedy)
