"""Extensions and retention by kind of file (table *File kind*).

Visma's own log extensions are not public, so these are ours: every kind can be given another extension and another
time to be kept. Retention never goes below the bookkeeping term of the company's country.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop

from integration.models import FileKind


@dataclass(frozen=True, slots=True)
class Default:
    """What a kind starts with."""

    extension: str
    description: str


DEFAULTS: dict[str, Default] = {
    "pain001": Default("xml", gettext_noop("Payment file sent to the bank side (pain.001)")),
    "answer": Default("ans", gettext_noop("Answer of the bank side to a payment file")),
    "status": Default("vsr", gettext_noop("Status report of AutoPay (VismaStatusReport)")),
    "pain002": Default("xml", gettext_noop("Status report of a bank (pain.002)")),
    "camt": Default("xml", gettext_noop("Account entries or statement of a bank (camt.052, 053, 054)")),
    "vip": Default("vip", gettext_noop("Incoming payments (VismaIncomingPayments)")),
    "mandates": Default("man", gettext_noop("Direct-debit mandates")),
    "certificate": Default("pem", gettext_noop("Certificate of the gateway")),
    "other": Default("dat", gettext_noop("Anything else that came or went")),
}
KEEP_DAYS = 3653  # ten years

# Years after the end of the accounting year that vouchers and their grounds must be kept. Sources: bokføringsloven
# § 13, bokföringslagen 7 kap. 2 §, bogføringsloven § 12, kirjanpitolaki 2:10 §, HGB § 257 (vouchers), CRA 2006.
BOOKKEEPING_YEARS = {"NO": 5, "SE": 7, "DK": 5, "FI": 6, "DE": 8, "GB": 6}
LONGEST_YEARS = 10  # a country that is not listed


def ensure() -> int:
    """Make the rows that are missing; how many. Rows that somebody changed stay as they are."""
    known = set(FileKind.objects.values_list("kind", flat=True))
    missing = [
        FileKind(kind=kind, extension=default.extension, description=default.description, keep_days=KEEP_DAYS)
        for kind, default in DEFAULTS.items()
        if kind not in known
    ]
    FileKind.objects.bulk_create(missing)
    return len(missing)


def extension(kind: str) -> str:
    """The extension files of this kind get."""
    row = FileKind.objects.filter(pk=kind).values_list("extension", flat=True).first()
    return row or DEFAULTS.get(kind, DEFAULTS["other"]).extension


def keep_years(country: str) -> int:
    """Full calendar years a company of this country must keep its files."""
    return BOOKKEEPING_YEARS.get(country, LONGEST_YEARS)
