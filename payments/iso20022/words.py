"""The sentences the reader speaks: why a file is refused, and what was accepted with a warning.

Kept in one table so that the screens can translate them (`%(name)s` placeholders, values travel with the
warning) and the documentation can list them. The words are plain English; ISO names are added only where a
person must look into the file.
"""

from __future__ import annotations


def gettext_noop(text: str) -> str:
    """Mark a text for translation without translating it: this package knows no language of the reader."""
    return text


_ = gettext_noop

REFUSALS: dict[str, str] = {
    "empty": _("the file is empty; fetch it again from the bank"),
    "not_well_formed": _("the file is not well-formed XML or was cut off (%(reason)s); fetch it again"),
    "encoding_unknown": _("the file's encoding %(encoding)s is not known; ask for UTF-8"),
    "doctype": _("the file declares a document type (DTD) or entities, which no bank message may do"),
    "xinclude": _("the file asks to include another file (xi:include), which no bank message may do"),
    "unknown_type": _("this is not a message type the console reads (%(found)s)"),
    "amount_missing": _("%(element)s is missing or empty: without an amount nothing can be booked"),
    "amount_bad": _("%(value)s in %(element)s is not an amount (digits with a point, no sign, no comma)"),
    "amount_too_large": _("%(value)s in %(element)s has more digits than any account can hold"),
    "amount_repeated": _("%(element)s stands there twice: it is not known which one holds"),
    "amount_has_elements": _("%(element)s holds other elements instead of one amount"),
    "currency_missing": _("%(element)s %(value)s has no currency"),
    "currency_bad": _("%(value)s in %(element)s is not a three-letter currency code"),
    "decimals": _("%(value)s %(currency)s in %(element)s has more decimals than the currency (%(decimals)s)"),
    "direction_bad": _("%(value)s is neither CRDT nor DBIT: it is not known whether money came or went"),
    "date_bad": _("%(value)s in %(element)s is not a date"),
    "truth_bad": _("%(value)s in %(element)s is neither true nor false"),
    "number_bad": _("%(value)s in %(element)s is not a whole number"),
    "rate_bad": _("%(value)s in %(element)s is not an exchange rate"),
    "account_missing": _("the %(element)s names no account, so its entries belong to nobody"),
    "account_after_entries": _("the account stands after its entries and has another currency than they assume"),
    "group_missing": _("the message does not say which file it answers (OrgnlGrpInfAndSts is missing)"),
    "original_missing": _("the message does not say which file it answers (the original message id is missing)"),
    "status_missing": _("the status report gives no status for %(element)s"),
    "changed": _("the file on disk is no longer the one that was examined; start again"),
}

WARNINGS: dict[str, str] = {
    "unverified_version": _("version %(version)s of this message is not verified; look at the figures"),
    "no_namespace": _("the file names no message version; read by its elements"),
    "foreign_namespace": _("the file's namespace %(namespace)s is not ISO's own"),
    "namespace_differs": _("the namespace says %(namespace)s, the content is %(type)s; read by the content"),
    "namespace_lost": _("elements lost the namespace of the file; read by their names"),
    "unknown_element": _("%(element)s is not known inside %(parent)s and was not read"),
    "element_order": _("%(element)s stands in another order inside %(parent)s than the standard says"),
    "element_missing": _("%(element)s is missing inside %(parent)s, although the standard demands it"),
    "element_repeated": _("%(element)s stands more than once inside %(parent)s, which the standard does not allow"),
    "other_version": _("%(element)s inside %(parent)s belongs to another version of the message"),
    "too_long": _("%(element)s is longer (%(length)s) than the standard allows (%(limit)s); kept whole"),
    "no_message_id": _("the message has no id of its own; doubles are found by the entries alone"),
    "created_bad": _("%(value)s in %(element)s is not a date and time as the standard writes it"),
    "nothing_inside": _("the message holds no %(element)s: there is nothing to import"),
    "truth_word": _("%(value)s in %(element)s should be true or false; read as %(read)s"),
    "iban_bad": _("%(value)s is not a valid IBAN"),
    "bic_bad": _("%(value)s is not a valid BIC"),
    "currency_unknown": _("%(currency)s is not a currency the console knows; up to four decimals are taken"),
    "entry_currency": _("the entry is in %(currency)s, the account in %(account)s: look at it before posting"),
    "status_unknown": _("entry status %(value)s is not known; the entry will not be booked"),
    "no_entry_dates": _("the entry has no date; the date of the message is used"),
    "no_booking_date": _("the entry has no booking date; its value date is used"),
    "details_do_not_add_up": _("entry %(amount)s %(currency)s, but its details sum to %(details)s"),
    "batch_count": _("the bank counts %(count)s payments in the entry, %(found)s are there"),
    "batch_total": _("the bank's batch total %(total)s is not the entry's amount %(amount)s"),
    "detail_without_amount": _("a detail has no amount in %(currency)s, so its share is not known"),
    "detail_currency": _("the detail is in %(currency)s, not the account's; the entry's amount is used"),
    "exchange_rate": _("exchange rate %(rate)s fits neither way between %(booked)s and %(instructed)s"),
    "summary": _("the bank's summary (%(what)s %(stated)s) disagrees with the entries (%(found)s)"),
    "balance": _("opening %(opening)s and the entries give %(expected)s, the bank's closing is %(closing)s"),
    "balance_currency": _("the balances are in different currencies; they are not checked"),
    "counts": _("%(what)s: the message states %(stated)s, %(found)s are there"),
    "status_word": _("status %(value)s is not in the list; nothing will be changed by it"),
    "test_file": _("the bank marks this as a test file (%(value)s)"),
}

# Entries with one of these are never booked by themselves: a person looks first.
SERIOUS = frozenset(
    {
        "entry_currency",
        "status_unknown",
        "details_do_not_add_up",
        "batch_count",
        "batch_total",
        "detail_without_amount",
    }
)
