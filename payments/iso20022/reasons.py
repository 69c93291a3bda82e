"""Why a bank said no, or sent money back: plain words and the next step, keyed by (list, code).

The same code may mean another thing in the list of returns (RtrInf in camt) than in the list of statuses
(pain.002), so the list is part of the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from payments.iso20022.reasons_a_to_c import REASONS as _A_TO_C
from payments.iso20022.reasons_d_to_z import REASONS as _D_TO_Z
from payments.iso20022.words import gettext_noop as _

ReasonList = Literal["status", "return"]


@dataclass(frozen=True, slots=True)
class ReasonMeaning:
    """What a code says and what finance does next; `known` is False for codes nobody has put into the
    table.
    """

    code: str
    text: str
    advice: str
    known: bool = True


_RETURN_ONLY = {
    "AC14": (_("a bank in the chain is invalid"), _("check the BIC and the intermediary bank")),
    "AC16": (_("card number or account under seizure"), _("ask the supplier for another account")),
    "BE08": (_("error at the bank"), _("ask the bank, then pay anew")),
    "DT02": (_("cheque expired"), _("ask the supplier how to be paid")),
}

REASONS: dict[tuple[ReasonList, str], ReasonMeaning] = {
    **{
        (which, code): ReasonMeaning(code, text, advice)
        for which in ("status", "return")
        for code, (text, advice) in {**_A_TO_C, **_D_TO_Z}.items()
    },
    **{("return", code): ReasonMeaning(code, text, advice) for code, (text, advice) in _RETURN_ONLY.items()},
}


def reason(code: str, which: ReasonList = "status") -> ReasonMeaning:
    """The meaning of a reason code; an unknown or bank-own code keeps its status and sends a person to the
    bank.
    """
    found = REASONS.get((which, code))
    return found or ReasonMeaning(code, _("the bank's own code, see its text"), _("ask the bank"), known=False)
