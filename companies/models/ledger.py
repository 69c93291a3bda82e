"""What the books need: currencies and rates, voucher types and series, periods, texts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from companies.choices import PeriodState, TextType


class Currency(models.Model):
    """ISO 4217 code and its decimals."""

    code = models.CharField(_("Code"), max_length=3, primary_key=True)
    name = models.CharField(_("Name"), max_length=40)
    decimals = models.PositiveSmallIntegerField(_("Decimals"), default=2)

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")

    def __str__(self) -> str:
        return self.code


class CurrencyRate(models.Model):
    """How much one unit costs in the company's currency, from a date on. Never enters SQL arithmetic."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="rates")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+", verbose_name=_("Currency"))
    valid_from = models.DateField(_("Valid from"))
    rate = models.DecimalField(_("Rate"), max_digits=18, decimal_places=8)
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("currency rate")
        constraints = [
            UniqueConstraint(fields=["company", "currency", "valid_from"], name="rate_once_a_day"),
            CheckConstraint(condition=Q(rate__gt=0), name="rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency_id} {self.rate} ({self.valid_from})"


class CurrencyAccounts(models.Model):
    """A company's ledger accounts for one currency, when they differ from the company's own."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="currency_accounts")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+", verbose_name=_("Currency"))
    gl_gain = models.CharField(_("Currency gain"), max_length=20, blank=True)
    gl_loss = models.CharField(_("Currency loss"), max_length=20, blank=True)
    gl_bank = models.CharField(_("Bank"), max_length=20, blank=True)
    account = models.CharField(_("Chargeable account"), max_length=35, blank=True)
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("currency accounts")
        constraints = [UniqueConstraint(fields=["company", "currency"], name="currency_accounts_once")]

    def __str__(self) -> str:
        return str(self.currency_id)


class VoucherType(models.Model):
    """Kind of voucher; supplier invoices of a marked type get their payment date moved to a workday."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="voucher_types")
    number = models.PositiveSmallIntegerField(_("Voucher type"))
    name = models.CharField(_("Name"), max_length=40)
    move_to_workday = models.BooleanField(_("Move payment to workday"), default=True)
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("voucher type")
        constraints = [UniqueConstraint(fields=["company", "number"], name="voucher_type_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class VoucherSeries(models.Model):
    """The counter that numbers vouchers without gaps: one UPDATE takes n numbers."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="voucher_series")
    code = models.CharField(_("Series"), max_length=10)
    name = models.CharField(_("Name"), max_length=40)
    next_number = models.PositiveBigIntegerField(_("Next number"), default=1)

    class Meta:
        verbose_name = _("voucher series")
        verbose_name_plural = _("voucher series")
        constraints = [
            UniqueConstraint(fields=["company", "code"], name="voucher_series_once"),
            CheckConstraint(condition=Q(next_number__gte=1), name="voucher_series_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AccountingPeriod(models.Model):
    """A month; nothing is posted into a locked one."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="periods")
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=6, choices=PeriodState, default=PeriodState.OPEN)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    locked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("accounting period")
        constraints = [
            UniqueConstraint(fields=["company", "year", "month"], name="period_once"),
            CheckConstraint(condition=Q(month__gte=1) & Q(month__lte=12), name="period_month_1_to_12"),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


class PeriodTurn(models.Model):
    """A month was locked or opened again: by whom, when and why. Rows are only added."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="period_turns")
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=6, choices=PeriodState)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("period turn")
        indexes = [models.Index(fields=["company", "year", "month"], name="period_turn_by_month")]

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02} {self.state}"


class TextRow(models.Model):
    """Text table: type 130 fee codes, 131 declaration codes, per language."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="texts")
    type = models.PositiveSmallIntegerField(_("Text type"), choices=TextType)
    number = models.PositiveSmallIntegerField(_("Text no."))
    language = models.CharField(_("Language"), max_length=5)
    text = models.CharField(_("Text"), max_length=70, db_column="Txt")
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("text")
        constraints = [UniqueConstraint(fields=["company", "type", "number", "language"], name="text_row_once")]

    def __str__(self) -> str:
        return f"{self.type}/{self.number} {self.text}"
