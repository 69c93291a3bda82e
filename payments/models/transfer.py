"""Transfer: one sealed file to the bank side, and its items (transactions)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import ZERO, MoneyField
from companies.choices import Channel
from payments.choices import PayeeAct, PayeeDecisionState, TransferState


class Transfer(models.Model):
    """One file: fixed message id, fixed bytes, digest. A message id never names two digests."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="transfers")
    payment = models.ForeignKey("payments.Payment", models.CASCADE, related_name="transfers")
    round = models.PositiveSmallIntegerField()
    sequence = models.PositiveSmallIntegerField()
    msg_id = models.CharField(_("Message id"), max_length=35, unique=True)
    created_at = models.DateTimeField()
    version = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=255)  # in the data area
    size = models.PositiveBigIntegerField()
    item_count = models.PositiveIntegerField()
    control_sum = MoneyField()
    channel = models.CharField(max_length=10, choices=Channel)
    state = models.CharField(max_length=10, choices=TransferState, default=TransferState.SEALED)
    not_before = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # to send it or to ask about it
    sends = models.PositiveSmallIntegerField(default=0)  # of these, how often it may have reached the bank side
    last_error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    remote_id = models.CharField(max_length=64, blank=True)
    refused_code = models.CharField(max_length=35, blank=True)
    refused_text = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("transfer")
        constraints = [UniqueConstraint(fields=["payment", "round", "sequence"], name="transfer_once_a_round")]
        indexes = [models.Index(fields=["state", "not_before"], name="transfer_due")]

    def __str__(self) -> str:
        return self.msg_id


class TransferItem(models.Model):
    """One credit transfer transaction (CdtTrfTxInf): what the bank answers about and settles."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="items", db_index=False)
    payment = models.ForeignKey("payments.Payment", models.CASCADE, related_name="items", db_index=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="+", db_index=False)
    supplier = models.ForeignKey("companies.Supplier", models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveIntegerField()
    end_to_end_id = models.CharField(max_length=35)
    payment_info_id = models.CharField(max_length=35)
    uetr = models.CharField(max_length=36, blank=True)
    amount = MoneyField()
    currency = models.ForeignKey("companies.Currency", models.PROTECT, related_name="+", db_index=False)
    execution_date = models.DateField()
    account = models.CharField(max_length=35)
    payee_name = models.CharField(max_length=140)
    rank = models.PositiveSmallIntegerField(default=0)  # highest bank answer heard (mapping 3.2)
    settlement_round = models.PositiveSmallIntegerField(default=0)  # a return opens the next one
    payee_check = models.CharField(max_length=4, blank=True)  # RVMC, RVNM, RVNA
    payee_check_name = models.CharField(max_length=140, blank=True)
    payee_check_done = models.BooleanField(default=False)
    deficient = models.BooleanField(default=False)  # AutoPay central named it when it cancelled the whole batch

    class Meta:
        verbose_name = _("transfer item")
        constraints = [
            UniqueConstraint(fields=["company", "end_to_end_id"], name="end_to_end_id_once_for_ever"),
            CheckConstraint(condition=Q(amount__gt=ZERO), name="transfer_item_amount_positive"),
        ]
        indexes = [
            models.Index(fields=["transfer", "position"], name="transfer_item_in_file"),
            models.Index(fields=["payment_info_id"], name="transfer_item_by_group"),
            models.Index(fields=["payment", "position"], name="transfer_item_in_payment"),
            models.Index(
                fields=["company", "transfer"],
                condition=Q(payee_check__gt="", payee_check_done=False),
                name="transfer_item_payee_check",
            ),
        ]

    def __str__(self) -> str:
        return self.end_to_end_id


class PayeeDecision(models.Model):
    """What people decided when the bank found other names behind accounts: one asks, another confirms."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="+")
    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="payee_decisions")
    act = models.CharField(max_length=10, choices=PayeeAct)
    reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=PayeeDecisionState, default=PayeeDecisionState.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # the bank side took it
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("payee decision")
        constraints = [
            UniqueConstraint(fields=["transfer"], condition=Q(state="waiting"), name="payee_decision_one_waiting"),
            CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")) | Q(state="withdrawn"),
                name="payee_decision_second_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "id"],
                condition=Q(state="confirmed", told_at__isnull=True),
                name="payee_decision_to_tell",
            )
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id} {self.act}"


class PayeeDecisionItem(models.Model):
    """What the first person saw when asking: the transaction and what the bank had found about it by then."""

    decision = models.ForeignKey(PayeeDecision, models.CASCADE, related_name="items")
    item = models.ForeignKey(TransferItem, models.CASCADE, related_name="+", db_index=False)
    payee_check = models.CharField(max_length=4)
    payee_check_name = models.CharField(max_length=140, blank=True)

    class Meta:
        verbose_name = _("transaction of a payee decision")
        constraints = [UniqueConstraint(fields=["item", "decision"], name="payee_decision_item_once")]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.item_id}"
