"""System information (the installation) and Company data (each company)."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import ZERO, MoneyField
from autopay_console.kernel.secrets import EncryptedField
from companies.choices import WEEKEND, LinkState


class SystemInformation(models.Model):
    """The installation: gateway address and user, queue, certificate, data area. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    opg_address = models.CharField(_("On Premise Gateway address"), max_length=200, blank=True)
    gateway_user = models.CharField(_("Gateway user"), max_length=100, blank=True)
    gateway_password = EncryptedField(_("Gateway password"), blank=True)
    instance_guid = models.UUIDField(_("Instance GUID"), default=new_id, editable=False)
    queue_name = models.CharField(_("Message queue"), max_length=100, blank=True)
    queue_registered_at = models.DateTimeField(_("Queue registered"), null=True, blank=True)
    service_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Service person"),
    )
    certificate_fingerprint = models.CharField(max_length=64, blank=True)
    certificate_subject = models.CharField(max_length=200, blank=True)
    certificate_valid_to = models.DateTimeField(null=True, blank=True)
    certificate_uploaded_at = models.DateTimeField(null=True, blank=True)
    certificate_opg_fingerprint = models.CharField(max_length=64, blank=True)
    data_area = models.CharField(_("Visma.net AutoPay data area"), max_length=255, blank=True)
    stopped_at = models.DateTimeField(_("Sending stopped"), null=True, blank=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    stopped_why = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords(excluded_fields=["gateway_password"])

    class Meta:
        verbose_name = _("system information")
        constraints = [CheckConstraint(condition=Q(id=1), name="system_information_is_one_row")]

    def __str__(self) -> str:
        return str(_("System information"))


class Company(models.Model):
    """Company data. Its numbers must equal those of the same company in Visma.net."""

    number = models.PositiveIntegerField(_("Company number"), unique=True)
    name = models.CharField(_("Name"), max_length=140)
    organisation_no = models.CharField(_("Company (organisation) no."), max_length=20, db_column="BsNo")
    country = models.ForeignKey("companies.Country", models.PROTECT, related_name="+", verbose_name=_("Country"))
    currency = models.ForeignKey("companies.Currency", models.PROTECT, related_name="+", verbose_name=_("Currency"))
    language = models.CharField(_("Language"), max_length=5, default="en")
    time_zone = models.CharField(_("Time zone"), max_length=40, default="Europe/Oslo")
    street = models.CharField(_("Street"), max_length=70, blank=True)
    building = models.CharField(_("Building number"), max_length=16, blank=True)
    postcode = models.CharField(_("Postal code"), max_length=16, blank=True)
    town = models.CharField(_("Town"), max_length=35, blank=True)
    # Visma.net
    signing_key = EncryptedField(_("Visma.net AutoPay signing key"), blank=True, db_column="ApSigKey")
    previous_signing_key = EncryptedField(blank=True)
    previous_key_until = models.DateTimeField(null=True, blank=True)
    visma_company_id = models.CharField(_("Visma.net company id"), max_length=64, blank=True)
    link_state = models.CharField(_("Link"), max_length=12, choices=LinkState, default=LinkState.NOT_LINKED)
    link_error = models.CharField(max_length=300, blank=True)
    linked_at = models.DateTimeField(null=True, blank=True)
    autopay_active = models.BooleanField(_("AutoPay active"), default=False)
    licence_article = models.CharField(_("Licence article"), max_length=20, blank=True)
    terms_accepted_at = models.DateTimeField(_("Terms accepted"), null=True, blank=True)
    terms_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Payments
    days_without_payments = models.PositiveSmallIntegerField(
        _("Days without payments"), default=WEEKEND, db_column="PmtFree", validators=[MaxValueValidator(255)]
    )
    use_bank_holidays = models.BooleanField(_("Bank holidays are days without payments"), default=True)
    suggestion_days = models.PositiveSmallIntegerField(_("Payment suggestion days"), default=0)
    remittance_advice = models.BooleanField(_("Tell suppliers what was paid (remittance advice)"), default=False)
    allow_preapproval = models.BooleanField(_("Allow pre-approval"), default=False)
    extra_approver_over = MoneyField(_("One more approver over"), null=True, blank=True)
    extra_approver_new_account = models.BooleanField(_("One more approver for new accounts"), default=False)
    extra_approver_foreign = models.BooleanField(_("One more approver for foreign currency"), default=False)
    outgoing_stopped_at = models.DateTimeField(null=True, blank=True)
    outgoing_stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    outgoing_stopped_why = models.CharField(max_length=200, blank=True)
    # CID
    cid_customer_length = models.PositiveSmallIntegerField(
        _("CID customer digits"), default=10, db_column="CIDCust", validators=[MaxValueValidator(10)]
    )
    cid_reference_length = models.PositiveSmallIntegerField(
        _("CID reference digits"), default=9, db_column="CIDRef", validators=[MaxValueValidator(9)]
    )
    cid_factoring_length = models.PositiveSmallIntegerField(_("CID factoring digits"), default=0, db_column="CIDFact")
    # Ledger
    gl_suppliers = models.CharField(_("Supplier ledger account"), max_length=20, default="2400")
    gl_customers = models.CharField(_("Customer ledger account"), max_length=20, default="1500")
    gl_fees = models.CharField(_("Bank fees"), max_length=20, default="7770")
    gl_currency_gain = models.CharField(_("Currency gain"), max_length=20, default="8060")
    gl_currency_loss = models.CharField(_("Currency loss"), max_length=20, default="8160")
    gl_unmatched = models.CharField(_("Unmatched incoming payments"), max_length=20, default="2990")
    gl_discount_given = models.CharField(_("Cash discount given"), max_length=20, default="3080")
    gl_discount_taken = models.CharField(_("Cash discount taken"), max_length=20, default="4080")
    gl_write_off = models.CharField(_("Small differences"), max_length=20, default="7790")
    write_off_limit = MoneyField(_("Small difference up to"), default=ZERO)
    gl_bank_fallback = models.CharField(_("OCR bank GL account"), max_length=20, blank=True)
    bank_account_fallback = models.CharField(_("Bank account"), max_length=35, blank=True, db_column="BGiro")
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords(excluded_fields=["signing_key", "previous_signing_key"])

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            UniqueConstraint(fields=["country", "organisation_no"], name="company_country_organisation_once"),
            CheckConstraint(condition=Q(days_without_payments__lte=255), name="company_pmtfree_is_a_byte"),
            CheckConstraint(condition=Q(cid_customer_length__lte=10), name="company_cidcust_at_most_10"),
            CheckConstraint(condition=Q(cid_reference_length__lte=9), name="company_cidref_at_most_9"),
            CheckConstraint(condition=Q(write_off_limit__gte=ZERO), name="company_write_off_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


NUMBER_OF_APPROVERS = [MinValueValidator(1), MaxValueValidator(4)]
