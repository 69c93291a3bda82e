"""Tables of the money's way: open entries, payments, transfers, approvals, incoming payments, statements, journal.

In the tables that grow by the hundred thousand a foreign key has an index of its own only where a query needs one:
most are the first column of a named index, and every index more is written for every row.
"""

from payments.models.approval import AcceptedFinding, Approval, Notice, PaymentEvent, PaymentNote, PreApproval
from payments.models.bank import BankEntry, BankFile, OpenDebit, RepeatedEntry, Statement
from payments.models.closing import ClosingPoint
from payments.models.handing_over import ExportRun, ImportMapping, ImportRow
from payments.models.incoming import IncomingPayment, Match, MatchCandidate, MatchingRule, PayerAccount, PhraseRule
from payments.models.journal import Batch, EntryMatch, Posting, Publication, Voucher
from payments.models.open_entries import CustomerEntry, SupplierEntry
from payments.models.payment import LineChange, Payment, PaymentLine, PaymentTotal
from payments.models.settlement import AnswerException, SettlementFact
from payments.models.transfer import PayeeDecision, PayeeDecisionItem, Transfer, TransferItem

__all__ = [
    "AcceptedFinding",
    "AnswerException",
    "Approval",
    "BankEntry",
    "BankFile",
    "Batch",
    "ClosingPoint",
    "CustomerEntry",
    "EntryMatch",
    "ExportRun",
    "ImportMapping",
    "ImportRow",
    "IncomingPayment",
    "LineChange",
    "Match",
    "MatchCandidate",
    "MatchingRule",
    "Notice",
    "OpenDebit",
    "PayeeDecision",
    "PayeeDecisionItem",
    "PayerAccount",
    "Payment",
    "PaymentEvent",
    "PaymentLine",
    "PaymentNote",
    "PaymentTotal",
    "PhraseRule",
    "Posting",
    "PreApproval",
    "Publication",
    "RepeatedEntry",
    "SettlementFact",
    "Statement",
    "SupplierEntry",
    "Transfer",
    "TransferItem",
    "Voucher",
]
