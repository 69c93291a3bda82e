"""Codes of the payment tables. All status numbers of the product stand in this file and nowhere else."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.sets import written


class LineStatus(models.IntegerChoices):
    """Payment line status. 4 and 7 are ours; the other numbers are Visma Business's own."""

    ESTIMATE = 1, _("Estimate")
    TRANSFERRED = 2, _("Transferred")
    ACKNOWLEDGED = 3, _("Acknowledged")
    REJECTED = 4, _("Rejected")
    SETTLED = 5, _("Settled")
    POSTED = 6, _("Posted")
    CANCELLED = 7, _("Cancelled")
    AT_EFT = 8, _("Transferred to EFT system, not to bank")
    LINES_MISSING = 9, _("Payment lines missing")
    REFUSED = 10, _("Rejected by EFT system")


RELEASES_ENTRY = (LineStatus.REJECTED, LineStatus.CANCELLED, LineStatus.REFUSED)
ON_THE_WAY = (LineStatus.AT_EFT, LineStatus.TRANSFERRED, LineStatus.ACKNOWLEDGED)


class PaymentStatus(models.IntegerChoices):
    """Payment status PmtSt: derived from the lines, never set by hand."""

    ESTIMATE = 1, _("Estimate")
    TRANSFERRED = 2, _("Transferred")
    WITH_REJECTIONS = 3, _("Transferred with rejections")
    AT_EFT = 8, _("Transferred to EFT system, not to bank")
    LINES_MISSING = 9, _("Payment lines missing")
    REFUSED = 10, _("Rejected by EFT system")


class BatchWord(models.TextChoices):
    """A payment as Approval and Overview name it."""

    NEW = "new", _("New")
    WAITING = "waiting", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    SENT = "sent", _("Sent to bank")
    RECEIVED = "received", _("Received by bank")
    REJECTED = "rejected", _("Rejected by bank")
    PARTLY = "partly", _("Partly completed")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    ERROR = "error", _("Error")


class RoundState(models.TextChoices):
    """Approval round of a payment."""

    DRAFT = "draft", _("Not uploaded")
    WAITING = "waiting", _("Waiting for approval")
    RELEASED = "released", _("Approved")
    CANCELLED = "cancelled", _("Cancelled")


class TransferState(models.TextChoices):
    """One file on its way to the bank side."""

    SEALED = "sealed", _("Sealed")
    RELEASED = "released", _("Released")
    SENDING = "sending", _("Being sent")
    ACCEPTED = "accepted", _("Accepted by AutoPay")
    REFUSED = "refused", _("Refused")
    UNKNOWN = "unknown", _("Answer unknown")
    CANCELLED = "cancelled", _("Cancelled")


class PayeeAct(models.TextChoices):
    """What becomes of a file for which the bank found other names behind accounts."""

    RELEASE = "release", _("Release anyway")
    CANCEL = "cancel", _("Cancel at the bank")


