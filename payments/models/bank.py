"""What banks sent: files, statements, entries. An entry is recognised when it comes again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import MoneyField
from payments.choices import BankEntryKind, FileState, ImportPhase, RepeatWhy


class BankFile(models.Model):
    """A stored bank file; the same digest in the same company is the same file."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="bank_files")
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    name = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=12, blank=True)  # camt.054, pain.002, vip, …
    version = models.CharField(max_length=12, blank=True)
    message_id = models.CharField(max_length=70, blank=True)
    message_key = models.CharField(max_length=120, blank=True)
    created_in_file = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=FileState, default=FileState.NEW)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)
    warnings = models.JSONField(default=dict)
    entry_count = models.PositiveIntegerField(default=0)
    position = models.PositiveBigIntegerField(default=0)  # entries imported so far, committed slice by slice
    phase = models.PositiveSmallIntegerField(choices=ImportPhase, default=ImportPhase.STAGING)
    phase_position = models.PositiveBigIntegerField(default=0)  # how far the phase after staging has come
    repeat_count = models.PositiveIntegerField(default=0)  # entries that were here before
    delivered_again = models.PositiveIntegerField(default=0)  # the same bytes came once more
    repeat_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    imported_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("bank file")
        constraints = [UniqueConstraint(fields=["company", "digest"], name="bank_file_once")]
        indexes = [
            models.Index(fields=["company", "-received_at"], name="bank_file_newest"),
            models.Index(fields=["state", "not_before"], name="bank_file_due"),
            models.Index(fields=["company", "message_key"], name="bank_file_message"),
            models.Index(fields=["company", "state", "phase"], name="bank_file_at_work"),
        ]

    def __str__(self) -> str:
        return self.name or self.digest[:16]


class Statement(models.Model):
    """An account statement (camt.053) or VIP/camt.054 account block with its balances."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="statements")
    file = models.ForeignKey(BankFile, models.CASCADE, related_name="statements")
    bank_partner = models.ForeignKey("companies.BankPartner", models.PROTECT, null=True, blank=True, related_name="+")
    account = models.CharField(max_length=35)
    currency_code = models.CharField(max_length=3, blank=True)
    number = models.PositiveIntegerField(default=0)  # place of the account block in the file
    statement_id = models.CharField(max_length=70, blank=True)
    page = models.PositiveIntegerField(default=1)
    last_page = models.BooleanField(default=True)
    copy = models.CharField(max_length=4, blank=True)  # COPY, DUPL, CODU: the bank says it has told this before
    from_date = models.DateField(null=True, blank=True)
    to_date = models.DateField(null=True, blank=True)
    opening = MoneyField(null=True, blank=True)
    closing = MoneyField(null=True, blank=True)
    booked_sum = MoneyField(null=True, blank=True)

    class Meta:
        verbose_name = _("statement")
        constraints = [
            UniqueConstraint(fields=["file", "account", "statement_id", "page"], name="statement_once_a_file")
        ]
        indexes = [models.Index(fields=["company", "account", "to_date"], name="statement_by_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.to_date}"


class BankEntry(models.Model):
    """One line on one account (Ntry). `key` and `occurrence` keep repeats out and equal rows apart."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="bank_entries", db_index=False)
    file = models.ForeignKey(BankFile, models.CASCADE, related_name="entries", db_index=False)
    statement = models.ForeignKey(Statement, models.CASCADE, null=True, blank=True, related_name="entries")
    bank_partner = models.ForeignKey("companies.BankPartner", models.PROTECT, null=True, blank=True, related_name="+")
    index = models.PositiveIntegerField()
    line = models.PositiveIntegerField(default=0)
    message_type = models.CharField(max_length=12)
    account = models.CharField(max_length=35)
    key = models.CharField(max_length=64)
    occurrence = models.PositiveSmallIntegerField(default=1)
    amount = MoneyField()  # change of the account, signed: credit positive, debit negative
    currency_code = models.CharField(max_length=3)
    status = models.CharField(max_length=4)  # BOOK, PDNG, INFO, FUTR
    reversal = models.BooleanField(default=False)
    booking_date = models.DateField()
    value_date = models.DateField()
    bank_reference = models.CharField(max_length=35, blank=True)
    booking_key = models.CharField(max_length=64, blank=True)  # same for 052, 053 and 054 of one booking
    kind = models.CharField(max_length=14, choices=BankEntryKind, blank=True)
    text = models.CharField(max_length=500, blank=True)
    books = models.BooleanField(default=True)  # false: another message of the account books, this one proves
    adds_up = models.BooleanField(default=True)
    plan = models.JSONField(default=dict)  # what it does once the file is live (payments.receiving.plans)
    linked_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="proofs")
    voucher = models.ForeignKey("payments.Voucher", models.SET_NULL, null=True, blank=True, related_name="+")
    # a line no notification booked: what a person said of it (booked here, or known elsewhere)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_how = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("bank entry")
        verbose_name_plural = _("bank entries")
        constraints = [
            UniqueConstraint(fields=["company", "message_type", "key", "occurrence"], name="bank_entry_once"),
            UniqueConstraint(fields=["file", "index"], name="bank_entry_once_a_file"),
        ]
        indexes = [
            models.Index(fields=["company", "account", "booking_date"], name="bank_entry_by_account"),
            models.Index(fields=["company", "booking_key"], name="bank_entry_booking"),
            # the few lines of statements that nothing answers, among all that something does
            models.Index(
                fields=["company", "account", "booking_date", "index"],
                condition=Q(books=False, linked_to__isnull=True, voucher__isnull=True, decided_at__isnull=True),
                name="bank_entry_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.booking_date} {self.amount} {self.currency_code}"


class RepeatedEntry(models.Model):
    """A row of a file that was recognised as one the books hold already, with the row it repeats."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="+")
    file = models.ForeignKey(BankFile, models.CASCADE, related_name="repeats")
    index = models.PositiveIntegerField()
    line = models.PositiveIntegerField(default=0)
    amount = MoneyField()
    currency_code = models.CharField(max_length=3)
    entry = models.ForeignKey(BankEntry, models.CASCADE, related_name="repeated_by")
    why = models.CharField(max_length=12, choices=RepeatWhy)

    class Meta:
        verbose_name = _("repeated entry")
        verbose_name_plural = _("repeated entries")
        constraints = [UniqueConstraint(fields=["file", "index"], name="repeated_entry_once_a_file")]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.index}"


class OpenDebit(models.Model):
    """A debit nobody here made, until a person says what it is."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="open_debits")
    entry = models.ForeignKey(BankEntry, models.CASCADE, related_name="open_debits")
    key = models.CharField(max_length=64, unique=True)
    amount = MoneyField()
    currency_code = models.CharField(max_length=3)
    value_date = models.DateField()
    counterparty = models.CharField(max_length=140, blank=True)
    counterparty_account = models.CharField(max_length=35, blank=True)
    text = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    done_how = models.CharField(max_length=200, blank=True)
    voucher = models.ForeignKey("payments.Voucher", models.SET_NULL, null=True, blank=True, related_name="+")
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("open debit")
        indexes = [models.Index(fields=["company", "id"], condition=Q(done_at__isnull=True), name="open_debit_waiting")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency_code} {self.counterparty}"
