"""Open entries: what we owe suppliers and what customers owe us."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.money import ZERO, MoneyField
from companies.choices import FeeCode
from payments.choices import EntryKind, PaidStatus


class SupplierEntry(models.Model):
    """A supplier's invoice (positive) or credit note (negative).

    `rest` is what remains unpaid, `in_payment` what payments on their way have taken of it. Both change only by
    guarded UPDATEs: reservations in payments.reservation, payments in payments.books.ledger.
    """

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="supplier_entries", db_index=False)
    supplier = models.ForeignKey("companies.Supplier", models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(_("Kind"), max_length=12, choices=EntryKind, default=EntryKind.INVOICE)
    voucher_no = models.CharField(_("Voucher no."), max_length=20, blank=True)
    voucher_type = models.ForeignKey(
        "companies.VoucherType", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    invoice_no = models.CharField(_("Invoice no."), max_length=35)
    entry_date = models.DateField(_("Invoice date"))
    due_date = models.DateField(_("Due date"))
    planned_date = models.DateField(_("Planned payment date"), db_column="EstPayDt")
    planned_why = models.CharField(max_length=120, blank=True)
    currency = models.ForeignKey("companies.Currency", models.PROTECT, related_name="+", db_index=False)
    amount = MoneyField(_("Amount"))
    amount_booked = MoneyField(_("Amount in company currency"))
    rest = MoneyField(_("Rest amount"))
    in_payment = MoneyField(_("In payment"), default=ZERO)
    discount_amount = MoneyField(_("Cash discount"), default=ZERO)
    discount_date = models.DateField(_("Cash discount until"), null=True, blank=True)
    kid = models.CharField(_("KID code"), max_length=35, blank=True)
    extra_text = models.CharField(_("Extra text"), max_length=200, blank=True, db_column="Txt2")
    account = models.CharField(_("Bank account"), max_length=35, blank=True, db_column="BankG")
    fee_code = models.PositiveSmallIntegerField(
        _("EFT bank fee code"), choices=FeeCode, default=FeeCode.DEFAULT, db_column="EFT2"
    )
    declaration_code = models.CharField(_("EFT declaration code"), max_length=3, blank=True, db_column="EFT3")
    remitted = models.BooleanField(_("Remitted"), default=False, db_column="ExcRmt")
    held = models.BooleanField(_("Held back"), default=False)
    held_until = models.DateField(_("Held back until"), null=True, blank=True)  # empty: until somebody lets it go
    held_reason = models.CharField(_("Held back because"), max_length=200, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.PositiveSmallIntegerField(
        _("Paid status"), choices=PaidStatus, default=PaidStatus.OPEN, db_column="St"
    )
    settled_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("supplier entry")
        verbose_name_plural = _("supplier entries")
        constraints = [
            UniqueConstraint(fields=["company", "supplier", "kind", "invoice_no"], name="supplier_entry_once"),
            CheckConstraint(condition=~Q(amount=ZERO), name="supplier_entry_amount_not_zero"),
            CheckConstraint(
                condition=Q(amount__gt=ZERO, in_payment__gte=ZERO, in_payment__lte=F("rest"), rest__lte=F("amount"))
                | Q(amount__lt=ZERO, in_payment__lte=ZERO, in_payment__gte=F("rest"), rest__gte=F("amount")),
                name="supplier_entry_in_payment_within_rest",
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "planned_date", "id"],
                condition=Q(status__in=(1, 2)),
                name="supplier_entry_due",
            ),
            models.Index(fields=["supplier", "status"], name="supplier_entry_open"),
            models.Index(fields=["company", "invoice_no"], name="supplier_entry_invoice"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_no} {self.rest} {self.currency_id}"

    @property
    def payable(self) -> object:
        """What may still be put into a payment."""
        return self.rest - self.in_payment


class CustomerEntry(models.Model):
    """A customer's invoice (positive) or credit note (negative)."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="customer_entries", db_index=False)
    customer = models.ForeignKey("companies.Customer", models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(_("Kind"), max_length=12, choices=EntryKind, default=EntryKind.INVOICE)
    voucher_no = models.CharField(_("Voucher no."), max_length=20, blank=True)
    invoice_no = models.CharField(_("Invoice no."), max_length=35)
    entry_date = models.DateField(_("Invoice date"))
    due_date = models.DateField(_("Due date"))
    currency = models.ForeignKey("companies.Currency", models.PROTECT, related_name="+", db_index=False)
    amount = MoneyField(_("Amount"))
    amount_booked = MoneyField(_("Amount in company currency"))
    rest = MoneyField(_("Rest amount"))
    discount_amount = MoneyField(_("Cash discount"), default=ZERO)
    discount_date = models.DateField(_("Cash discount until"), null=True, blank=True)
    kid = models.CharField(_("KID code"), max_length=35, blank=True)
    status = models.PositiveSmallIntegerField(
        _("Paid status"), choices=PaidStatus, default=PaidStatus.OPEN, db_column="St"
    )
    settled_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("customer entry")
        verbose_name_plural = _("customer entries")
        constraints = [
            UniqueConstraint(fields=["company", "kind", "invoice_no"], name="customer_entry_once"),
            CheckConstraint(condition=~Q(amount=ZERO), name="customer_entry_amount_not_zero"),
            CheckConstraint(
                condition=Q(amount__gt=ZERO, rest__gte=ZERO, rest__lte=F("amount"))
                | Q(amount__lt=ZERO, rest__lte=ZERO, rest__gte=F("amount")),
                name="customer_entry_rest_within_amount",
            ),
        ]
        indexes = [
            # of all entries: SQLite reads an index of "kid > ''" from end to end, whatever KIDs are asked for
            models.Index(fields=["company", "kid"], name="customer_entry_kid"),
            models.Index(fields=["customer", "status"], name="customer_entry_open"),
            models.Index(fields=["company", "rest"], condition=Q(status__in=(1, 2)), name="customer_entry_rest"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_no} {self.rest} {self.currency_id}"
