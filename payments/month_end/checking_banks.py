"""Banks: what the bank says of an account is what the ledger says of it, or every difference has a name."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Max
from django.utils.translation import gettext as _

from companies.models import Company
from payments.lists import statements
from payments.month_end import reconciling
from payments.month_end.checking_specs import Finding
from payments.receiving.importing_checks import own_accounts


def check_banks(company: Company) -> Iterator[Finding]:
    """Each account of a bank partner on the day of its latest statement: nothing is left without a name.

    Accounts that share a ledger account are proven together, once. An account without a statement is not judged.
    """
    told = statements.live(company).filter(to_date__isnull=False).order_by().values_list("account")
    days = told.annotate(last=Max("to_date"))
    own, proven = own_accounts(company), set[str]()
    for account, day in sorted(days, key=lambda row: (row[1], row[0]), reverse=True):
        if account in proven or account not in own or own[account].partner is None:
            continue
        proof = reconciling.proof(company, account, day)
        proven |= {*proof.accounts}
        if proof.bank is not None and not proof.holds:
            yield Finding("bank = ledger", _("account %(no)s") % {"no": ", ".join(proof.accounts)}, _what(proof))


def _what(proof: reconciling.Proof) -> str:
    said = {
        "day": proof.day,
        "bank": f"{proof.bank:.2f}",
        "ledger": f"{proof.ledger:.2f}",
        "rest": f"{proof.unexplained:.2f}",
        "currency": proof.currency,
    }
    text = _("on %(day)s the bank has %(bank)s, the ledger %(ledger)s; %(rest)s %(currency)s of it is not explained")
    return text % said
