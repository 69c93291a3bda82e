"""Which message a file is: type, version, and what is unusual about how it says so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from payments.iso20022.notes import Notes, refuse
from payments.iso20022.xml import Opening

MESSAGES = {
    "BkToCstmrAcctRpt": "camt.052",
    "BkToCstmrStmt": "camt.053",
    "BkToCstmrDbtCdtNtfctn": "camt.054",
    "CstmrPmtStsRpt": "pain.002",
    "CstmrCdtTrfInitn": "pain.001",
}
OURS = {"VismaIncomingPayments": "vip", "VismaStatusReport": "status_report"}
CAMT = frozenset({"camt.052", "camt.053", "camt.054"})
VERIFIED = {
    "camt.052": {2, 4, 8},
    "camt.053": {2, 4, 8},
    "camt.054": {2, 4, 8},
    "pain.001": {3, 9},
    "pain.002": {3, 10},
}
_NAME = re.compile(r"((?:camt|pain)\.\d{3})\.(\d{3})\.(\d{2})\b")
_ISO = "urn:iso:std:iso:20022:tech:xsd:"


@dataclass(frozen=True, slots=True)
class Kind:
    """Type and version; `edition` is the number the readers switch on (0: not known)."""

    type: str
    version: str
    edition: int


def kind_of(opening: Opening, notes: Notes) -> Kind:
    """Name the message; anything that is none of the seven types is refused."""
    if opening.root in OURS:
        return Kind(OURS[opening.root], opening.version or "1", 0)
    type_ = MESSAGES.get(opening.message) if opening.root == "Document" else None
    namespace = opening.namespace or opening.message_namespace
    if type_ is None:
        shown = namespace.removeprefix(_ISO) or opening.message or opening.root
        refuse("unknown_type", opening.line, found=shown)
    if not namespace:
        notes.note("no_namespace", opening.line)
        return Kind(type_, "", 0)
    named = _NAME.search(namespace)
    if named is None:
        refuse("unknown_type", opening.line, found=namespace.removeprefix(_ISO))
    if not namespace.startswith(_ISO):
        notes.note("foreign_namespace", opening.line, namespace=namespace)
    if named[1] != type_:
        notes.note("namespace_differs", opening.line, namespace=named[0], type=type_)
    edition = int(named[3])
    if named[2] != "001" or edition not in VERIFIED[type_]:
        notes.note("unverified_version", opening.line, version=named[0])
    return Kind(type_, f"{named[2]}.{named[3]}", edition)
