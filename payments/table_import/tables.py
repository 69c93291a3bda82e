"""Which tables can be imported, which columns they have, and what those are called in English and Norwegian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Model
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.choices import Role
from companies.models import Customer, Supplier
from payments.models import CustomerEntry, SupplierEntry

Kind = Literal["number", "text", "code", "email", "account", "organisation", "amount", "day", "yes", "fee", "kind"]
Need = Literal["key", "new", ""]  # always needed; needed for a new row; may be left out


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in files and in the API, its headers, and how its values are read."""

    name: str
    label: Any
    norwegian: str
    kind: Kind = "text"
    need: Need = ""
    aliases: tuple[str, ...] = ()
    example: str = ""
    note: Any = ""
    field: str = ""  # the model's attribute, when it has another name

    @property
    def attribute(self) -> str:
        """The attribute of the model that keeps the value."""
        return self.field or self.name

    @property
    def header(self) -> str:
        """What a template calls the column, in the language in force."""
        return self.norwegian if (get_language() or "").startswith("nb") else str(self.label)


@dataclass(frozen=True, slots=True)
class Table:
    """One importable table."""

    name: str
    model: type[Model]
    title: Any
    lead: Any
    one: Any
    columns: tuple[Column, ...]
    roles: tuple[str, ...]
    list_page: str

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(one for one in self.columns if one.name == name)

    @property
    def entries(self) -> bool:
        """Open entries, not suppliers or customers."""
        return self.name.endswith("_entry")


_EDITORS = (Role.ADMINISTRATOR, Role.ACCOUNTANT)
_KIND_NOTE = _("invoice or credit note; left out, the sign of the amount says it")

_WHO = (
    Column("country", _("Country"), "Land", "code", "new", ("land", "country code", "landkode", "ctry"), "NO",
           _("two-letter ISO code"), "country_id"),
    Column("organisation_no", _("Organisation no."), "Organisasjonsnr.", "organisation", "",
           ("organisation number", "org no", "orgnr", "org.nr.", "organisasjonsnummer", "company no", "bsno"), ""),
    Column("language", _("Language"), "Språk", "text", "", ("sprak", "lang"), "en"),
    Column("email", _("E-mail"), "E-post", "email", "", ("email", "mail", "epost", "e-mail address")),
    Column("street", _("Street"), "Gate", "text", "", ("street name", "gatenavn", "gateadresse"), "Storgata"),
    Column("building", _("Building number"), "Husnummer", "text", "", ("house no", "husnr"), "5"),
    Column("postcode", _("Postal code"), "Postnummer", "text", "", ("postcode", "zip", "postnr", "zip code"), "0155"),
    Column("town", _("Town"), "Poststed", "text", "", ("city", "by", "sted", "postal area"), "Oslo"),
    Column("state", _("State"), "Delstat", "text", "", ("region",)),
    Column("address_1", _("Address line 1"), "Adresselinje 1", "text", "", ("address 1", "adresse 1", "address",
           "adresse")),
    Column("address_2", _("Address line 2"), "Adresselinje 2", "text", "", ("address 2", "adresse 2")),
    Column("blocked", _("Blocked"), "Sperret", "yes", "", ("stopped",), "", _("yes or no")),
)  # fmt: skip
_ACCOUNT_NOTE = _("a new or changed account waits for a second person")
_ACCOUNT = Column("account", _("Bank account"), "Bankkonto", "account", "",
                  ("account", "bank account no", "bankkontonr", "kontonummer", "kontonr", "bankgiro"), "",
                   _ACCOUNT_NOTE)  # fmt: skip
_IBAN = Column("iban", _("IBAN"), "IBAN", "account", "", (), "", _ACCOUNT_NOTE)

SUPPLIERS = Table(
    "supplier", Supplier, _("Import suppliers"),
    _("Suppliers are found by their number: known ones are changed, others are made."), _("Supplier"),
    (
        Column("number", _("Supplier no."), "Leverandørnr.", "number", "key",
               ("supplier number", "supplier", "vendor no", "leverandornr", "leverandørnummer", "no", "nr", "number",
                "supno", "leverandør"), "50001"),
        Column("name", _("Name"), "Navn", "text", "new", ("supplier name", "leverandørnavn", "nm"),
               "Example Supplier AS"),
        *_WHO,
        _ACCOUNT,
        _IBAN,
        Column("giro", _("Postal giro"), "Postgiro", "account", "", ("plusgiro",), "", _ACCOUNT_NOTE),
        Column("bic", _("SWIFT code"), "SWIFT-kode", "code", "", ("bic", "swift", "swift/bic")),
        Column("bank_branch", _("Bank branch"), "Bankfilial", "text", "", ("fedwire", "aba", "routing no")),
        Column("swift_address_1", _("SWIFT address 1"), "SWIFT-adresse 1"),
        Column("swift_address_2", _("SWIFT address 2"), "SWIFT-adresse 2"),
        Column("currency", _("Currency"), "Valuta", "code", "", ("currency code", "valutakode"), "NOK", "",
               "currency_id"),
        Column("bank_partner", _("Bank partner"), "Bankforbindelse", "number", "", ("bank partner no",), "",
               _("number of our bank partner"), "bank_partner_id"),
        Column("fee_code", _("EFT bank fee code"), "Gebyrkode", "fee", "", ("fee code", "eft2"), "0", _("0 to 4")),
        Column("declaration_code", _("EFT declaration code"), "Deklarasjonskode", "text", "", ("declaration code",
               "eft3")),
        Column("is_payroll", _("Employee (salary)"), "Ansatt (lønn)", "yes", "", ("employee", "ansatt", "payroll"),
               "",
               _("yes or no")),
    ),
    _EDITORS, "suppliers",
)  # fmt: skip
CUSTOMERS = Table(
    "customer", Customer, _("Import customers"),
    _("Customers are found by their number: known ones are changed, others are made."), _("Customer"),
    (
        Column("number", _("Customer no."), "Kundenr.", "number", "key",
               ("customer number", "customer", "kundenummer", "no", "nr", "number", "custno", "kunde"), "10001"),
        Column("name", _("Name"), "Navn", "text", "new", ("customer name", "kundenavn", "nm"), "Example Customer AS"),
        *_WHO,
        _ACCOUNT,
        _IBAN,
        Column("credit_stopped", _("Credit stopped"), "Kredittstopp", "yes", "", ("credit stop",), "",
               _("yes or no")),
    ),
    _EDITORS, "customers",
)  # fmt: skip


