"""The traffic log: one row per file or call, with the stored file. Written by integration.traffic only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import MoneyField
from integration.choices import Direction, Outcome


class FileKind(models.Model):
    """Extension and retention by kind of file; configurable, since Visma's own are not public."""

    kind = models.CharField(_("Kind"), max_length=30, primary_key=True)
    extension = models.CharField(_("Extension"), max_length=10)
    description = models.CharField(_("Description"), max_length=100)
    keep_days = models.PositiveIntegerField(_("Kept for days"), default=3653)

    class Meta:
        verbose_name = _("file kind")

    def __str__(self) -> str:
        return self.kind


class StoredFile(models.Model):
    """A file in the data area, stored once per company and digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=30)
    digest = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    path = models.CharField(max_length=255)
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("stored file")
        constraints = [UniqueConstraint(fields=["company", "digest"], name="stored_file_once")]

    def __str__(self) -> str:
        return self.path


class Exchange(models.Model):
    """One call or file between us and the outside, and what became of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(
        "companies.Company", models.PROTECT, null=True, blank=True, related_name="exchanges", db_index=False
    )
    at = models.DateTimeField()
    direction = models.CharField(max_length=3, choices=Direction)
    kind = models.CharField(max_length=30)  # upload, status, file, export, register, …
    outcome = models.CharField(max_length=8, choices=Outcome)
    by_service = models.BooleanField(default=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    address = models.CharField(max_length=255, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="exchanges")
    reference = models.CharField(max_length=100, blank=True)  # MsgId, file id or message id
    count = models.PositiveIntegerField(null=True, blank=True)
    total = MoneyField(null=True, blank=True)
    text = models.CharField(max_length=500, blank=True)
    payment = models.ForeignKey("payments.Payment", models.SET_NULL, null=True, blank=True, related_name="exchanges")
    transfer = models.ForeignKey("payments.Transfer", models.SET_NULL, null=True, blank=True, related_name="exchanges")
    bank_file = models.ForeignKey("payments.BankFile", models.SET_NULL, null=True, blank=True, related_name="exchanges")
    message = models.ForeignKey(
        "integration.InboxMessage", models.SET_NULL, null=True, blank=True, related_name="exchanges"
    )
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("exchange")
        indexes = [
            models.Index(fields=["company", "-at"], name="exchange_newest"),
            models.Index(fields=["-at"], name="exchange_all_newest"),
            models.Index(fields=["company", "reference"], name="exchange_by_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.kind} {self.outcome}"


class UsedNonce(models.Model):
    """A nonce heard in a signed answer; heard again it is a replay."""

    keyid = models.CharField(max_length=60)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("nonce")
        constraints = [UniqueConstraint(fields=["keyid", "nonce"], name="nonce_once")]
        indexes = [models.Index(fields=["at"], name="nonce_by_age")]

    def __str__(self) -> str:
        return self.nonce
