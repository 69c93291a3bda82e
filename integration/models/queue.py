"""The private queue and the durable inbox."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.ids import new_id
from integration.choices import MessageState


class MessageQueue(models.Model):
    """The instance's queue service: installed, credentials, running, paused. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    installed_at = models.DateTimeField(null=True, blank=True)
    installed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    credentials_checked_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    last_registered_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message queue")
        constraints = [CheckConstraint(condition=Q(id=1), name="message_queue_is_one_row")]

    def __str__(self) -> str:
        return str(_("Message queue"))


class InboxMessage(models.Model):
    """A message as it came, committed before it is acknowledged; then worked on until handled or parked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=120, unique=True)  # message id, or digest of the bytes when there is none
    message_id = models.CharField(max_length=100, blank=True)
    message_type = models.CharField(max_length=40, blank=True)
    company = models.ForeignKey(
        "companies.Company", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    remote_company_id = models.CharField(max_length=64, blank=True)
    file_id = models.CharField(max_length=100, blank=True)
    file_kind = models.CharField(max_length=40, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)
    raw = models.TextField()
    queue = models.CharField(max_length=100, blank=True)
    by_download = models.BooleanField(default=False)  # came by Download, not through the queue
    heard = models.PositiveIntegerField(default=1)  # how many times it was delivered
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.RECEIVED)
    reason = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    bank_file = models.ForeignKey("payments.BankFile", models.SET_NULL, null=True, blank=True, related_name="messages")
    sent_at = models.DateTimeField(null=True, blank=True)  # createdAt of the envelope
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("message")
        indexes = [
            models.Index(fields=["state", "not_before", "received_at"], name="inbox_due"),
            models.Index(fields=["-received_at"], name="inbox_newest"),
            models.Index(fields=["company", "-received_at"], name="inbox_by_company"),
            models.Index(fields=["company", "state", "received_at"], name="inbox_next_of_company"),
        ]

    def __str__(self) -> str:
        return self.message_id or self.key


class DownloadMark(models.Model):
    """How far a company's list of messages was read by Download. Another Visma.net company id starts it anew."""

    company = models.OneToOneField("companies.Company", models.CASCADE, primary_key=True, related_name="+")
    remote_company_id = models.CharField(max_length=64, blank=True)
    position = models.PositiveBigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("download")

    def __str__(self) -> str:
        return f"{self.company_id}: {self.position}"


class ApiKey(models.Model):
    """A key an ERP uses for one company; only its digest is kept."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="api_keys")
    name = models.CharField(_("Name"), max_length=60)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    can_write = models.BooleanField(_("May send entries"), default=True)
    reads_statuses = models.BooleanField(_("May read statuses of payments"), default=True)
    reads_vouchers = models.BooleanField(_("May read vouchers"), default=True)
    sees_salary = models.BooleanField(_("May see salary payments"), default=False)
    expires_at = models.DateTimeField(_("Valid until"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    minute = models.DateTimeField(null=True, blank=True)  # the minute whose calls are counted
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("API key")
        constraints = [UniqueConstraint(fields=["company", "name"], name="api_key_name_once")]

    def __str__(self) -> str:
        return self.name


class ApiRequest(models.Model):
    """A call that changed something, under the caller's own key: sent again it gets the same answer, once done."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="requests")
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)  # of address and body
    status_code = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("API call")
        constraints = [UniqueConstraint(fields=["api_key", "key"], name="api_request_once")]

    def __str__(self) -> str:
        return self.key
