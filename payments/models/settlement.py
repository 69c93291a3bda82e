"""Money facts about our payments, and answers a person must look at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import ZERO, MoneyField
from payments.choices import FactKind


class SettlementFact(models.Model):
    """The bank debited (or returned) one item. Its key never holds a bank reference: the same booking may be told
    by camt.054 and camt.053 with different ones."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="+", db_index=False)
    payment = models.ForeignKey("payments.Payment", models.CASCADE, related_name="settlement_facts")
    item = models.ForeignKey("payments.TransferItem", models.CASCADE, related_name="facts", db_index=False)
    kind = models.CharField(max_length=10, choices=FactKind)
    round = models.PositiveSmallIntegerField()
    source_key = models.CharField(max_length=80, unique=True)  # item:settled:round
    value_date = models.DateField()
    booking_date = models.DateField()
    amount = MoneyField()  # in the item's currency
    account_amount = MoneyField()  # what the account was debited or credited, without fee
    account_currency = models.ForeignKey("companies.Currency", models.PROTECT, related_name="+", db_index=False)
    fee = MoneyField(default=ZERO)  # in the account's currency
    bank_reference = models.CharField(max_length=35, blank=True)
    reason_code = models.CharField(max_length=35, blank=True)
    source = models.CharField(max_length=120)
    bank_entry = models.ForeignKey("payments.BankEntry", models.SET_NULL, null=True, blank=True, related_name="+")
    batch = models.ForeignKey("payments.Batch", models.SET_NULL, null=True, blank=True, related_name="facts")
    advise = models.BooleanField(default=False)  # the supplier is still to be told (payments.mailing.advising)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("settlement fact")
        constraints = [
            CheckConstraint(condition=Q(amount__gt=ZERO), name="settlement_fact_amount_positive"),
            CheckConstraint(condition=Q(fee__gte=ZERO), name="settlement_fact_fee_not_negative"),
        ]
        indexes = [
            models.Index(
                fields=["payment", "value_date"],
                condition=Q(batch__isnull=True),
                name="settlement_fact_unbooked",
            ),
            models.Index(fields=["item", "kind"], name="settlement_fact_by_item"),
            models.Index(fields=["payment", "value_date"], condition=Q(advise=True), name="settlement_fact_to_advise"),
        ]

    def __str__(self) -> str:
        return self.source_key


class AnswerException(models.Model):
    """An answer that contradicts what is known, or names nothing of ours (status 9). Nothing is changed by it."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="answer_exceptions")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=30)
    text = models.CharField(max_length=500)
    source = models.CharField(max_length=120)
    payment = models.ForeignKey("payments.Payment", models.CASCADE, null=True, blank=True, related_name="exceptions")
    item = models.ForeignKey("payments.TransferItem", models.CASCADE, null=True, blank=True, related_name="+")
    amount = MoneyField(null=True, blank=True)
    currency_code = models.CharField(max_length=3, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    done_how = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("exception")
        indexes = [models.Index(fields=["company", "done_at", "id"], name="answer_exception_open")]

    def __str__(self) -> str:
        return self.text
