"""Company data and System information: their fields in groups, and what each one means."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from companies import models
from companies.web.days import DaysField
from companies.web.table import Group, Table
from companies.web.words import ADDRESS, IDENTITY, POSTAL, POSTAL_HELPS

COMPANY_HELPS = {
    "number": _("The company's number in Visma Business. It stands on every file and cannot be used twice."),
    "name": _("The registered name, as the bank knows it."),
    "organisation_no": _(
        "Digits only. Country and organisation number pair this company with the same company in Visma.net."
    ),
    "country": _("Where the company is registered. It decides how numbers are checked and which bank holidays count."),
    "currency": _("The currency of the books. Amounts in other currencies are converted to it."),
    "language": _("The language of vouchers, mails and texts of this company."),
    "time_zone": _("Cut-off times of banks and the date of today are read on this clock."),
    "autopay_active": _("Without this mark nothing is uploaded for the company."),
    "licence_article": _(
        "The licence must hold article 406004, Visma.net AutoPay. Several articles: put blanks between."
    ),
    "days_without_payments": _(
        "Planned payment dates that fall on these weekdays are moved. It counts for invoices registered from now on."
    ),
    "use_bank_holidays": _(
        "Dates are moved off the bank holidays of the debit country too, and off TARGET's for euro."
    ),
    "suggestion_days": _("A payment suggestion proposes entries up to so many days ahead. 0 means up to today."),
    "allow_preapproval": _("Invoices approved and released for payment in Approval may go to the bank without more."),
    "extra_approver_over": _("Payments above this amount in company currency need one approver more. Empty: never."),
    "extra_approver_new_account": _("A payment to an account that was never paid before needs one approver more."),
    "cid_customer_length": _("Length of the customer part of a CID, at most 10. Shorter numbers get leading zeros."),
    "cid_reference_length": _("Length of the invoice part of a CID, at most 9. Shorter numbers get leading zeros."),
    "cid_factoring_length": _("How many digits of the Factoring ID stand between customer and invoice. Usually 0."),
    "gl_suppliers": _("Suppliers' ledger account: debited when an invoice is paid."),
    "gl_customers": _("Customers' ledger account: credited when a customer has paid."),
    "gl_fees": _("Bank fees that no bank partner has an account of its own for."),
    "gl_currency_gain": _("Gain when the bank's rate was better than the booked one."),
    "gl_currency_loss": _("Loss when the bank's rate was worse than the booked one."),
    "gl_unmatched": _("Where an incoming payment goes when a person posts it without a customer."),
    "gl_discount_given": _("Cash discount our customers took."),
    "gl_discount_taken": _("Cash discount we took from suppliers."),
    "gl_write_off": _("Small differences that are written off."),
    "write_off_limit": _("A difference up to this amount may be written off at matching. 0: none."),
    "gl_bank_fallback": _("Used when no bank partner or factoring company names a bank account in the ledger."),
    "bank_account_fallback": _("Incoming payments on this account are taken too, when no other row has it."),
} | POSTAL_HELPS

COMPANY = Table(
    "company",
    models.Company,
    _("Companies"),
    _("Company data: identity, payments, references and ledger accounts."),
    _("New company"),
    ("number", "name", "organisation_no", "country", "currency", "link_state", "autopay_active"),
    (
        Group(IDENTITY, ("number", "name", "organisation_no", "country", "currency", "language", "time_zone")),
        Group(ADDRESS, POSTAL, _("Banks abroad and the newest file version want the address in parts.")),
        Group(_("Visma.net AutoPay"), ("autopay_active", "licence_article")),
        Group(_("Days without payments"), ("days_without_payments", "use_bank_holidays")),
        Group(
            _("Payments"),
            ("suggestion_days", "allow_preapproval", "extra_approver_over", "extra_approver_new_account"),
        ),
        Group(
            _("CID"),
            ("cid_customer_length", "cid_reference_length", "cid_factoring_length"),
            _("The lengths a factoring company uses when it has none of its own."),
        ),
        Group(
            _("Ledger accounts"), ("gl_suppliers", "gl_customers", "gl_fees", "gl_currency_gain", "gl_currency_loss")
        ),
        Group(
            _("Discounts and differences"),
            ("gl_discount_given", "gl_discount_taken", "gl_write_off", "write_off_limit"),
        ),
        Group(_("Incoming payments"), ("gl_unmatched", "gl_bank_fallback", "bank_account_fallback")),
    ),
    COMPANY_HELPS,
    own=(("days_without_payments", DaysField(label=_("Weekdays without payments"))),),
    single=True,
)

SYSTEM = Table(
    "system",
    models.SystemInformation,
    _("System information"),
    _("The installation: gateway, message queue and data area. It counts for all companies."),
    _("System information"),
    ("opg_address", "gateway_user", "queue_name", "data_area"),
    (
        Group(
            _("Gateway"),
            ("opg_address", "gateway_user"),
            _("The password, the certificate and the export of companies stand under Enable Visma.net."),
        ),
        Group(_("Message queue"), ("queue_name", "service_person")),
        Group(_("Files"), ("data_area",)),
    ),
    {
        "opg_address": _(
            "http://[ServerAddress]:[Port]/OPGatewayService/ – a server name is better than an IP address."
        ),
        "gateway_user": _("A Customer Administrator in Visma.net. Companies are exported in this person's name."),
        "queue_name": _(
            "Empty: vbus- and the instance GUID. Change it only when the gateway still uses an older name."
        ),
        "service_person": _("Files the message queue service fetches are logged in this person's name."),
        "data_area": _(
            "Folder on the server where every sent and received file is kept. Empty: the folder from set-up."
        ),
    },
    order="id",
    search=(),
    shared=True,
    single=True,
)
