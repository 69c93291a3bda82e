"""Codes of the company tables, with Visma Business's own numbers where they are known."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do in one company."""

    ADMINISTRATOR = "administrator", _("Administrator")
    ACCOUNTANT = "accountant", _("Accountant")
    APPROVER = "approver", _("Approver")
    READER = "reader", _("Reader")
    PAYROLL = "payroll", _("Payroll")


class InstanceRoleKind(models.TextChoices):
    """What a person may do with the installation itself."""

    ADMINISTRATOR = "administrator", _("Instance administrator")
    OPERATIONS = "operations", _("Operations")


class BankSystem(models.IntegerChoices):
    """Bank system (EFT system) of a bank partner."""

    VISMA_PAYMENT = 90, _("Visma Payment (BabelBank)")
    AUTOPAY = 95, _("Visma.net AutoPay")
    LIINOS = 96, _("Liinos")
    SERVICES = 97, _("Visma Services payment service")
    VISMA_AUTOPAY = 98, _("Visma AutoPay")
    ZDATA = 99, _("Z Data Converter")


class FeeCode(models.IntegerChoices):
    """EFT bank fee code (Text type 130)."""

    DEFAULT = 0, _("Default")
    PAYS_ALL = 1, _("Pays all fees")
    DOMESTIC = 2, _("Domestic fee")
    INTERNATIONAL = 3, _("International fee")
    NO_FEE = 4, _("No fee")


class TextType(models.IntegerChoices):
    """Kinds of rows in the Text table that payments use."""

    FEE_CODE = 130, _("EFT bank fee code")
    DECLARATION = 131, _("EFT declaration code")


class LinkState(models.TextChoices):
    """Whether the company is linked with its Visma.net company."""

    NOT_LINKED = "not_linked", _("Not linked")
    LINKING = "linking", _("Being exported")
    LINKED = "linked", _("Linked")
    FAILED = "failed", _("Export failed")


class AgreementState(models.TextChoices):
    """Life of a bank agreement; only active ones send or import."""

    ORDERED = "ordered", _("Ordered")
    CONFIRMED = "confirmed", _("Confirmed by bank")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


class TwoFactorLevel(models.IntegerChoices):
    """When the agreement asks for a second factor."""

    NONE = 0, _("Not asked")
    APPROVAL = 1, _("On approval")
    UPLOAD_AND_APPROVAL = 2, _("On upload and approval")


class Channel(models.TextChoices):
    """How files reach the bank side."""

    GATEWAY = "gateway", _("Gateway (OPG)")
    FOLDER = "folder", _("Folder")
    SFTP = "sftp", _("SFTP")


class BookingSource(models.TextChoices):
    """Which message books an account; the other only proves and links."""

    NOTIFICATION = "054", _("camt.054 and VIP")
    STATEMENT = "053", _("camt.053")


class PainVersion(models.TextChoices):
    """Version of the payment order file."""

    V09 = "001.001.09", "pain.001.001.09"
    V03 = "001.001.03", "pain.001.001.03"


class PendingState(models.TextChoices):
    """A change that waits for a second person."""

    WAITING = "waiting", _("Waiting for a second person")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class PeriodState(models.TextChoices):
    """Accounting period."""

    OPEN = "open", _("Open")
    LOCKED = "locked", _("Locked")


class JobState(models.TextChoices):
    """Long work that reports progress."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    ASKING = "asking", _("Waits for your choice")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


# Days without payments (PmtFree 6739): a bit per weekday, Monday first, then the direction of the move.
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (1 << day for day in range(7))
MOVE_EARLIER = 1 << 7
WEEKEND = SATURDAY | SUNDAY
