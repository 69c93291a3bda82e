"""Who approved what: bound to the digest that was seen. Events and notes of a payment."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.money import MoneyField
from payments.choices import Decision, NoticeWhy, Severity


class Approval(models.Model):
    """One person's decision in one round."""

    payment = models.ForeignKey("payments.Payment", models.CASCADE, related_name="approvals")
    round = models.PositiveSmallIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.APPROVED)
    second_factor = models.BooleanField(default=False)
    at = models.DateTimeField()
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("approval")
        constraints = [UniqueConstraint(fields=["payment", "round", "person"], name="approval_once_a_round")]

    def __str__(self) -> str:
        return f"{self.person} {self.decision}"


class PreApproval(models.Model):
    """An approver's yes to one invoice before it is in a payment: for this amount at most and this account only."""

    company = models.ForeignKey("companies.Company", models.PROTECT, related_name="+")
    entry = models.ForeignKey("payments.SupplierEntry", models.CASCADE, related_name="pre_approvals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    amount = MoneyField(_("Amount"))
    account = models.CharField(_("Bank account"), max_length=35, blank=True)
    second_factor = models.BooleanField(default=False)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("pre-approval")
        constraints = [
            UniqueConstraint(fields=["entry", "person"], condition=Q(withdrawn_at=None), name="pre_approval_once")
        ]
        indexes = [models.Index(fields=["company", "person"], name="pre_approval_by_person")]

    def __str__(self) -> str:
        return f"{self.person} · {self.entry}"


class AcceptedFinding(models.Model):
    """A warning somebody took upon themselves by name; kept with the payment."""

    payment = models.ForeignKey("payments.Payment", models.CASCADE, related_name="accepted_findings", db_index=False)
    line = models.ForeignKey("payments.PaymentLine", models.CASCADE, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=4, choices=Severity, default=Severity.WARN)
    text = models.CharField(max_length=500)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("accepted finding")
        indexes = [models.Index(fields=["payment", "code"], name="accepted_finding")]

    def __str__(self) -> str:
        return self.code


class Notice(models.Model):
    """One thing told to one address once: a payment waits, the cut-off comes, the bank refused it."""

    payment = models.ForeignKey("payments.Payment", models.CASCADE, related_name="notices")
    round = models.PositiveSmallIntegerField()
    why = models.CharField(max_length=10, choices=NoticeWhy)
    mark = models.CharField(max_length=40, blank=True)  # which day, which cut-off, up to which change of a line
    address = models.CharField(max_length=254)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("notice")
        constraints = [UniqueConstraint(fields=["payment", "round", "why", "mark", "address"], name="notice_once")]

    def __str__(self) -> str:
        return f"{self.why}: {self.address}"


class PaymentEvent(models.Model):
    """The story of a batch ("Show events"): append only."""

    payment = models.ForeignKey("payments.Payment", models.CASCADE, related_name="events")
    at = models.DateTimeField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=30)
    text = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("payment event")
        indexes = [models.Index(fields=["payment", "id"], name="payment_event_by_payment")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class PaymentNote(models.Model):
    """A remark colleagues leave on a payment."""

    payment = models.ForeignKey("payments.Payment", models.CASCADE, related_name="notes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("payment note")

    def __str__(self) -> str:
        return self.text
