"""Banks: profile (habits), partner (our account and ledger), agreement (who approves, what flows), mandate."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from autopay_console.kernel.money import ZERO, MoneyField
from companies.choices import (
    AgreementState,
    BankSystem,
    BookingSource,
    Channel,
    FeeCode,
    PainVersion,
    TwoFactorLevel,
)
from companies.models.company import NUMBER_OF_APPROVERS


class BankProfile(models.Model):
    """A bank's habits for payment files; ready rows for the Nordic banks and one default (CGI)."""

    code = models.CharField(_("Code"), max_length=20, unique=True)
    name = models.CharField(_("Bank"), max_length=60)
    bic_prefix = models.CharField(_("BIC starts with"), max_length=8, blank=True)
    country = models.ForeignKey("companies.Country", models.PROTECT, null=True, blank=True, related_name="+")
    version = models.CharField(_("Payment file version"), max_length=12, choices=PainVersion, default=PainVersion.V09)
    initiating_id = models.CharField(_("Initiating party id"), max_length=20, default="organisation")
    initiating_scheme = models.CharField(_("Initiating party id scheme"), max_length=10, default="CUST")
    debtor_id = models.CharField(_("Debtor id"), max_length=20, blank=True)
    debtor_scheme = models.CharField(_("Debtor id scheme"), max_length=10, blank=True)
    second_debtor_id = models.CharField(_("Second debtor id"), max_length=20, blank=True)
    second_debtor_scheme = models.CharField(_("Second debtor id scheme"), max_length=10, blank=True)
    has_division = models.BooleanField(_("Division"), default=False)
    domestic_agent = models.BooleanField(_("Creditor agent on domestic payments"), default=False)
    giro_dialect = models.CharField(_("Giro dialect"), max_length=10, default="standard")
    text_lines = models.PositiveSmallIntegerField(_("Message lines"), default=1)
    text_length = models.PositiveSmallIntegerField(_("Message line length"), default=140)
    amount_in_reference = models.BooleanField(_("Amount beside the reference"), default=True)
    structured_and_text = models.BooleanField(_("Reference and text together"), default=False)
    writes_charge_bearer = models.BooleanField(_("Charge bearer on domestic payments"), default=True)
    writes_batch_booking = models.BooleanField(_("Batch booking is written"), default=True)
    nets_credit_notes = models.BooleanField(_("Credit notes netted per supplier"), default=True)
    same_day_instrument = models.CharField(_("Same-day instrument"), max_length=4, blank=True)
    items_per_file = models.PositiveIntegerField(_("Payments in a file"), default=5000)
    items_per_group = models.PositiveIntegerField(_("Payments in a group"), default=1000)
    row_version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("bank profile")
        constraints = [
            CheckConstraint(
                condition=Q(items_per_file__gte=1) & Q(items_per_group__gte=1),
                name="bank_profile_limits_positive",
            )
        ]

    def __str__(self) -> str:
        return self.name


