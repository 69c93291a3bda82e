"""People and what they may do."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from autopay_console.kernel.money import MoneyField
from companies.choices import InstanceRoleKind, Role


class Person(AbstractUser):
    """Somebody who logs in; rights come from memberships, never from the person's own row."""

    language = models.CharField(_("Language"), max_length=5, default="en", blank=True)
    theme = models.CharField(
        _("Theme"),
        max_length=5,
        default="auto",
        choices=[("auto", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    wants_mail = models.BooleanField(_("Gets e-mail about payments"), default=True)
    invited_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    deactivated_at = models.DateTimeField(_("Deactivated"), null=True, blank=True)
    deactivated_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    deactivated_why = models.CharField(_("Reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    @property
    def shown(self) -> str:
        """The name as it stands on screens and vouchers."""
        return self.get_full_name() or self.username


class Membership(models.Model):
    """Person × company × role. Takes effect at the next click."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    role = models.CharField(_("Role"), max_length=15, choices=Role)
    given_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("membership")
        constraints = [UniqueConstraint(fields=["company", "person", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()}"


class InstanceRole(models.Model):
    """Right over the installation itself: instance administrator, operations (sees no amounts)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="instance_roles")
    role = models.CharField(_("Role"), max_length=15, choices=InstanceRoleKind)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("instance role")
        constraints = [UniqueConstraint(fields=["person", "role"], name="instance_role_once")]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()}"


class Invitation(models.Model):
    """A link by e-mail that lets one person in with the roles chosen; it works once and ends by itself."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="invitations")
    email = models.EmailField(_("E-mail"), max_length=150)  # becomes the user name, which has 150 characters
    roles = models.CharField(_("Roles"), max_length=80)  # separated by commas, as chosen
    language = models.CharField(_("Language"), max_length=5, default="en")
    sent = models.PositiveSmallIntegerField(_("Mails sent"), default=0)  # only the newest mail's link works
    expires_at = models.DateTimeField(_("Works until"))
    invited_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("invitation")
        constraints = [
            UniqueConstraint(
                fields=["company", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_one_open",
            ),
            CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="invitation_accepted_or_withdrawn",
            ),
        ]
        indexes = [models.Index(fields=["company", "id"], name="invitation_by_company")]

    def __str__(self) -> str:
        return self.email


class Deputy(models.Model):
    """Who approves for whom, between which dates and up to which amount."""

    company = models.ForeignKey("companies.Company", models.CASCADE, related_name="deputies")
    person = models.ForeignKey(Person, models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey(Person, models.CASCADE, related_name="stands_in_for")
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("To"))
    limit = MoneyField(_("Up to"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("deputy")
        constraints = [
            CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="deputy_dates_in_order"),
            CheckConstraint(condition=~Q(person=F("deputy")), name="deputy_is_another_person"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} → {self.person}"
