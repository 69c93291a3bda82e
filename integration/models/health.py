"""Heartbeats and samples for the operations page."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkerBeat(models.Model):
    """A process of ours that says it is alive: consumer, worker, beat."""

    name = models.CharField(max_length=100, primary_key=True)
    kind = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    doing = models.CharField(max_length=200, blank=True)
    handled = models.PositiveBigIntegerField(default=0)
    stopping = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("worker")

    def __str__(self) -> str:
        return self.name


class HealthSample(models.Model):
    """One measurement of one part, each minute and whenever a person asks for one."""

    at = models.DateTimeField()
    part = models.CharField(max_length=30)  # gateway, queue, consumer, workers, database, broker, disk
    good = models.BooleanField()
    value = models.BigIntegerField(default=0)  # milliseconds, messages, seconds: by part
    fact = models.CharField(max_length=20, blank=True)  # what was found, to be told in the reader's language
    facts = models.JSONField(default=dict)  # what its sentence names, and why a silent gateway gave no answer
    by_hand = models.BooleanField(default=False)  # a person asked now; says nothing about how long trouble lasts

    class Meta:
        verbose_name = _("health sample")
        indexes = [models.Index(fields=["part", "-at"], name="health_by_part")]

    def __str__(self) -> str:
        return f"{self.part} {self.good}"
