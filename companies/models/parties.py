"""Countries, suppliers and customers with their bank fields."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from companies.choices import FeeCode
from companies.countries import name_in


class Country(models.Model):
    """Two-letter ISO code and how payments there are checked."""

    code = models.CharField(_("ISO code"), max_length=2, primary_key=True)
    name = models.CharField(_("Name"), max_length=60)
    currency = models.ForeignKey(
        "companies.Currency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Currency")
    )
    iban_length = models.PositiveSmallIntegerField(_("IBAN length"), null=True, blank=True)
    sepa = models.BooleanField(_("In the SEPA area"), default=False)
    eea = models.BooleanField(_("In the EEA"), default=False)
    exempt_iban_check = models.BooleanField(_("Exempt from IBAN check"), default=False)
    exempt_cid_check = models.BooleanField(_("Exempt from CID check"), default=False)
    create_rf = models.BooleanField(_("Create RF creditor reference"), default=False)
    skip_account_check = models.BooleanField(_("Switch off bank account check"), default=False)
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")

    def __str__(self) -> str:
        return f"{self.code} {self.shown_name}"

    @property
    def shown_name(self) -> str:
        """The name in the reader's language."""
        return name_in(get_language() or "", self.name)


class Party(models.Model):
    """What suppliers and customers have in common (Visma Business: Associate)."""

    number = models.PositiveIntegerField(_("No."))
    name = models.CharField(_("Name"), max_length=140)
    country = models.ForeignKey(Country, models.PROTECT, related_name="+", verbose_name=_("Country"))
    organisation_no = models.CharField(_("Organisation no."), max_length=20, blank=True)
    language = models.CharField(_("Language"), max_length=5, default="en", blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    street = models.CharField(_("Street"), max_length=70, blank=True)
    building = models.CharField(_("Building number"), max_length=16, blank=True)
    postcode = models.CharField(_("Postal code"), max_length=16, blank=True)
    town = models.CharField(_("Town"), max_length=35, blank=True)
    state = models.CharField(_("State"), max_length=35, blank=True)
    address_1 = models.CharField(_("Address line 1"), max_length=70, blank=True)
    address_2 = models.CharField(_("Address line 2"), max_length=70, blank=True)
    blocked = models.BooleanField(_("Blocked"), default=False)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Supplier(Party):
    """Somebody we pay. A changed account waits for a second person before it is used."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="suppliers")
    iban = models.CharField(_("IBAN"), max_length=35, blank=True)
    account = models.CharField(_("Bank account"), max_length=35, blank=True)
    giro = models.CharField(_("Postal giro"), max_length=35, blank=True)
    bic = models.CharField(_("SWIFT code"), max_length=11, blank=True)
    bank_branch = models.CharField(_("Bank branch"), max_length=20, blank=True)
    swift_address_1 = models.CharField(_("SWIFT address 1"), max_length=140, blank=True)
    swift_address_2 = models.CharField(_("SWIFT address 2"), max_length=140, blank=True)
    currency = models.ForeignKey(
        "companies.Currency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Currency")
    )
    fee_code = models.PositiveSmallIntegerField(
        _("EFT bank fee code"), choices=FeeCode, default=FeeCode.DEFAULT, db_column="EFT2"
    )
    declaration_code = models.CharField(_("EFT declaration code"), max_length=3, blank=True, db_column="EFT3")
    bank_partner = models.ForeignKey(
        "companies.BankPartner",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Bank partner"),
    )
    is_payroll = models.BooleanField(_("Employee (salary)"), default=False)
    remittance_advice = models.BooleanField(_("Is told what was paid (remittance advice)"), default=True)
    customer = models.ForeignKey("companies.Customer", models.SET_NULL, null=True, blank=True, related_name="+")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("supplier")
        constraints = [
            UniqueConstraint(fields=["company", "number"], name="supplier_number_once"),
            CheckConstraint(condition=Q(fee_code__lte=4), name="supplier_fee_code_known"),
        ]
        indexes = [models.Index(fields=["company", "name", "id"], name="supplier_by_name")]


class Customer(Party):
    """Somebody who pays us."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="customers")
    credit_stopped = models.BooleanField(_("Credit stopped"), default=False)
    iban = models.CharField(_("IBAN"), max_length=35, blank=True)
    account = models.CharField(_("Bank account"), max_length=35, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("customer")
        constraints = [UniqueConstraint(fields=["company", "number"], name="customer_number_once")]
        indexes = [models.Index(fields=["company", "name", "id"], name="customer_by_name")]


class PayeeAccount(models.Model):
    """Every account a supplier has had: since when, who entered it, who accepted it, when first paid."""

    supplier = models.ForeignKey(Supplier, models.CASCADE, related_name="accounts")
    account = models.CharField(max_length=35)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    first_paid_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("payee account")
        constraints = [UniqueConstraint(fields=["supplier", "account"], name="payee_account_once")]

    def __str__(self) -> str:
        return self.account
