"""Who stopped sending, why and since when, and which two people let it go on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _


class SendingStop(models.Model):
    """One stop of a company's payments, or of all companies' (no company named). Kept as history.

    What the senders obey stands on the company and on System information; this row says who, why and until when.
    """

    company = models.ForeignKey(
        "companies.Company", models.PROTECT, null=True, blank=True, related_name="sending_stops"
    )
    stopped_at = models.DateTimeField()
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    why = models.CharField(max_length=200)
    resume_asked_at = models.DateTimeField(null=True, blank=True)
    resume_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    resume_why = models.CharField(max_length=200, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("stop of sending")
        constraints = [
            CheckConstraint(
                condition=Q(resumed_by__isnull=True)
                | (Q(resume_asked_by__isnull=False) & ~Q(resumed_by=F("resume_asked_by"))),
                name="sending_resumed_by_two",
            ),
        ]
        indexes = [
            models.Index(fields=["resumed_at", "company"], name="sending_stop_open"),
            models.Index(fields=["company", "-stopped_at"], name="sending_stop_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.company or '*'} {self.stopped_at:%Y-%m-%d %H:%M}"
