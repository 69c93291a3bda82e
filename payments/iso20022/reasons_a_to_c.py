"""Reasons banks give, in plain words, each with the next step for finance (codes A to C).

Codes of the ISO status reason list; the advice is ours.
"""

from __future__ import annotations

from payments.iso20022.words import gettext_noop as _

REASONS = {
    "AB05": (_("time-out at the payee's bank"), _("wait for the bank; then a new payment")),
    "AB06": (_("time-out at the instructed bank"), _("wait for the bank; then a new payment")),
    "AB07": (_("bank not reachable"), _("wait for the bank; then a new payment")),
    "AB08": (_("payee's bank not reachable"), _("wait for the bank; then a new payment")),
    "AB09": (_("error at the payee's bank"), _("wait for the bank; then a new payment")),
    "AB10": (_("error at the instructed bank"), _("wait for the bank; then a new payment")),
    "AC01": (
        _("account number wrong or missing"),
        _("check the supplier's account against the invoice, call the supplier, then pay anew"),
    ),
    "AC02": (_("our own account is wrong"), _("check the bank partner's account and the agreement")),
    "AC03": (
        _("payee's account wrong or missing"),
        _("check the supplier's account against the invoice; abroad also IBAN and BIC"),
    ),
    "AC04": (
        _("account closed"),
        _("get a new account from the supplier through a contact you know, then pay anew"),
    ),
    "AC05": (_("our own account is closed"), _("check the bank partner's account and the agreement")),
    "AC06": (_("account blocked"), _("ask the supplier for another account")),
    "AC07": (
        _("account closed"),
        _("get a new account from the supplier through a contact you know, then pay anew"),
    ),
    "AC08": (_("branch code wrong"), _("correct the branch or clearing number")),
    "AC09": (
        _("currency of the account wrong"),
        _("check the account's currency on bank partner and supplier"),
    ),
    "AC10": (_("currency of our account wrong"), _("check the account's currency on the bank partner")),
    "AC11": (_("currency of the payee's account wrong"), _("check the account's currency on the supplier")),
    "AC13": (_("our account type is not allowed"), _("use an ordinary payment account")),
    "AC14": (_("payee's account type is not allowed"), _("ask the supplier for an ordinary payment account")),
    "AC15": (
        _("payee's account details have changed"),
        _("get the new details, confirm them by phone, then pay anew"),
    ),
    "AG01": (
        _("this kind of payment is not allowed on the account"),
        _("ask the bank about the agreement, or use another account"),
    ),
    "AG03": (
        _("payment type not supported for the account"),
        _("choose another payment type or bank partner"),
    ),
    "AG07": (
        _("account cannot be debited (may hide lack of cover)"),
        _("check the balance, then ask the bank"),
    ),
    "AG08": (_("no right to do this"), _("the bank must give the agreement or user the right")),
    "AGNT": (_("wrong bank in the chain"), _("check the BIC and the intermediary bank")),
    "AM01": (_("amount is zero"), _("remove the line; look at its credit notes")),
    "AM02": (_("above the allowed amount"), _("split the payment or raise the limit with the bank")),
    "AM03": (_("currency not possible"), _("change the currency or the bank partner")),
    "AM04": (_("not enough money"), _("fill the account and send again")),
    "AM05": (
        _("the bank sees a duplicate"),
        _("compare with the earlier payment before sending anything again"),
    ),
    "AM06": (_("below the smallest amount"), _("pay in another way")),
    "AM07": (_("stopped by authorities"), _("call the bank; do not send again")),
    "AM09": (_("amount not as expected"), _("compare with the invoice and ask the bank")),
    "AM10": (_("control sum wrong"), _("report a program fault to support, send again after the correction")),
    "AM11": (_("currency wrong"), _("change the currency or the bank partner")),
    "AM12": (_("amount missing or malformed"), _("correct the line")),
    "AM13": (_("above the clearing limit"), _("split the payment or send it as urgent")),
    "AM14": (_("above the agreed limit"), _("split the payment or raise the limit with the bank")),
    "AM16": (
        _("control sum of the file wrong"),
        _("report a program fault to support, send again after the correction"),
    ),
    "AM17": (
        _("control sum of a block wrong"),
        _("report a program fault to support, send again after the correction"),
    ),
    "AM18": (_("number of payments wrong"), _("report a program fault to support")),
    "AM19": (_("number of payments in the file wrong"), _("report a program fault to support")),
    "AM20": (_("number of payments in a block wrong"), _("report a program fault to support")),
    "AM21": (_("above the agreed limit"), _("split the payment or raise the limit with the bank")),
    "AM23": (_("above the settlement limit"), _("split the payment or send it as urgent")),
    "BE01": (
        _("name and account do not belong together"),
        _("check the supplier's name and account; think of fraud"),
    ),
    "BE04": (_("payee's address missing or wrong"), _("complete street, post code, town and country")),
    "BE06": (
        _("payee not known at the bank"),
        _("check the supplier's account against the invoice, call the supplier, then pay anew"),
    ),
    "BE07": (_("our address missing or wrong"), _("complete street, post code, town and country")),
    "BE08": (_("our name is missing"), _("complete the agreement's debtor name")),
    "BE09": (_("country code wrong"), _("correct the two-letter country")),
    "BE10": (_("our country code wrong"), _("correct the company's two-letter country")),
    "BE11": (_("payee's country code wrong"), _("correct the supplier's two-letter country")),
    "BE15": (
        _("identification missing or wrong"),
        _("check the organisation number and the customer number in the bank"),
    ),
    "BE16": (
        _("our identification missing or wrong"),
        _("check the organisation number and the customer number in the bank"),
    ),
    "BE17": (_("payee's identification missing or wrong"), _("check the supplier's organisation number")),
    "BE19": (_("fee code not allowed here"), _("use SHAR inside the EEA, SLEV for SEPA")),
    "BE20": (_("name too long"), _("shorten the supplier's name")),
    "BE21": (_("name wrong"), _("correct the supplier's name")),
    "BE22": (_("payee's name missing"), _("complete the supplier's name")),
    "CH03": (_("date too far ahead"), _("choose a nearer date")),
    "CH04": (_("date in the past"), _("choose a new date and send again")),
    "CH07": (_("element not allowed here"), _("ask support to correct the bank profile")),
    "CH15": (_("remittance text too long"), _("shorten the text")),
    "CH16": (_("content wrong"), _("read the bank's text; ask support")),
    "CH17": (_("element not allowed here"), _("ask support to correct the bank profile")),
    "CH20": (_("too many decimals"), _("round the amount")),
    "CH21": (_("required field missing"), _("read which one and complete it")),
    "CN01": (_("authorisation cancelled"), _("find out who did it; pay anew if it is wanted")),
    "CNOR": (_("payee's bank is not in the scheme"), _("send as an ordinary foreign payment; check the BIC")),
    "CURR": (_("currency wrong"), _("correct the currency")),
    "CUST": (_("cancelled by us"), _("nothing, or pay anew")),
}
