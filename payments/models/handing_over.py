"""Data from and to another ledger: staged rows of an imported table, remembered columns, export runs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import ZERO, MoneyField
from payments.choices import RowOutcome


class ImportRow(models.Model):
    """A row of an imported table as it was read and understood; nothing of it counts before the import is applied."""

    job = models.ForeignKey("companies.Job", models.CASCADE, related_name="import_rows")
    row_no = models.PositiveIntegerField(_("Row"))  # as the spreadsheet counts, the header row included
    outcome = models.CharField(_("Outcome"), max_length=10, choices=RowOutcome)
    key = models.CharField(max_length=120, blank=True)
    label = models.CharField(_("Which"), max_length=160, blank=True)
    object_id = models.BigIntegerField(null=True, blank=True)
    facts = models.JSONField(default=dict)  # field -> value as text
    changes = models.JSONField(default=list)  # [field, before, after]
    problems = models.JSONField(default=list)  # [column, what is wrong and what to do]
    waits = models.BooleanField(default=False)  # an account in it waits for a second person

    class Meta:
        verbose_name = _("imported row")
        constraints = [UniqueConstraint(fields=["job", "row_no"], name="import_row_once")]
        indexes = [
            models.Index(fields=["job", "outcome", "row_no"], name="import_row_by_outcome"),
            models.Index(fields=["job", "key"], name="import_row_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.row_no} {self.outcome}"


class ImportMapping(models.Model):
    """Which column of their spreadsheet is which field, as a company chose last time."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="+")
    table = models.CharField(max_length=20)
    columns = models.JSONField(default=dict)  # header as written, folded -> field

    class Meta:
        verbose_name = _("remembered columns")
        constraints = [UniqueConstraint(fields=["company", "table"], name="import_mapping_once")]

    def __str__(self) -> str:
        return self.table


class ExportRun(models.Model):
    """Vouchers handed over to another ledger: exactly those that carry this run's mark, however often it is fetched."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="export_runs")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(_("Exported"))
    value_from = models.DateField(_("From"), null=True, blank=True)
    value_to = models.DateField(_("To"), null=True, blank=True)
    salary = models.BooleanField(default=False)  # holds salary vouchers: only for people with the payroll role
    voucher_count = models.PositiveIntegerField(_("Vouchers"), default=0)
    debit_total = MoneyField(_("Amount"), default=ZERO)
    ranges = models.JSONField(default=list)  # [series, first number, last number, vouchers]
    fetched = models.PositiveIntegerField(_("Fetched"), default=0)
    fetched_at = models.DateTimeField(null=True, blank=True)
    fetched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("export of vouchers")
        indexes = [models.Index(fields=["company", "-made_at"], name="export_run_newest")]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} {self.voucher_count}"
