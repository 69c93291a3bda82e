"""The journal: batches of vouchers with debit and credit postings. Written by payments.books.ledger only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import ZERO, MoneyField
from payments.choices import BatchKind, BatchState


class Batch(models.Model):
    """Vouchers that belong together: one payment and value date, or one bank file."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField(_("Batch no."), null=True, blank=True)  # drawn when it is shown
    kind = models.CharField(max_length=12, choices=BatchKind)
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.BUILDING)
    source_key = models.CharField(max_length=120, unique=True)
    series = models.CharField(_("Voucher series"), max_length=10)
    text = models.CharField(_("Description"), max_length=120, blank=True)
    value_date = models.DateField(_("Value date"))
    voucher_count = models.PositiveIntegerField(default=0)
    debit_total = MoneyField(default=ZERO)
    credit_total = MoneyField(default=ZERO)
    payment = models.ForeignKey("payments.Payment", models.PROTECT, null=True, blank=True, related_name="batches")
    file = models.ForeignKey("payments.BankFile", models.PROTECT, null=True, blank=True, related_name="batches")
    created_at = models.DateTimeField(auto_now_add=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    automatic = models.BooleanField(default=False)
    waits_for = models.CharField(max_length=200, blank=True)  # such as "period 2026-10 is locked"
    exported_at = models.DateTimeField(null=True, blank=True)
    published = models.BigIntegerField(null=True, blank=True)  # its place for those who read on

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            UniqueConstraint(fields=["company", "number"], name="batch_number_once"),
            CheckConstraint(condition=Q(debit_total=F("credit_total")), name="batch_debits_equal_credits"),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="batch_newest"),
            models.Index(fields=["published", "id"], name="batch_published"),
            models.Index(fields=["company", "state", "-id"], name="batch_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"


class Voucher(models.Model):
    """Balanced postings for one money fact, in company currency."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="vouchers", db_index=False)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="vouchers", db_index=False)
    position = models.PositiveIntegerField()
    number = models.PositiveBigIntegerField(_("Voucher no."), null=True, blank=True)
    series = models.CharField(max_length=10)
    source_key = models.CharField(max_length=120)
    value_date = models.DateField(_("Value date"))
    text = models.CharField(_("Text"), max_length=140, blank=True)
    extra_text = models.CharField(_("Extra text"), max_length=200, blank=True, db_column="Txt2")
    bank_reference = models.CharField(_("Bank reference"), max_length=35, blank=True, db_column="BankRef")
    autopay_reference = models.CharField(_("AutoPay payment reference"), max_length=70, blank=True)
    debit_total = MoneyField()
    credit_total = MoneyField()
    reverses = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    seal = models.CharField(max_length=64, blank=True)
    export_run = models.ForeignKey("payments.ExportRun", models.PROTECT, null=True, blank=True, related_name="vouchers")

    class Meta:
        verbose_name = _("voucher")
        constraints = [
            UniqueConstraint(fields=["company", "source_key"], name="voucher_source_once"),
            UniqueConstraint(fields=["company", "series", "number"], name="voucher_number_once"),
            UniqueConstraint(fields=["batch", "position"], name="voucher_position_once"),
            CheckConstraint(condition=Q(debit_total=F("credit_total")), name="voucher_debits_equal_credits"),
            CheckConstraint(condition=Q(debit_total__gt=ZERO), name="voucher_not_empty"),
        ]
        indexes = [
            models.Index(fields=["company", "value_date"], name="voucher_by_date"),
            models.Index(
                fields=["company", "value_date", "id"],
                condition=Q(export_run__isnull=True, number__isnull=False),
                name="voucher_not_exported",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.number}"


class Posting(models.Model):
    """One side of a voucher. Debit and credit in company currency; the original amount beside it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    voucher = models.ForeignKey(Voucher, models.CASCADE, related_name="postings", db_index=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveIntegerField()
    account = models.CharField(_("Account"), max_length=20)
    supplier = models.ForeignKey("companies.Supplier", models.PROTECT, null=True, blank=True, related_name="+")
    customer = models.ForeignKey("companies.Customer", models.PROTECT, null=True, blank=True, related_name="+")
    debit = MoneyField(_("Debit"), default=ZERO)
    credit = MoneyField(_("Credit"), default=ZERO)
    currency_code = models.CharField(max_length=3)
    currency_amount = MoneyField()  # signed: debit positive
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=1)
    cross_reference = models.CharField(_("Cross reference"), max_length=35, blank=True)
    text = models.CharField(max_length=140, blank=True)
    department = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("posting")
        constraints = [
            UniqueConstraint(fields=["voucher", "position"], name="posting_position_once"),
            CheckConstraint(
                condition=(Q(debit__gt=ZERO) & Q(credit=ZERO)) | (Q(debit=ZERO) & Q(credit__gt=ZERO)),
                name="posting_is_debit_or_credit",
            ),
        ]
        indexes = [models.Index(fields=["company", "account"], name="posting_by_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.debit or -self.credit}"


class EntryMatch(models.Model):
    """How much of an open entry a voucher closed (negative when a reversal opened it again)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="+", db_index=False)
    voucher = models.ForeignKey(Voucher, models.CASCADE, related_name="entry_matches", db_index=False)
    position = models.PositiveIntegerField()
    supplier_entry = models.ForeignKey(
        "payments.SupplierEntry", models.PROTECT, null=True, blank=True, related_name="entry_matches"
    )
    customer_entry = models.ForeignKey(
        "payments.CustomerEntry", models.PROTECT, null=True, blank=True, related_name="entry_matches"
    )
    amount = MoneyField()  # in the entry's currency, by the entry's sign
    reserved = MoneyField(default=ZERO)  # of the supplier entry's "in payment", ended with the posting
    matched_on = models.DateField()

    class Meta:
        verbose_name = _("entry match")
        verbose_name_plural = _("entry matches")
        constraints = [
            UniqueConstraint(fields=["voucher", "position"], name="entry_match_position_once"),
            # zero: the bank paid nothing of the entry (a part payment), only its reservation ends
            CheckConstraint(condition=~Q(amount=ZERO) | ~Q(reserved=ZERO), name="entry_match_not_zero"),
            CheckConstraint(
                condition=(Q(supplier_entry__isnull=False) & Q(customer_entry__isnull=True))
                | (Q(supplier_entry__isnull=True) & Q(customer_entry__isnull=False)),
                name="entry_match_one_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"


class Publication(models.Model):
    """The last place given out in what others read on: status changes, posted batches. One row of each kind."""

    kind = models.CharField(max_length=20, unique=True)
    last = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("publication")

    def __str__(self) -> str:
        return f"{self.kind} {self.last}"