def _entry_columns(party: Column) -> tuple[Column, ...]:
    return (
        party,
        Column("invoice_no", _("Invoice no."), "Fakturanr.", "text", "key",
               ("invoice number", "invoice", "faktura", "fakturanummer", "document no", "bilagsref", "invono"),
                "F-1001"),
        Column("kind", _("Kind"), "Type", "kind", "", ("entry kind", "art", "document type"), "", _KIND_NOTE),
        Column("entry_date", _("Invoice date"), "Fakturadato", "day", "new", ("date", "dato", "entry date",
               "bilagsdato"),
               "2026-11-02"),
        Column("due_date", _("Due date"), "Forfallsdato", "day", "new", ("due", "forfall", "payment due"),
               "2026-12-02"),
        Column("currency", _("Currency"), "Valuta", "code", "", ("currency code", "valutakode", "cur"), "NOK",
               _("left out: the company's currency"), "currency_id"),
        Column("amount", _("Amount"), "Beløp", "amount", "key", ("belop", "invoice amount", "fakturabeløp", "sum"),
               "1250.50", _("in the entry's currency; a credit note with a minus")),
        Column("discount_amount", _("Cash discount"), "Kontantrabatt", "amount", "", ("discount", "rabatt")),
        Column("discount_date", _("Cash discount until"), "Kontantrabatt til", "day", "", ("discount date",
               "rabattdato")),
        Column("kid", _("KID code"), "KID", "text", "", ("kid", "cid", "ocr", "reference", "kid-kode"), ""),
        Column("voucher_no", _("Voucher no."), "Bilagsnr.", "text", "", ("voucher", "bilagsnummer", "bilag")),
    )  # fmt: skip


SUPPLIER_ENTRIES = Table(
    "supplier_entry", SupplierEntry, _("Import supplier entries"),
    _("Invoices and credit notes we are to pay. An entry is found by supplier, kind and invoice number."),
           _("Supplier entry"),
    (
        *_entry_columns(Column("supplier_no", _("Supplier no."), "Leverandørnr.", "number", "key",
                               ("supplier number", "supplier", "vendor no", "leverandornr", "leverandørnummer",
                                "leverandør", "supno"), "50001", "", "supplier_id")),
        Column("amount_booked", _("Amount in company currency"), "Beløp i firmavaluta", "amount", "",
               ("booked amount", "bokført beløp"), "",
                _("only for another currency; left out: by the rate of the day")),
        Column("voucher_type", _("Voucher type"), "Bilagsart", "number", "", ("voucher type no",), "", "",
               "voucher_type_id"),
        Column("extra_text", _("Extra text"), "Tilleggstekst", "text", "", ("message", "melding", "text", "tekst",
               "txt2")),
        Column("account", _("Bank account"), "Bankkonto", "account", "", ("kontonummer", "kontonr", "bankgiro"), "",
               _("only when it is not the supplier's")),
        Column("fee_code", _("EFT bank fee code"), "Gebyrkode", "fee", "", ("fee code", "eft2"), "", _("0 to 4")),
        Column("declaration_code", _("EFT declaration code"), "Deklarasjonskode", "text", "", ("declaration code",
               "eft3")),
        Column("held", _("Held back"), "Holdt tilbake", "yes", "", ("hold", "hold back"), "", _("yes or no")),
    ),
    (Role.ACCOUNTANT,), "suggestion",
)  # fmt: skip
CUSTOMER_ENTRIES = Table(
    "customer_entry", CustomerEntry, _("Import customer entries"),
    _("Invoices and credit notes customers owe. An entry is found by kind and invoice number."), _("Customer entry"),
    _entry_columns(Column("customer_no", _("Customer no."), "Kundenr.", "number", "key",
                          ("customer number", "customer", "kundenummer", "kunde", "custno"), "10001", "",
                           "customer_id")),
    (Role.ACCOUNTANT,), "customer_entries",
)  # fmt: skip

TABLES: dict[str, Table] = {one.name: one for one in (SUPPLIERS, CUSTOMERS, SUPPLIER_ENTRIES, CUSTOMER_ENTRIES)}
