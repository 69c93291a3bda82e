"""The set-up tables: which columns their lists show, which fields their forms have, grouped as a person thinks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from companies import models
from companies.web.forms import DaysField


@dataclass(frozen=True, slots=True)
class Table:
    """One set-up table: addresses are made from `name`, fields stand in named groups."""

    name: str
    model: type[Model]
    title: Any
    lead: Any
    new: Any
    columns: tuple[str, ...]
    groups: tuple[tuple[Any, tuple[str, ...]], ...]
    order: str = "number"
    own: tuple[tuple[str, Any], ...] = ()
    search: tuple[str, ...] = ("name",)

    @property
    def fields(self) -> list[str]:
        """Every field of the form, in order."""
        return [name for _label, names in self.groups for name in names]


IDENTITY, ADDRESS, BANK, EFT = _("Identity"), _("Address"), _("Bank"), _("EFT")
POSTAL = ("street", "building", "postcode", "town")

COMPANY = Table(
    "company",
    models.Company,
    _("Companies"),
    _("Company data: identity, payments, references and ledger accounts."),
    _("New company"),
    ("number", "name", "organisation_no", "country", "currency", "link_state", "autopay_active"),
    (
        (IDENTITY, ("number", "name", "organisation_no", "country", "currency", "language", "time_zone")),
        (ADDRESS, POSTAL),
        (_("Visma.net AutoPay"), ("autopay_active", "licence_article")),
        (
            _("Payments"),
            (
                "days_without_payments",
                "use_bank_holidays",
                "suggestion_days",
                "remittance_advice",
                "allow_preapproval",
                "extra_approver_over",
                "extra_approver_new_account",
                "extra_approver_foreign",
            ),
        ),
        (_("CID"), ("cid_customer_length", "cid_reference_length", "cid_factoring_length")),
        (
            _("Ledger accounts"),
            (
                "gl_suppliers",
                "gl_customers",
                "gl_fees",
                "gl_currency_gain",
                "gl_currency_loss",
                "gl_unmatched",
                "gl_discount_given",
                "gl_discount_taken",
                "gl_write_off",
                "write_off_limit",
                "gl_bank_fallback",
            ),
        ),
    ),
    own=(("days_without_payments", DaysField(label=_("Days without payments"))),),
)
BANK_PARTNER = Table(
    "bank_partner",
    models.BankPartner,
    _("Bank partners"),
    _("Our accounts, their ledger accounts and how they are processed."),
    _("New bank partner"),
    ("number", "name", "bank_system", "account", "bic", "currency", "gl_bank", "active"),
    (
        (IDENTITY, ("number", "name", "bank_system", "active")),
        (BANK, ("profile", "account", "bic", "country", "currency", "credit_line", "customer_no_in_bank")),
        (_("Ledger accounts"), ("gl_bank", "gl_fee")),
        (
            _("EFT processing"),
            (
                "generate_batch",
                "auto_update_outgoing",
                "auto_update_incoming",
                "include_extra_text",
                "planned_date_for_all",
                "only_active_company",
                "only_active_payments",
                "numeric_cost_code",
                "pain002_settles",
            ),
        ),
        (_("Standard codes"), ("fee_code", "declaration_code", "declaration_text")),
    ),
)
AGREEMENT = Table(
    "agreement",
    models.BankAgreement,
    _("Bank agreements"),
    _("What is agreed with the bank: approvers, mail, direction, channel."),
    _("New agreement"),
    ("bank_partner", "state", "currency", "approvers", "active_outgoing", "active_download", "channel"),
    (
        (IDENTITY, ("bank_partner", "state", "debtor_name", "division")),
        (_("Currency"), ("currency", "erp_currency")),
        (_("Approval"), ("approvers", "bank_approvers", "two_factor", "hold_seconds", "cutoff", "no_answer_hours")),
        (_("E-mail"), ("contact_emails", "approver_emails")),
        (
            _("Direction"),
            (
                "active_outgoing",
                "active_download",
                "split_incoming",
                "include_cards",
                "batch_booking",
                "booking_source",
                "salary",
            ),
        ),
        (_("Channel"), ("channel", "channel_address", "channel_host_key")),
    ),
    order="id",
    search=("debtor_name",),
)
FACTORING = Table(
    "factoring_company",
    models.FactoringCompany,
    _("Factoring companies"),
    _("How references on a receiving account are read, and where they are booked."),
    _("New factoring company"),
    ("number", "name", "bank_account", "factoring_id", "customer_length", "reference_length", "gl_bank"),
    (
        (IDENTITY, ("number", "name", "bank_account", "bank_partner")),
        (_("CID"), ("factoring_id", "customer_length", "reference_length", "cid_definition")),
        (_("Factoring processing"), ("is_cid_definition", "is_factoring")),
        (_("Payment processing"), ("search_open_entries", "search_transactions")),
        (_("Ledger accounts"), ("gl_bank", "gl_fee", "department")),
        (_("Remarks"), ("free_text",)),
    ),
)
SUPPLIER = Table(
    "supplier",
    models.Supplier,
    _("Suppliers"),
    _("Who we pay. A changed account waits for a second person."),
    _("New supplier"),
    ("number", "name", "country", "account", "iban", "bic", "currency", "blocked"),
    (
        (
            IDENTITY,
            (
                "number",
                "name",
                "country",
                "organisation_no",
                "language",
                "email",
                "blocked",
                "is_payroll",
                "remittance_advice",
            ),
        ),
        (ADDRESS, (*POSTAL, "state", "address_1", "address_2")),
        (BANK, ("account", "iban", "giro", "bic", "currency", "bank_partner")),
        (_("Payments to the USA"), ("bank_branch", "swift_address_1", "swift_address_2")),
        (EFT, ("fee_code", "declaration_code")),
    ),
)
CUSTOMER = Table(
    "customer",
    models.Customer,
    _("Customers"),
    _("Who pays us."),
    _("New customer"),
    ("number", "name", "country", "organisation_no", "credit_stopped", "blocked"),
    (
        (IDENTITY, ("number", "name", "country", "organisation_no", "language", "email", "blocked", "credit_stopped")),
        (ADDRESS, (*POSTAL, "state", "address_1", "address_2")),
        (BANK, ("account", "iban")),
    ),
)
VOUCHER_TYPE = Table(
    "voucher_type",
    models.VoucherType,
    _("Voucher types"),
    _("Which vouchers get their payment date moved to a workday."),
    _("New voucher type"),
    ("number", "name", "move_to_workday"),
    ((IDENTITY, ("number", "name", "move_to_workday")),),
)
TEXT = Table(
    "text",
    models.TextRow,
    _("Texts"),
    _("Texts of fee codes (130) and declaration codes (131), per language."),
    _("New text"),
    ("type", "number", "language", "text"),
    ((IDENTITY, ("type", "number", "language", "text")),),
    search=("text",),
)
RATE = Table(
    "rate",
    models.CurrencyRate,
    _("Currency rates"),
    _("What one unit costs in the company's currency, from a date on."),
    _("New rate"),
    ("currency", "valid_from", "rate"),
    ((IDENTITY, ("currency", "valid_from", "rate")),),
    order="-valid_from",
    search=(),
)

TABLES = {
    table.name: table
    for table in (COMPANY, BANK_PARTNER, AGREEMENT, FACTORING, SUPPLIER, CUSTOMER, VOUCHER_TYPE, TEXT, RATE)
}
