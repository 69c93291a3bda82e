"""What ledger accounts are called: a company's own accounts and those of its bank partners, by their use."""

from __future__ import annotations

from django.utils.translation import gettext as _

from companies.models import BankPartner, Company


def account_names(company: Company) -> dict[str, str]:
    """Account number to words, for screens and prints. An account nobody has named is shown by its number alone."""
    names = {
        company.gl_write_off: _("Small differences"),
        company.gl_discount_taken: _("Cash discount taken"),
        company.gl_discount_given: _("Cash discount given"),
        company.gl_unmatched: _("Unmatched incoming"),
        company.gl_currency_loss: _("Currency loss"),
        company.gl_currency_gain: _("Currency gain"),
        company.gl_fees: _("Bank fees"),
        company.gl_customers: _("Customer ledger"),
        company.gl_suppliers: _("Supplier ledger"),
    }
    partners = BankPartner.objects.filter(company=company).order_by("number")
    for gl_bank, gl_fee, name, currency in partners.values_list("gl_bank", "gl_fee", "name", "currency_id"):
        if gl_fee:
            names.setdefault(gl_fee, _("Bank fees"))
        names[gl_bank] = f"{name} {currency}"
    names.pop("", None)
    return names
