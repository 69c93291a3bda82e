"""What serves all parts: changes awaiting a second person, jobs, mail outbox, saved views, search, business date."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.ids import new_id
from companies.choices import JobState, PendingState


class PendingChange(models.Model):
    """A change to where money goes; it is used only after a second person accepted it."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="pending_changes")
    table = models.CharField(max_length=40)  # model name, such as "supplier"
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=40)
    before = models.CharField(max_length=1000, blank=True)
    after = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=10, choices=PendingState, default=PendingState.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    job = models.ForeignKey(  # the import it came with
        "companies.Job", models.SET_NULL, null=True, blank=True, related_name="pending_changes", db_index=False
    )

    class Meta:
        verbose_name = _("pending change")
        constraints = [
            UniqueConstraint(
                fields=["table", "object_id", "field"],
                condition=Q(state="waiting"),
                name="pending_change_one_waiting",
            ),
            CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")) | Q(state="withdrawn"),
                name="pending_change_second_person",
            ),
        ]
        indexes = [models.Index(fields=["company", "state", "id"], name="pending_by_state")]

    def __str__(self) -> str:
        return f"{self.table} {self.object_id} {self.field}"


class Job(models.Model):
    """Long work in slices: its position is committed, so that it goes on after a crash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", models.CASCADE, null=True, blank=True, related_name="jobs")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    position = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    parameters = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("job")
        indexes = [models.Index(fields=["state", "created_at"], name="job_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class MailOutbox(models.Model):
    """Mail to be sent: a row with a key, at most one mail per key."""

    key = models.CharField(max_length=150, unique=True)
    company = models.ForeignKey("companies.Company", models.CASCADE, null=True, blank=True, related_name="+")
    to = models.TextField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    not_before = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("mail")
        indexes = [models.Index(fields=["sent_at", "id"], name="mail_unsent")]

    def __str__(self) -> str:
        return self.subject


class SavedView(models.Model):
    """A search somebody wants as a tab."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("saved view")
        constraints = [UniqueConstraint(fields=["company", "person", "page", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class BusinessClock(models.Model):
    """The business date that both sides read. Settable only in demo and tests; empty means wall time."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    moment = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("business clock")
        constraints = [CheckConstraint(condition=Q(id=1), name="business_clock_is_one_row")]

    def __str__(self) -> str:
        return str(self.moment or "")
