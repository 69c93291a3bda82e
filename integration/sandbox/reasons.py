"""Plain words for the reason codes the sandbox's central and banks use."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "AC01": "The account number is wrong.",
    "AC03": "The payee's account number is wrong or missing.",
    "AC04": "The account is closed.",
    "AC06": "The account is blocked.",
    "AG01": "This kind of payment is not allowed on the account.",
    "AM01": "The amount is zero.",
    "AM02": "The amount is above what is allowed.",
    "AM03": "The currency is not possible.",
    "AM04": "Not enough money on the account.",
    "AM05": "The payment looks like one that was made before.",
    "AM09": "The amount is not as expected.",
    "BE01": "Name and account do not belong together.",
    "CH20": "The amount has too many decimals.",
    "CUST": "Cancelled by the customer.",
    "DS02": "A user cancelled the payment in the bank.",
    "DT01": "The date is not possible.",
    "DU01": "The file's message id was used before.",
    "FF01": "The file cannot be read.",
    "MS03": "The bank gives no reason.",
    "RC01": "The bank's BIC is wrong.",
    "RR03": "The payee's name or address is not sufficient.",
    "RR09": "The payment reference is not valid.",
}


def sentence(code: str, text: str = "") -> str:
    """The given text, else plain words for the code."""
    return text or TEXTS.get(code, f"Reason {code}.")