class PayeeDecisionState(models.TextChoices):
    """One person asks, another confirms."""

    WAITING = "waiting", _("Waits for a second person")
    CONFIRMED = "confirmed", _("Confirmed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Decision(models.TextChoices):
    """What an approver decided."""

    APPROVED = "approved", _("Approved")
    BEFOREHAND = "beforehand", _("Approved in advance")
    CANCELLED = "cancelled", _("Cancelled")


class NoticeWhy(models.TextChoices):
    """Why somebody gets a mail about a payment."""

    NEW = "new", _("It waits for approval")
    AGAIN = "again", _("It still waits")
    CUT_OFF = "cut_off", _("The cut-off comes")
    REFUSED = "refused", _("The bank refused lines")


class EntryKind(models.TextChoices):
    """Open entry."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    PAYMENT = "payment", _("Payment on account")


class PaidStatus(models.IntegerChoices):
    """Paid status of an open entry (St)."""

    OPEN = 1, _("Fully open")
    PARTLY = 2, _("Partly open")
    LATE = 3, _("Settled late")
    ON_TIME = 4, _("Settled on time")


STILL_OPEN = written((PaidStatus.OPEN, PaidStatus.PARTLY))  # for `status__in`: the indexes of open entries are of these


class Severity(models.TextChoices):
    """How much a finding weighs."""

    STOP = "stop", _("Stops")
    WARN = "warn", _("Warning")
    NOTE = "note", _("Note")


class FactKind(models.TextChoices):
    """A money fact about one item."""

    SETTLED = "settled", _("Settled")
    RETURNED = "returned", _("Returned")


class FileState(models.TextChoices):
    """Inbox of bank files."""

    NEW = "new", _("New")
    VALIDATED = "validated", _("Validated")
    ERROR = "error", _("Error")
    IMPORTING = "importing", _("Import in progress")
    IMPORTED = "imported", _("Imported")
    IGNORED = "ignored", _("Ignored")


class ImportPhase(models.IntegerChoices):
    """How far the import of a bank file has come. Its rows count from SETTLING on; before that nobody sees them."""

    STAGING = 0, _("Rows are being written")
    SETTLING = 1, _("Our own payments are settled")
    MATCHING = 2, _("Payments are matched")
    BOOKING = 3, _("Vouchers are built")
    DONE = 4, _("Done")


class RepeatWhy(models.TextChoices):
    """Why a row of a file is known to be one the books hold already."""

    STATEMENT = "statement", _("The same row of the account's day")
    MESSAGE = "message", _("The same message delivered again")
    NOTIFICATION = "notification", _("The same notification")
    COPY = "copy", _("The bank marks it as a copy")


class BankEntryKind(models.TextChoices):
    """What a bank entry or detail turned out to be (receiving.classify)."""

    RETURN = "return", _("Return of our payment")
    SETTLEMENT = "settlement", _("Settlement of our payment")
    OWN_TRANSFER = "own_transfer", _("Own transfer")
    FEE = "fee", _("Fee or interest")
    CUSTOMER = "customer", _("Customer payment")
    FOREIGN_DEBIT = "foreign_debit", _("Debit nobody here made")
    INFORMATION = "information", _("Information only")


class IncomingState(models.TextChoices):
    """Incoming payment."""

    NEW = "new", _("New")
    MATCHED = "matched", _("Matched")
    PARKED = "parked", _("Parked")
    POSTED = "posted", _("Posted")
    REFUND = "refund", _("To be paid back")
    DUPLICATE = "duplicate", _("Repeat")


class ParkReason(models.TextChoices):
    """Why a payment was not matched by itself; each is mended somewhere else."""

    NO_REFERENCE = "no_reference", _("No reference")
    KID_UNKNOWN = "kid_unknown", _("KID unknown")
    KID_INVALID = "kid_invalid", _("KID check digit wrong")
    DOUBLE = "double", _("Possible double payment")
    AMOUNT_DIFFERS = "amount_differs", _("Amount differs")
    AMBIGUOUS = "ambiguous", _("More than one answer")
    CURRENCY = "currency", _("Other currency")
    NO_DEFINITION = "no_definition", _("No factoring company for the account")
    POSSIBLE_REPEAT = "possible_repeat", _("Possibly delivered twice")
    DETAILS = "details", _("Details do not add up")
    CUSTOMER_ONLY = "customer_only", _("Customer known, invoice not")
    SWITCHED_OFF = "switched_off", _("Rule switched off")


class Rule(models.TextChoices):
    """Matching rules in their documented order."""

    WHOLE_KID = "whole_kid", _("Whole KID on an open entry")
    SPLIT_KID = "split_kid", _("KID split into customer and invoice")
    RF = "rf", _("RF reference")
    INVOICE = "invoice", _("Invoice number and amount")
    TEXT = "text", _("Numbers in the message text")
    SUM = "sum", _("Exact sum of open entries of one payer")
    PAYER = "payer", _("Payer account known from earlier")
    PHRASE = "phrase", _("Words in the message")
    BY_HAND = "by_hand", _("Matched by hand")


class BatchState(models.TextChoices):
    """Journal batch."""

    BUILDING = "building", _("Being built")
    WAITING = "waiting", _("Waiting for a person")
    POSTED = "posted", _("Posted")


class BatchKind(models.TextChoices):
    """What a journal batch books."""

    SETTLEMENT = "settlement", _("Settlement of payments")
    RETURN = "return", _("Returned payments")
    INCOMING = "incoming", _("Incoming payments")
    FEES = "fees", _("Fees and interest")
    MANUAL = "manual", _("By hand")


class RowOutcome(models.TextChoices):
    """What becomes of a row of an imported table."""

    CREATED = "created", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    REFUSED = "refused", _("Refused")


class ClosingCheck(models.TextChoices):
    """Points of the list that closes a month."""

    SETTLED = "settled", _("Settled payments not posted")
    PARKED = "parked", _("Incoming payments parked")
    DEBITS = "debits", _("Debits nobody explained")
    LINES = "lines", _("Statement lines nothing answers")
    GAPS = "gaps", _("Gaps in the statements")
    PROOF = "proof", _("Accounts where bank and ledger differ")
    ANSWERS = "answers", _("Transfers without an answer")
    BATCHES = "batches", _("Batches that wait for a person")
