"""Status codes of banks and of AutoPay central, and what they mean for a payment line.

The line numbers are the status codes of the console (2 Transferred, 3 Acknowledged, 4 Rejected, 7 Cancelled,
10 Rejected by EFT system, 5 Settled); None means the code changes no line. A higher rank is later knowledge:
a lower one never overwrites it. Settlement (5) is never said by a status, only by the entry on the account,
unless the bank partner is set so; `settled` marks the codes that may then count.
Sources: ISO external code sets for the meanings; mapping to lines is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from payments.iso20022.messages import Codes
from payments.iso20022.words import gettext_noop as _


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """One status code. `levels`: G group, P payment block, T transaction."""

    code: str
    levels: str
    text: str
    line: int | None
    rank: int
    waiting: bool = False
    warning: bool = False
    settled: bool = False
    final: bool = False


def _table(*rows: StatusMeaning) -> dict[str, StatusMeaning]:
    return {row.code: row for row in rows}


STATUSES = _table(
    StatusMeaning("RCVD", "GPT", _("received by the bank, not checked yet"), None, 10),
    StatusMeaning("RVNC", "GPT", _("payee check not finished"), None, 12),
    StatusMeaning("RCVC", "GPT", _("payee check done, all names match"), None, 15),
    StatusMeaning("RVCM", "GPT", _("payee check done, some names differ"), None, 15, warning=True),
    StatusMeaning("RVNM", "T", _("payee's name does not match the account"), None, 15, warning=True),
    StatusMeaning("RVMC", "GPT", _("payee's name nearly matches the account"), None, 15, warning=True),
    StatusMeaning("RVNA", "T", _("payee check not possible"), None, 15, warning=True),
    StatusMeaning("ACTC", "GPT", _("technically valid"), 3, 20),
    StatusMeaning("ACCP", "GPT", _("checked against our profile"), 3, 30),
    StatusMeaning("PDNG", "GPT", _("waits at the bank"), 3, 35, waiting=True),
    StatusMeaning("PATC", "T", _("more signatures needed in the bank"), None, 35, waiting=True),
    StatusMeaning("ACFW", "T", _("our confirmation needed in the bank"), None, 35, waiting=True),
    StatusMeaning("ACWC", "GPT", _("accepted with a change, see text"), 3, 40, warning=True),
    StatusMeaning("ACFC", "T", _("cover checked"), 3, 40),
    StatusMeaning("ACWP", "T", _("accepted, not yet on the payee's account"), 3, 40),
    StatusMeaning("BLCK", "T", _("money blocked, neither paid nor returned"), 3, 45, warning=True),
    StatusMeaning("ACSP", "GPT", _("taken for execution"), 3, 50),
    StatusMeaning("ACPD", "T", _("released to clearing"), 3, 50),
    StatusMeaning("ACSC", "GPT", _("debited, waiting for the entry"), 3, 60, settled=True),
    StatusMeaning("ACCC", "GPT", _("credited to the payee, waiting for the entry"), 3, 60, settled=True),
    StatusMeaning("PART", "GP", _("partly accepted; payments not named stay as they are"), None, 0),
    StatusMeaning("RJCT", "GPT", _("rejected by the bank"), 4, 90, final=True),
    StatusMeaning("CANC", "GPT", _("cancelled in the bank"), 7, 90, final=True),
)

# Our documented status report. G is the batch, T the payment; a payment's word wins over the batch's.
REPORT_STATUSES = _table(
    StatusMeaning("NEW", "GT", _("at AutoPay central"), None, 5),
    StatusMeaning("PENDING_SIGNING", "GT", _("waits for signing at AutoPay central"), None, 5, waiting=True),
    StatusMeaning("SENT_TO_BANK", "GT", _("sent on to the bank"), 2, 8),
    StatusMeaning("RECEIVED_BY_BANK", "GT", _("received by the bank"), 3, 20),
    StatusMeaning("ACCEPTED_BY_BANK", "GT", _("accepted by the bank"), 3, 50),
    StatusMeaning("PAID", "GT", _("paid, waiting for the entry"), 3, 60, settled=True),
    StatusMeaning("PARTLY_REFUSED", "G", _("some payments refused, see them"), None, 0),
    StatusMeaning("DEFICIENT", "GT", _("batch cancelled: a payment is deficient"), 7, 90, final=True),
    StatusMeaning("CANCELLED", "GT", _("cancelled at AutoPay central"), 7, 90, final=True),
    StatusMeaning("CANCELLED_IN_BANK", "GT", _("cancelled in the bank"), 7, 90, final=True),
    StatusMeaning("REFUSED", "GT", _("refused by AutoPay central"), 10, 90, final=True),
    StatusMeaning("ERROR", "GT", _("refused by AutoPay central after an error"), 10, 90, final=True),
    StatusMeaning("REJECTED_BY_BANK", "GT", _("rejected by the bank"), 4, 90, final=True),
    StatusMeaning("OTHER", "GT", _("in work"), None, 0),
)

# A rejection with one of these, when a cancellation was asked for or is known, is a cancellation (line 7).
CANCELLING_REASONS = frozenset({"CUST", "DS02", "DS25", "CN01", "FOCR"})
# The bank has the file already: a re-sent transfer is received, not rejected.
ALREADY_THERE = frozenset({"DU01"})


def status(code: str, *, report: bool = False) -> StatusMeaning | None:
    """The meaning of a status word; None for an unknown one (no change, to be looked at)."""
    return (REPORT_STATUSES if report else STATUSES).get(code)


# Bank transaction codes are only hints; the first fitting row of (domain, family, sub-family) wins, "" fits
# all.
_HINTS: tuple[tuple[str, str, str, str], ...] = (
    ("", "", "RRTN", "return"),
    ("", "", "RPCR", "return"),
    ("", "", "CHRG", "fee"),
    ("", "", "COMM", "fee"),
    ("", "", "FEES", "fee"),
    ("", "", "INTR", "interest"),
    ("CAMT", "ACCB", "SWEP", "own_transfer"),
    ("CAMT", "", "", "own_transfer"),
    ("PMNT", "ICCN", "", "own_transfer"),
    ("PMNT", "RCDT", "VCOM", "incoming_reference"),
    ("PMNT", "RCDT", "", "incoming"),
    ("PMNT", "RRCT", "", "incoming"),
    ("PMNT", "ICDT", "SALA", "salary"),
    ("PMNT", "ICDT", "", "outgoing"),
    ("PMNT", "IRCT", "", "outgoing"),
    ("PMNT", "RDDT", "", "direct_debit"),
    ("PMNT", "IDDT", "", "direct_debit"),
    ("PMNT", "CCRD", "", "card"),
    ("PMNT", "MCRD", "", "card"),
    ("LDAS", "", "", "interest"),
)
# Norwegian (NETS, DBA) and Finnish (FFFS) codes banks write instead.
_OWN_HINTS = {
    "230": "incoming_reference",
    "231": "incoming",
    "232": "direct_debit",
    "233": "incoming",
    "234": "incoming",
    "240": "incoming_reference",
    "705": "incoming_reference",
    "702": "outgoing",
    "710": "incoming",
}


def kind_hint(codes: Codes) -> str:
    """What an entry probably is, by its bank transaction code: incoming_reference, incoming, outgoing,
    salary, fee, interest, own_transfer, return, direct_debit, card, or "" when the code tells nothing."""
    given = (codes.domain, codes.family, codes.sub_family)
    for *pattern, kind in _HINTS:
        if all(part in ("", own) for part, own in zip(pattern, given, strict=True)):
            return kind
    number = "".join(sign for sign in codes.proprietary.removeprefix("NTRF+").removeprefix("NO")[:3] if sign.isdigit())
    return _OWN_HINTS.get(number, "")
