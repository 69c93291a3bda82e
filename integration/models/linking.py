"""Exports of companies to Visma.net that somebody asked for, and walks through the activation wizard."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.ids import new_id
from integration.choices import ExportState, WizardStep


class CompanyExport(models.Model):
    """The last *Export/update companies* of a company: asked for, then worked on until Visma.net said yes or no."""

    company = models.OneToOneField("companies.Company", models.CASCADE, primary_key=True, related_name="export")
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.WAITING)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    take_over = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    created = models.BooleanField(default=False)  # Visma.net made the company new
    code = models.CharField(max_length=40, blank=True)  # of the gateway's error
    text = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("company export")
        indexes = [models.Index(fields=["state", "not_before"], name="company_export_due")]

    def __str__(self) -> str:
        return f"{self.company_id}: {self.state}"


class ActivationRun(models.Model):
    """One walk through *Activate AutoPay*: where it is and what was answered, so that it can be carried on later."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    started_at = models.DateTimeField()
    step = models.CharField(max_length=10, choices=WizardStep, default=WizardStep.START)
    reached = models.CharField(max_length=10, choices=WizardStep, default=WizardStep.START)
    companies = models.TextField(blank=True)  # keys of the chosen companies, with commas between
    answers = models.TextField(blank=True)  # JSON: what was ticked in bank set-up and standard set-up
    result = models.TextField(blank=True)  # JSON: what was made, company by company
    working_until = models.DateTimeField(null=True, blank=True)  # somebody activates companies until then
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("activation")
        indexes = [models.Index(fields=["person", "-started_at"], name="activation_by_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.step}"
