"""Closing a month: who looks after which point of the list, and what he found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from payments.choices import ClosingCheck


class ClosingPoint(models.Model):
    """One point of a month's closing list, once somebody owns it or wrote a note. Whether it is done is counted."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="closing_points")
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    check_code = models.CharField(max_length=12, choices=ClosingCheck)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("closing point")
        constraints = [
            UniqueConstraint(fields=["company", "year", "month", "check_code"], name="closing_point_once"),
            CheckConstraint(condition=Q(month__gte=1) & Q(month__lte=12), name="closing_point_month_1_to_12"),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02} {self.check_code}"
