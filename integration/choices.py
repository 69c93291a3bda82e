"""Codes of the integration tables."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageState(models.TextChoices):
    """A message from the queue."""

    RECEIVED = "received", _("Received")
    IN_WORK = "in_work", _("In work")
    HANDLED = "handled", _("Handled")
    PARKED = "parked", _("Parked")
    FAILED = "failed", _("Failed, will be tried again")
    DEAD = "dead", _("Gave up")
    ASIDE = "aside", _("Put aside")


class MessageType(models.TextChoices):
    """The four kinds the guide knows; anything else is parked."""

    STATUS = "OutgoingPaymentStatus", _("Outgoing payment status")
    INCOMING = "IncomingPayments", _("Incoming payments")
    STATEMENT = "AccountStatement", _("Account statement")
    MANDATES = "DirectDebitMandates", _("Direct-debit mandates")


class Direction(models.TextChoices):
    """Which way an exchange went."""

    OUT = "out", _("Out")
    IN = "in", _("In")


class Outcome(models.TextChoices):
    """How an exchange ended."""

    OK = "ok", _("Done")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Answer unknown")
    REPEAT = "repeat", _("Known already")


class ServiceState(models.TextChoices):
    """States of the message queue service, as the guide's console shows them."""

    NOT_INSTALLED = "not_installed", _("Not installed")
    INSTALLED = "installed", _("Installed")
    CREDENTIALS = "credentials", _("Credentials entered")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")


class ExportState(models.TextChoices):
    """How far *Export/update companies* came with one company."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Exporting")
    DONE = "done", _("Linked")
    FAILED = "failed", _("Not exported")


class WizardStep(models.TextChoices):
    """The steps of *Activate AutoPay*, in their order."""

    START = "start", _("Start")
    GATEWAY = "gateway", _("Gateway")
    COMPANIES = "companies", _("Companies checked")
    BANK = "bank", _("Bank set-up")
    STANDARD = "standard", _("Standard set-up")
    FINISH = "finish", _("Finish")
