"""Payment, its lines, and every change of a line's status."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.money import ZERO, MoneyField
from companies.choices import FeeCode
from payments.choices import BatchWord, LineStatus, PaymentStatus, RoundState


class Payment(models.Model):
    """One payment run through one bank partner. Status and word are derived from lines and transfers."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="payments")
    number = models.PositiveIntegerField(_("Payment no."))
    bank_partner = models.ForeignKey("companies.BankPartner", models.PROTECT, related_name="payments")
    agreement = models.ForeignKey("companies.BankAgreement", models.PROTECT, related_name="payments")
    description = models.CharField(_("Description"), max_length=80, blank=True)
    status = models.PositiveSmallIntegerField(
        _("Status"), choices=PaymentStatus, default=PaymentStatus.ESTIMATE, db_column="PmtSt"
    )
    word = models.CharField(max_length=10, choices=BatchWord, default=BatchWord.NEW)
    salary = models.BooleanField(_("Salary"), default=False)
    transfer_date = models.DateField(_("Estimated transfer date"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("Created on"), auto_now_add=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField(null=True, blank=True)
    # Approval round: decided by conditional UPDATEs on these columns only (payments.releasing.approval)
    round_state = models.CharField(max_length=10, choices=RoundState, default=RoundState.DRAFT)
    round = models.PositiveSmallIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    needed = models.PositiveSmallIntegerField(default=0)
    given = models.PositiveSmallIntegerField(default=0)
    released_at = models.DateTimeField(null=True, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    # Kept on the header so that lists need not read the lines
    line_count = models.PositiveIntegerField(default=0)
    item_count = models.PositiveIntegerField(default=0)
    first_date = models.DateField(null=True, blank=True)
    last_date = models.DateField(null=True, blank=True)
    warning_count = models.PositiveIntegerField(default=0)
    unanswered_since = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("payment")
        constraints = [
            UniqueConstraint(fields=["company", "number"], name="payment_number_once"),
            CheckConstraint(condition=Q(given__lte=F("needed")), name="payment_given_at_most_needed"),
            CheckConstraint(condition=Q(needed__lte=5), name="payment_needed_at_most_5"),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="payment_newest"),
            models.Index(fields=["company", "word", "-id"], name="payment_by_word"),
            models.Index(fields=["company", "status", "-id"], name="payment_by_status"),
            # all that the lists of approval, their counts and the side bar ask, in the order of the first of them
            models.Index(
                fields=["company", "round_state", "transfer_date", "id", "needed", "uploaded_by", "round"],
                name="payment_by_round",
            ),
            models.Index(fields=["company", "round_state", "number", "id"], name="payment_round_number"),
            models.Index(
                fields=["company", "unanswered_since"],
                condition=Q(unanswered_since__isnull=False),
                name="payment_unanswered",
            ),
            models.Index(fields=["company", "description"], name="payment_by_description"),
        ]

    def __str__(self) -> str:
        return f"{self.number} – {self.bank_partner_id} {self.description}"


class PaymentTotal(models.Model):
    """Sum and count of a payment's lines in one currency; currencies are never added together."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="totals")
    currency = models.ForeignKey("companies.Currency", models.PROTECT, related_name="+")
    amount = MoneyField()
    lines = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("payment total")
        constraints = [UniqueConstraint(fields=["payment", "currency"], name="payment_total_once")]
        indexes = [models.Index(fields=["amount"], name="payment_total_by_amount")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency_id}"


class PaymentLine(models.Model):
    """One open entry in a payment: positive for an invoice, negative for a credit note that is netted.

    Several lines of one supplier, account, date and currency may make one transfer item (one transaction at the
    bank); answers and settlement belong to the item and spread to its lines.
    """

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="lines", db_index=False)
    line_no = models.PositiveIntegerField(_("Line no."))
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="+", db_index=False)
    supplier = models.ForeignKey("companies.Supplier", models.PROTECT, related_name="payment_lines")
    entry = models.ForeignKey("payments.SupplierEntry", models.PROTECT, related_name="payment_lines", db_index=False)
    item = models.ForeignKey(
        "payments.TransferItem", models.SET_NULL, null=True, blank=True, related_name="lines", db_index=False
    )
    status = models.PositiveSmallIntegerField(_("Status"), choices=LineStatus, default=LineStatus.ESTIMATE)
    currency = models.ForeignKey("companies.Currency", models.PROTECT, related_name="+", db_index=False)
    amount = MoneyField(_("Amount"))
    original_amount = MoneyField(_("Amount when suggested"))
    discount = MoneyField(_("Cash discount taken"), default=ZERO)
    pay_date = models.DateField(_("Payment date"))
    original_pay_date = models.DateField(null=True, blank=True)
    account = models.CharField(_("Bank account"), max_length=35, blank=True, db_column="BankG")
    kid = models.CharField(_("KID"), max_length=35, blank=True)
    message = models.CharField(_("Message"), max_length=280, blank=True)
    fee_code = models.PositiveSmallIntegerField(
        _("EFT bank fee code"), choices=FeeCode, default=FeeCode.DEFAULT, db_column="EFT2"
    )
    foreign_cost = models.CharField(_("Foreign cost"), max_length=70, blank=True)
    declaration_code = models.CharField(_("EFT declaration code"), max_length=3, blank=True, db_column="EFT3")
    declaration_text = models.CharField(max_length=70, blank=True)
    reason_code = models.CharField(_("Reason"), max_length=35, blank=True)
    reason_text = models.CharField(max_length=500, blank=True)
    waits_for = models.CharField(max_length=120, blank=True)  # such as "waiting: no cover (PDNG)"
    paid_amount = MoneyField(_("Paid"), null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    bank_batch = models.CharField(_("Bank batch in Visma.net AutoPay"), max_length=40, blank=True)
    bank_reference = models.CharField(_("Bank reference"), max_length=35, blank=True, db_column="BankRef")
    # What a duplicate is recognised by (payments.preparing.duplicates): same account, amount and reference
    payee_key = models.CharField(max_length=100, blank=True)
    urgent = models.BooleanField(_("Same day"), default=False)

    class Meta:
        verbose_name = _("payment line")
        constraints = [
            UniqueConstraint(fields=["payment", "line_no"], name="payment_line_no_once"),
            CheckConstraint(condition=~Q(amount=ZERO), name="payment_line_amount_not_zero"),
            CheckConstraint(condition=Q(discount__gte=ZERO), name="payment_line_discount_not_negative"),
        ]
        indexes = [
            models.Index(fields=["company", "status", "-id"], name="payment_line_by_status"),
            models.Index(fields=["entry", "status"], name="payment_line_by_entry"),
            models.Index(fields=["item"], condition=Q(item__isnull=False), name="payment_line_by_item"),
            models.Index(fields=["company", "payee_key"], name="payment_line_payee"),
            models.Index(fields=["payment", "status"], name="payment_line_in_payment"),
            models.Index(fields=["company", "kid"], name="payment_line_kid"),
            models.Index(fields=["company", "account"], name="payment_line_account"),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id}/{self.line_no} {self.amount} {self.currency_id}"


class LineChange(models.Model):
    """A line's status change: append only, chained by digest so that tampering shows."""

    line = models.ForeignKey(PaymentLine, models.CASCADE, related_name="changes", db_index=False)
    payment = models.ForeignKey(Payment, models.CASCADE, related_name="changes", db_index=False)
    before = models.PositiveSmallIntegerField(choices=LineStatus)
    after = models.PositiveSmallIntegerField(choices=LineStatus)
    at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    source = models.CharField(max_length=60)  # such as "upload", "pain.002 <message id>", "camt.054 <file>"
    reason_code = models.CharField(max_length=35, blank=True)
    reason_text = models.CharField(max_length=500, blank=True)
    seal = models.CharField(max_length=64)
    published = models.BigIntegerField(null=True, blank=True)  # its place for those who read on

    class Meta:
        verbose_name = _("line status change")
        indexes = [
            models.Index(fields=["published", "id"], name="line_change_published"),
            models.Index(fields=["line", "id"], name="line_change_by_line"),
            models.Index(fields=["payment", "id"], name="line_change_by_payment"),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
