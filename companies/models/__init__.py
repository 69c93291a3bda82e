"""Tables of the set-up: who pays, from which bank, under which rules."""

from companies.models.banking import BankAgreement, BankMandate, BankPartner, BankProfile
from companies.models.company import Company, SystemInformation
from companies.models.factoring import FactoringCompany
from companies.models.ledger import (
    AccountingPeriod,
    Currency,
    CurrencyAccounts,
    CurrencyRate,
    PeriodTurn,
    TextRow,
    VoucherSeries,
    VoucherType,
)
from companies.models.parties import Country, Customer, PayeeAccount, Supplier
from companies.models.people import Deputy, InstanceRole, Invitation, Membership, Person
from companies.models.stopping import SendingStop
from companies.models.work import BusinessClock, Job, MailOutbox, PendingChange, SavedView

__all__ = [
    "AccountingPeriod",
    "BankAgreement",
    "BankMandate",
    "BankPartner",
    "BankProfile",
    "BusinessClock",
    "Company",
    "Country",
    "Currency",
    "CurrencyAccounts",
    "CurrencyRate",
    "Customer",
    "Deputy",
    "FactoringCompany",
    "InstanceRole",
    "Invitation",
    "Job",
    "MailOutbox",
    "Membership",
    "PayeeAccount",
    "PendingChange",
    "PeriodTurn",
    "Person",
    "SavedView",
    "SendingStop",
    "Supplier",
    "SystemInformation",
    "TextRow",
    "VoucherSeries",
    "VoucherType",
]
