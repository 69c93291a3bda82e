"""Suppliers, customers, countries and the books' small tables: fields in groups, and what each one means."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from companies import models
from companies.web.table import Group, Table
from companies.web.words import ADDRESS, BANK, EFT, FEE_ADVICE, IDENTITY, POSTAL, POSTAL_HELPS

PARTY_HELPS = {
    "number": _("The number in Visma Business."),
    "name": _("The name as it stands on the invoice. Banks print it."),
    "country": _("Where the bank account is kept, as a rule. It decides how numbers are checked."),
    "organisation_no": _("Its check digits are proved for Norway, Sweden, Denmark and Finland."),
    "language": _("The language of letters to this party."),
    "email": _("Where remittance advice and letters go."),
    "state": _("State or province, for the USA and Canada."),
    "address_1": _("Only when the address cannot be given in parts."),
    "address_2": _("Only when the address cannot be given in parts."),
} | POSTAL_HELPS

SUPPLIER = Table(
    "supplier",
    models.Supplier,
    _("Suppliers"),
    _("Who we pay. A changed account waits for a second person."),
    _("New supplier"),
    ("number", "name", "country", "account", "iban", "bic", "currency", "blocked"),
    (
        Group(IDENTITY, ("number", "name", "country", "organisation_no", "language", "email", "blocked", "is_payroll")),
        Group(ADDRESS, (*POSTAL, "state", "address_1", "address_2")),
        Group(
            BANK,
            ("account", "iban", "giro", "bic", "currency", "bank_partner"),
            _("At home bank account, postal giro and IBAN are tried in this order; abroad the IBAN comes first."),
        ),
        Group(_("Payments to the USA"), ("bank_branch", "swift_address_1", "swift_address_2")),
        Group(EFT, ("fee_code", "declaration_code"), FEE_ADVICE),
    ),
    PARTY_HELPS
    | {
        "blocked": _("Nothing is suggested for a blocked supplier."),
        "is_payroll": _("Salary: only people with the role Payroll see single payments."),
        "account": _("Account number in the supplier's country. In Sweden bankgiro or clearing and account."),
        "iban": _("Starts with the country. Its length and check digits are proved."),
        "giro": _("Postal giro or plusgiro, with its hyphen."),
        "bic": _("SWIFT code of the supplier's bank: 8 or 11 characters. Needed outside the SEPA area."),
        "currency": _("The currency the supplier usually invoices in. Empty: the company's."),
        "bank_partner": _("The account this supplier is paid from. Empty: the one chosen in the suggestion."),
        "bank_branch": _("FedWire number (ABA) of the bank: 9 digits, the last one is a check digit."),
        "swift_address_1": _("Name of the bank in the USA."),
        "swift_address_2": _("Address of the bank in the USA."),
        "fee_code": _("Who pays the bank's fees on payments abroad. 0 takes the bank partner's standard."),
        "declaration_code": _("What payments to this supplier are for. Asked in Norway over 100 000 NOK abroad."),
    },
    sorts={"name": "name"},
)
CUSTOMER = Table(
    "customer",
    models.Customer,
    _("Customers"),
    _("Who pays us."),
    _("New customer"),
    ("number", "name", "country", "organisation_no", "credit_stopped", "blocked"),
    (
        Group(
            IDENTITY, ("number", "name", "country", "organisation_no", "language", "email", "blocked", "credit_stopped")
        ),
        Group(ADDRESS, (*POSTAL, "state", "address_1", "address_2")),
        Group(BANK, ("account", "iban")),
    ),
    PARTY_HELPS
    | {
        "blocked": _("No new invoices. Payments that come in are still matched."),
        "credit_stopped": _("A supplier that is also this customer is not paid while the credit is stopped."),
        "account": _("The account the customer usually pays from. It helps to find the customer of a payment."),
        "iban": _("The same as IBAN."),
    },
    sorts={"name": "name"},
)
COUNTRY = Table(
    "country",
    models.Country,
    _("Countries"),
    _("How numbers and payments of a country are checked. It counts for all companies."),
    _("New country"),
    ("code", "name", "currency", "iban_length", "sepa", "eea"),
    (
        Group(IDENTITY, ("code", "name", "currency")),
        Group(_("Payments"), ("iban_length", "sepa", "eea")),
        Group(
            _("Country processing"),
            ("exempt_iban_check", "exempt_cid_check", "create_rf", "skip_account_check"),
            _("Each mark switches a check off. A wrong number then stops in the bank instead of here."),
        ),
    ),
    {
        "code": _("Two letters of ISO 3166, such as NO. Banks take no others."),
        "name": _("The country's name."),
        "currency": _("The country's own currency."),
        "iban_length": _("How many characters an IBAN of this country has. Empty: the country has none."),
        "sepa": _("Euro payments there follow SEPA: IBAN, shared fees."),
        "eea": _("Payments in EEA currencies there share the fees by law."),
        "exempt_iban_check": _("IBANs of this country are not checked."),
        "exempt_cid_check": _("Check digits of references are not proved for suppliers in this country."),
        "create_rf": _("Invoices of customers in this country get an RF reference (ISO 11649) when they have no KID."),
        "skip_account_check": _("Account numbers of this country are not checked."),
    },
    order="code",
    search=("code", "name"),
    shared=True,
    key="code",
    hint=_("Code or name"),
    sorts={"name": "name"},
)
VOUCHER_TYPE = Table(
    "voucher_type",
    models.VoucherType,
    _("Voucher types"),
    _("Which vouchers get their payment date moved to a workday."),
    _("New voucher type"),
    ("number", "name", "move_to_workday"),
    (Group(IDENTITY, ("number", "name")), Group(_("Voucher type processing"), ("move_to_workday",))),
    {
        "number": _("The voucher type's number in Visma Business."),
        "name": _("Such as Incoming invoice."),
        "move_to_workday": _("Takes effect when an invoice of this type is registered, not when it is paid."),
    },
)
TEXT = Table(
    "text",
    models.TextRow,
    _("Texts"),
    _("Texts of fee codes (130) and declaration codes (131), per language."),
    _("New text"),
    ("number", "type", "language", "text"),
    (Group(IDENTITY, ("type", "number", "language", "text"), FEE_ADVICE),),
    {
        "type": _("130 names the fee codes, 131 the declaration codes."),
        "number": _("130: 0 to 4. 131: the two digits the authorities ask for, such as 14."),
        "language": _("The company's own language is used."),
        "text": _(
            "130: becomes Foreign cost of a payment line. A bearer code such as SHAR must agree with the fee code."
        ),
    },
    search=("text",),
    hint=_("Number or text"),
)
RATE = Table(
    "rate",
    models.CurrencyRate,
    _("Currency rates"),
    _("What one unit costs in the company's currency, from a date on."),
    _("New rate"),
    ("currency", "valid_from", "rate"),
    (Group(IDENTITY, ("currency", "valid_from", "rate")),),
    {
        "currency": _("The other currency."),
        "valid_from": _("The rate counts from this date until the next one."),
        "rate": _("One unit in company currency, such as 11.6540."),
    },
    order="-valid_from",
    search=("currency__code",),
    hint=_("Currency"),
)
CURRENCY = Table(
    "currency_accounts",
    models.CurrencyAccounts,
    _("Currency accounts"),
    _("Ledger accounts of one currency, where they differ from the company's own."),
    _("New currency"),
    ("currency", "gl_gain", "gl_loss", "gl_bank"),
    (
        Group(IDENTITY, ("currency",)),
        Group(_("Ledger accounts"), ("gl_gain", "gl_loss", "gl_bank")),
    ),
    {
        "currency": _("The currency these accounts are for."),
        "gl_gain": _("Gain on payments in this currency. Empty: the company's account."),
        "gl_loss": _("Loss on payments in this currency. Empty: the company's account."),
        "gl_bank": _("The bank's ledger account, when the bank partner names none."),
    },
    order="id",
    search=("currency__code",),
    hint=_("Currency"),
)
