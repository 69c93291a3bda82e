"""Where a finding is mended, as a link with words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.models import Payment
from payments.validation import Finding, Remedy

_WORDS = {
    "supplier": gettext_lazy("Open the supplier"),
    "bank_partner": gettext_lazy("Open the bank partner"),
    "agreement": gettext_lazy("Open the agreement"),
    "company_data": gettext_lazy("Open the company"),
    "texts": gettext_lazy("Open the texts"),
    "payment_line": gettext_lazy("Change the line"),
    "cash_account": gettext_lazy("Look at the account"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as the screens show it."""

    finding: Finding
    url: str = ""
    link: str = ""

    @property
    def in_dialog(self) -> bool:
        """Whether it is mended beside the list, so that nobody loses his place."""
        return self.finding.remedy is not None and self.finding.remedy.url == "payment_line"

    @property
    def severity(self) -> str:
        return str(self.finding.severity)

    @property
    def text(self) -> str:
        return self.finding.text


def shown(finding: Finding, payment: Payment, line_no: int | None) -> Shown:
    """The finding with its link, where there is a page to mend it on."""
    remedy = finding.remedy
    if remedy is None:
        return Shown(finding)
    url = _address(remedy, payment, line_no)
    return Shown(finding, url, str(_WORDS.get(remedy.url, _("Mend it"))) if url else "")


def _address(remedy: Remedy, payment: Payment, line_no: int | None) -> str:
    wanted: dict[str, tuple[str, tuple[Any, ...]]] = {
        "supplier": ("setup_row", ("supplier", *remedy.args)),
        "bank_partner": ("setup_row", ("bank_partner", *remedy.args)),
        "agreement": ("setup_row", ("agreement", *remedy.args)),
        "company_data": ("setup_row", ("company", payment.company_id)),
        "payment_line": ("draft_line", (payment.number, line_no)),
        "payment": ("", ()),
    }
    name, args = wanted.get(remedy.url, (remedy.url, remedy.args))
    try:
        return reverse(name, args=args) if name else ""
    except NoReverseMatch:
        return ""
