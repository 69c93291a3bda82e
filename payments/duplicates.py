"""What a second payment of the same debt is recognised by."""

from __future__ import annotations

from decimal import Decimal

from companies.accounts import account_key


def payee_key(account: str, amount: Decimal, currency: str, kid: str) -> str:
    """One key for "same account, amount and reference"; empty when there is no account to compare."""
    plain = account_key(account)
    if not plain:
        return ""
    return f"{plain}:{amount.normalize():f}:{currency}:{kid.strip()}"[:100]