class BankPartner(models.Model):
    """One of our accounts at a bank, with its ledger accounts and marks. System 95 is AutoPay."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="bank_partners")
    number = models.PositiveIntegerField(_("Bank partner no."))
    name = models.CharField(_("Name"), max_length=60)
    profile = models.ForeignKey(BankProfile, models.PROTECT, related_name="+", verbose_name=_("Bank profile"))
    bank_system = models.PositiveSmallIntegerField(_("Bank system"), choices=BankSystem, default=BankSystem.AUTOPAY)
    account = models.CharField(_("Chargeable bank account no."), max_length=35)
    bic = models.CharField(_("BIC"), max_length=11)
    country = models.ForeignKey(
        "companies.Country", models.PROTECT, related_name="+", verbose_name=_("Country of the account")
    )
    currency = models.ForeignKey("companies.Currency", models.PROTECT, related_name="+", verbose_name=_("Currency"))
    gl_bank = models.CharField(_("GL ledger bank account"), max_length=20)
    gl_fee = models.CharField(_("GL account fee"), max_length=20, blank=True)
    credit_line = MoneyField(_("Credit line"), default=ZERO)  # how far the bank lets the account go below zero
    customer_no_in_bank = models.CharField(_("Customer no. in bank"), max_length=35, blank=True)
    fee_code = models.PositiveSmallIntegerField(_("Std. EFT fee code"), choices=FeeCode, default=FeeCode.DEFAULT)
    declaration_code = models.CharField(_("Std. EFT declaration code"), max_length=3, blank=True)
    declaration_text = models.CharField(_("Declaration text"), max_length=70, blank=True)
    # EFT processing
    planned_date_for_all = models.BooleanField(_("Planned payment date is due date for all"), default=False)
    include_extra_text = models.BooleanField(_("Include extra text on the payment entry"), default=False)
    generate_batch = models.BooleanField(_("Generate batch/vouchers for settlement from EFT system"), default=True)
    auto_update_outgoing = models.BooleanField(
        _("Automatically updated batch from Visma.net AutoPay (outgoing)"), default=False
    )
    auto_update_incoming = models.BooleanField(
        _("Automatically updated batch from Visma.net AutoPay (incoming)"), default=False
    )
    only_active_company = models.BooleanField(_("Pay only active company"), default=False)
    only_active_payments = models.BooleanField(_("Process only active payments when paying"), default=False)
    numeric_cost_code = models.BooleanField(_("Numeric cost code"), default=False)
    pain002_settles = models.BooleanField(_("Status report settles"), default=False)
    active = models.BooleanField(_("In use"), default=True)
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("bank partner")
        constraints = [
            UniqueConstraint(fields=["company", "number"], name="bank_partner_number_once"),
            CheckConstraint(condition=Q(fee_code__lte=4), name="bank_partner_fee_code_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class BankAgreement(models.Model):
    """What the company agreed with the bank for one account: direction, approvers, mail, channel."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="agreements")
    bank_partner = models.ForeignKey(
        BankPartner, models.PROTECT, related_name="agreements", verbose_name=_("Bank partner")
    )
    state = models.CharField(_("State"), max_length=10, choices=AgreementState, default=AgreementState.ORDERED)
    currency = models.ForeignKey("companies.Currency", models.PROTECT, related_name="+", verbose_name=_("Currency"))
    erp_currency = models.CharField(_("ERP currency"), max_length=10, blank=True)
    debtor_name = models.CharField(_("Debtor name"), max_length=140)
    division = models.CharField(_("Division"), max_length=35, blank=True)
    contact_emails = models.TextField(_("E-mail contact list"), blank=True)
    approver_emails = models.TextField(_("E-mail address for approvers"), blank=True)
    approvers = models.PositiveSmallIntegerField(_("Number of approvers"), default=2, validators=NUMBER_OF_APPROVERS)
    bank_approvers = models.PositiveSmallIntegerField(_("Approvers in bank"), default=0)
    two_factor = models.PositiveSmallIntegerField(
        _("Two-factor level"), choices=TwoFactorLevel, default=TwoFactorLevel.NONE
    )
    hold_seconds = models.PositiveIntegerField(_("Seconds held after the last approval"), default=120)
    active_outgoing = models.BooleanField(_("Active for outgoing payments"), default=True)
    active_download = models.BooleanField(_("Active for download"), default=True)
    split_incoming = models.BooleanField(_("Split incoming payments"), default=False)
    include_cards = models.BooleanField(_("Include card transactions in incoming payments"), default=False)
    batch_booking = models.BooleanField(_("Batch booking"), default=False)
    booking_source = models.CharField(
        _("Booked by"), max_length=3, choices=BookingSource, default=BookingSource.NOTIFICATION
    )
    cutoff = models.TimeField(_("Cut-off time"), null=True, blank=True)
    channel = models.CharField(_("Channel"), max_length=10, choices=Channel, default=Channel.GATEWAY)
    channel_address = models.CharField(_("Folder or SFTP address"), max_length=255, blank=True)
    channel_host_key = models.TextField(_("SFTP host key"), blank=True)
    no_answer_hours = models.PositiveSmallIntegerField(_("Ask after hours without answer"), default=24)
    salary = models.BooleanField(_("Used for salary"), default=False)
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("bank agreement")
        constraints = [
            CheckConstraint(condition=Q(approvers__gte=1) & Q(approvers__lte=4), name="agreement_approvers_1_to_4"),
            UniqueConstraint(
                fields=["bank_partner"], condition=Q(state="active"), name="agreement_one_active_per_partner"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_partner} · {self.get_state_display()}"


class BankMandate(models.Model):
    """Who may sign in the bank for an agreement."""

    agreement = models.ForeignKey(BankAgreement, models.CASCADE, related_name="mandates")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("bank mandate")
        constraints = [UniqueConstraint(fields=["agreement", "person"], name="mandate_once")]

    def __str__(self) -> str:
        return f"{self.person} · {self.agreement}"
