"""Factoring company: how a CID on one receiving account is read, and where it is booked."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class FactoringCompany(models.Model):
    """One row per receiving bank account, written exactly as in the bank's files."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="factoring_companies")
    number = models.PositiveIntegerField(_("Factoring no."), db_column="FCNo")
    name = models.CharField(_("Name"), max_length=60)
    bank_account = models.CharField(_("Bank account"), max_length=35)
    bank_partner = models.ForeignKey(
        "companies.BankPartner",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Bank partner"),
    )
    factoring_id = models.CharField(
        _("Factoring ID"),
        max_length=9,
        default="10;1",
        validators=[
            RegexValidator(r"^\d{1,2};\d{1,2}$", _("Write start of customer no.;start of invoice no., like 10;1."))
        ],
    )
    customer_length = models.PositiveSmallIntegerField(_("Length in Customer no."), default=10)
    reference_length = models.PositiveSmallIntegerField(_("Length in CID reference/invoice no."), default=9)
    cid_definition = models.CharField(_("Factoring CID def."), max_length=128, blank=True, db_column="FactCID")
    is_cid_definition = models.BooleanField(_("OCR/CID definition"), default=True)
    is_factoring = models.BooleanField(_("Factoring company"), default=False)
    search_open_entries = models.BooleanField(_("Search open customer entries"), default=True)
    search_transactions = models.BooleanField(_("Search customer transactions"), default=True)
    gl_bank = models.CharField(_("OCR bank account no."), max_length=20)
    gl_fee = models.CharField(_("GL account fee"), max_length=20, blank=True)
    department = models.CharField(_("Department"), max_length=20, blank=True)
    free_text = models.TextField(_("Free text"), blank=True)
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("factoring company")
        verbose_name_plural = _("factoring companies")
        constraints = [
            UniqueConstraint(fields=["company", "number"], name="factoring_number_once"),
            UniqueConstraint(fields=["company", "bank_account"], name="factoring_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
