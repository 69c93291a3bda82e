"""Incoming payments, what they were matched to and why, and what is proposed when nothing is proven."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import ZERO, MoneyField
from payments.choices import IncomingState, ParkReason, Rule


class IncomingPayment(models.Model):
    """One credit from one payer (a detail of a bank entry), registered once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="incoming_payments", db_index=False)
    file = models.ForeignKey("payments.BankFile", models.CASCADE, related_name="incoming_payments", db_index=False)
    entry = models.ForeignKey("payments.BankEntry", models.CASCADE, related_name="incoming_payments")
    factoring = models.ForeignKey(
        "companies.FactoringCompany", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    number = models.PositiveBigIntegerField(default=0)  # position in the file, for reading out loud
    key = models.CharField(max_length=64)  # detail key (mapping 5)
    account = models.CharField(_("Receiving account"), max_length=35)
    amount = MoneyField(_("Amount"))
    fee = MoneyField(_("Fee"), default=ZERO)
    currency_code = models.CharField(max_length=3)
    instructed_amount = MoneyField(null=True, blank=True)  # as the payer ordered it, in another currency
    instructed_currency = models.CharField(max_length=3, blank=True)
    booking_date = models.DateField()
    value_date = models.DateField()
    bank_reference = models.CharField(_("Bank reference"), max_length=35, blank=True, db_column="BankRef")
    archive_reference = models.CharField(max_length=40, blank=True)
    reference = models.CharField(_("KID or reference"), max_length=140, blank=True)
    reference_kind = models.CharField(max_length=10, blank=True)
    reference_valid = models.BooleanField(null=True)
    documents = models.CharField(_("Invoice numbers"), max_length=4000, blank=True)
    text = models.CharField(_("Message"), max_length=1000, blank=True)
    payer_name = models.CharField(_("Payer"), max_length=140, blank=True)
    payer_account = models.CharField(_("Payer account"), max_length=35, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=IncomingState, default=IncomingState.NEW)
    rule = models.CharField(_("Matched by"), max_length=10, choices=Rule, blank=True)
    reason = models.CharField(_("Parked because"), max_length=16, choices=ParkReason, blank=True)
    explanation = models.CharField(max_length=500, blank=True)
    rest = MoneyField(default=ZERO)  # not yet assigned to entries or accounts
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    repeat_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    voucher = models.ForeignKey("payments.Voucher", models.SET_NULL, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("incoming payment")
        constraints = [
            UniqueConstraint(fields=["company", "key"], name="incoming_payment_once"),
            CheckConstraint(condition=Q(amount__gt=ZERO), name="incoming_payment_positive"),
        ]
        indexes = [
            # both ways: the parked ones oldest first, the list newest first
            models.Index(fields=["company", "state", "value_date", "id"], name="incoming_by_state"),
            models.Index(fields=["company", "value_date", "id"], name="incoming_by_day"),
            # all that the queue, its count and the sums by reason read, so that none of them touches a row
            models.Index(
                fields=["company", "state", "value_date", "id", "assigned_to", "reason", "currency_code", "rest"],
                condition=Q(state="parked"),
                name="incoming_parked",
            ),
            models.Index(
                fields=["company", "-amount", "id", "assigned_to", "reason"],
                condition=Q(state="parked"),
                name="incoming_parked_largest",
            ),
            models.Index(fields=["file", "state"], name="incoming_by_file"),
            models.Index(fields=["company", "payer_account"], name="incoming_by_payer"),
            models.Index(fields=["company", "archive_reference"], name="incoming_by_archive"),
        ]

    def __str__(self) -> str:
        return f"{self.value_date} {self.amount} {self.currency_code} {self.payer_name}"


class Match(models.Model):
    """Part of an incoming payment: onto a customer entry, or onto an account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incoming = models.ForeignKey(IncomingPayment, models.CASCADE, related_name="matches")
    entry = models.ForeignKey("payments.CustomerEntry", models.PROTECT, null=True, blank=True, related_name="matches")
    customer = models.ForeignKey("companies.Customer", models.PROTECT, null=True, blank=True, related_name="+")
    supplier = models.ForeignKey("companies.Supplier", models.PROTECT, null=True, blank=True, related_name="+")
    gl_account = models.CharField(max_length=20, blank=True)
    amount = MoneyField()  # of the payment
    discount = MoneyField(default=ZERO)  # closed on the entry beyond what was paid
    write_off = MoneyField(default=ZERO)
    closes = MoneyField(default=ZERO)  # of the entry, in the entry's currency and by its sign
    round = models.PositiveSmallIntegerField(default=1)  # each round of decisions makes one voucher
    source_key = models.CharField(max_length=80, default="")  # its voucher: once posted, the entry's rest knows of it
    rule = models.CharField(max_length=10, choices=Rule)
    proof = models.JSONField(default=dict)  # which digits, which amounts: shown, never searched

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [
            CheckConstraint(condition=~Q(amount=ZERO), name="match_amount_not_zero"),
            CheckConstraint(
                condition=Q(entry__isnull=False) | Q(customer__isnull=False) | Q(gl_account__gt=""),
                name="match_has_a_target",
            ),
        ]
        indexes = [models.Index(fields=["source_key"], name="match_by_voucher")]

    def __str__(self) -> str:
        return f"{self.amount} → {self.entry_id or self.gl_account}"


class MatchCandidate(models.Model):
    """A ranked proposal for a parked payment, with its reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incoming = models.ForeignKey(IncomingPayment, models.CASCADE, related_name="candidates", db_index=False)
    rank = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=10, choices=Rule)
    customer = models.ForeignKey("companies.Customer", models.CASCADE, null=True, blank=True, related_name="+")
    entries = models.JSONField(default=dict)  # {"parts": [[entry id, "amount"], …]}
    why = models.CharField(max_length=300)

    class Meta:
        verbose_name = _("proposal")
        constraints = [UniqueConstraint(fields=["incoming", "rank"], name="proposal_rank_once")]

    def __str__(self) -> str:
        return self.why


class PayerAccount(models.Model):
    """An account a customer has paid from, learned from an accepted match. Proposes, never posts."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="+")
    account = models.CharField(max_length=35)
    customer = models.ForeignKey("companies.Customer", models.CASCADE, related_name="payer_accounts")
    seen = models.PositiveIntegerField(default=1)
    last_seen_on = models.DateField()

    class Meta:
        verbose_name = _("payer account")
        constraints = [UniqueConstraint(fields=["company", "account", "customer"], name="payer_account_once")]

    def __str__(self) -> str:
        return self.account


class MatchingRule(models.Model):
    """A company's order of matching rules, and which are on."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="matching_rules")
    rule = models.CharField(max_length=10, choices=Rule)
    position = models.PositiveSmallIntegerField()
    active = models.BooleanField(default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("matching rule")
        constraints = [UniqueConstraint(fields=["company", "rule"], name="matching_rule_once")]

    def __str__(self) -> str:
        return self.rule


class PhraseRule(models.Model):
    """Words of a message that say where a payment belongs: a customer, or a ledger account. Made by a person.

    It proposes; only a rule that names a ledger account may also post, and only when a person said so.
    """

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="phrase_rules")
    phrase = models.CharField(_("Words in the message"), max_length=80)
    customer = models.ForeignKey("companies.Customer", models.CASCADE, null=True, blank=True, related_name="+")
    gl_account = models.CharField(_("Ledger account"), max_length=20, blank=True)
    posts = models.BooleanField(_("Posts by itself"), default=False)
    active = models.BooleanField(_("On"), default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("phrase rule")
        constraints = [
            UniqueConstraint(fields=["company", "phrase"], name="phrase_rule_once"),
            CheckConstraint(
                condition=(Q(customer__isnull=False) & Q(gl_account=""))
                | (Q(customer__isnull=True) & Q(gl_account__gt="")),
                name="phrase_rule_one_target",
            ),
            CheckConstraint(condition=Q(posts=False) | Q(gl_account__gt=""), name="phrase_rule_posts_to_account"),
        ]

    def __str__(self) -> str:
        return self.phrase
