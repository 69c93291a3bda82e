"""Words and field names that several set-up tables share."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

IDENTITY, ADDRESS, BANK, EFT = _("Identity"), _("Address"), _("Bank"), _("EFT")
POSTAL = ("street", "building", "postcode", "town")
POSTAL_HELPS = {
    "street": _("Street name without the house number."),
    "building": _("House number, with its letter if it has one."),
    "postcode": _("Postal code as the country writes it, without country letters."),
    "town": _("Post town. Banks ask for at least town and country."),
}
FEE_ADVICE = _(
    "Ask the bank for one monthly invoice of all fees. Then each payment is settled with its exact amount, and fees "
    "are not spread over payments. 3 International fee has no code in payment files: it is sent as shared."
)
