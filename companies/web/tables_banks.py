"""Bank partners, agreements, profiles and factoring companies: their fields in groups, and what each one means."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from companies import models
from companies.web.table import Group, Table
from companies.web.words import BANK, FEE_ADVICE, IDENTITY

BANK_PARTNER = Table(
    "bank_partner",
    models.BankPartner,
    _("Bank partners"),
    _("Our accounts, their ledger accounts and how they are processed."),
    _("New bank partner"),
    ("number", "name", "bank_system", "account", "bic", "currency", "gl_bank", "active"),
    (
        Group(IDENTITY, ("number", "name", "bank_system", "active")),
        Group(
            BANK,
            ("profile", "account", "bic", "country", "currency", "customer_no_in_bank"),
            _("A changed account number waits until another administrator accepts it."),
        ),
        Group(_("Ledger accounts"), ("gl_bank", "gl_fee")),
        Group(
            _("EFT processing"),
            (
                "generate_batch",
                "auto_update_outgoing",
                "auto_update_incoming",
                "include_extra_text",
                "planned_date_for_all",
                "only_active_company",
                "only_active_payments",
                "numeric_cost_code",
                "pain002_settles",
            ),
        ),
        Group(_("Standard codes"), ("fee_code", "declaration_code", "declaration_text"), FEE_ADVICE),
    ),
    {
        "number": _("The bank partner's number in Visma Business."),
        "name": _("What people call the account, such as DNB operating account."),
        "bank_system": _("95 Visma.net AutoPay pays through this console. Other systems are kept for the record only."),
        "active": _("Payments are suggested only for bank partners in use."),
        "profile": _("The bank's habits: file version, numbers it asks for, message length."),
        "account": _("IBAN or national number. Write it as the bank does; blanks and dots are taken away."),
        "bic": _("8 or 11 characters. The profile is found by it."),
        "country": _("Where the account is kept. Its bank holidays move payment dates."),
        "currency": _("The currency of the account."),
        "customer_no_in_bank": _(
            "The number the bank gave the company for files. Some banks ask for it in every file."
        ),
        "gl_bank": _("The ledger account of this bank account: credited when a payment is settled."),
        "gl_fee": _("Fees the bank takes with a payment. Empty: the company's account for bank fees."),
        "generate_batch": _("Settled payments become a batch of vouchers by themselves. Otherwise press Create batch."),
        "auto_update_outgoing": _("The batch of settled payments is posted at once. Otherwise it waits for a person."),
        "auto_update_incoming": _("The batch of incoming payments is posted at once. Otherwise it waits for a person."),
        "include_extra_text": _("The entry's extra text is the message to the receiver when there is no KID."),
        "planned_date_for_all": _("Every line gets the transmission date instead of its own planned payment date."),
        "only_active_company": _(
            "Always so here: a payment belongs to the company in force. Kept as in Visma Business."
        ),
        "only_active_payments": _(
            "Always so here: an upload takes the payment it was pressed on. Kept as in Visma Business."
        ),
        "numeric_cost_code": _("Foreign cost shows the number of the fee code instead of its text."),
        "pain002_settles": _(
            "A status report that says settled books the payment. Only for banks without debit notices."
        ),
        "fee_code": _("Used when a payment line has 0 Default: who pays the bank's fees for payments abroad."),
        "declaration_code": _(
            "What payments abroad are for, when the line says nothing. Asked in Norway over 100 000 NOK."
        ),
        "declaration_text": _("Some words to the declaration code, such as spare parts."),
    },
)
AGREEMENT = Table(
    "agreement",
    models.BankAgreement,
    _("Bank agreements"),
    _("What is agreed with the bank: approvers, mail, direction, channel. Only active agreements send and import."),
    _("New agreement"),
    ("bank_partner", "state", "currency", "approvers", "active_outgoing", "active_download", "channel"),
    (
        Group(IDENTITY, ("bank_partner", "debtor_name", "division")),
        Group(_("Currency"), ("currency", "erp_currency")),
        Group(
            _("Approval"),
            ("approvers", "bank_approvers", "two_factor", "hold_seconds", "cutoff", "no_answer_hours"),
            _("On an active agreement these wait until another administrator accepts them."),
        ),
        Group(_("E-mail"), ("contact_emails", "approver_emails")),
        Group(
            _("Direction"),
            (
                "active_outgoing",
                "active_download",
                "split_incoming",
                "include_cards",
                "batch_booking",
                "booking_source",
                "salary",
            ),
        ),
        Group(_("Channel"), ("channel", "channel_address", "channel_host_key")),
    ),
    {
        "bank_partner": _("The account the agreement is for."),
        "debtor_name": _("The payer's name as the receiver sees it on the statement."),
        "division": _("The number this bank gives a part of the company. It stands in every payment file."),
        "currency": _("The currency of the account in the bank."),
        "erp_currency": _(
            "The code the ERP's entries carry for the account's currency. Empty: the company's currency. A payment "
            "whose lines carry another code is stopped before upload."
        ),
        "approvers": _("How many people must approve a payment here, 1 to 4. Nobody approves what they uploaded."),
        "bank_approvers": _("How many must hold the bank's mandate. Two in the bank ask for at least two here."),
        "two_factor": _("When the agreement asks for a one-time code besides the password."),
        "hold_seconds": _("So long an approved payment can still be taken back. 0: it leaves at once."),
        "cutoff": _("After this time the bank moves payments dated today. Empty: none is known."),
        "no_answer_hours": _("When the bank has not answered for so long, central is asked and the payment is shown."),
        "contact_emails": _("Get mail about rejected payments. Several addresses: put ; between."),
        "approver_emails": _("Get mail when payments wait for approval. Several addresses: put ; between."),
        "active_outgoing": _("Payments may be sent with this agreement while it is active."),
        "active_download": _("Files of this account may be imported while the agreement is active."),
        "split_incoming": _(
            "Payments with KID, with invoice number, with message and by card come in files of their own."
        ),
        "include_cards": _("Card transactions come too, always in a file of their own."),
        "batch_booking": _("The bank books one sum per file instead of each payment."),
        "booking_source": _("Which file books the account. The other one only proves."),
        "salary": _("Salary may be paid with this agreement."),
        "channel": _("How files reach the bank side. The gateway is the usual way."),
        "channel_address": _("Folder on the server, or sftp://user@server/folder. Not used with the gateway."),
        "channel_host_key": _("The server's public key, so that nobody can stand in for it. Only for SFTP."),
    },
    order="id",
    search=("debtor_name", "bank_partner__name"),
    hint=_("Debtor name or bank partner"),
)
FACTORING = Table(
    "factoring_company",
    models.FactoringCompany,
    _("Factoring companies"),
    _("How references on a receiving account are read, and where they are booked."),
    _("New factoring company"),
    ("number", "name", "bank_account", "factoring_id", "customer_length", "reference_length", "gl_bank"),
    (
        Group(IDENTITY, ("number", "name", "bank_account", "bank_partner")),
        Group(_("CID"), ("factoring_id", "customer_length", "reference_length", "cid_definition")),
        Group(_("Factoring processing"), ("is_cid_definition", "is_factoring")),
        Group(_("Payment processing"), ("search_open_entries", "search_transactions")),
        Group(_("Ledger accounts"), ("gl_bank", "gl_fee", "department")),
        Group(_("Remarks"), ("free_text",)),
    ),
    {
        "number": _("The factoring company's number in Visma Business."),
        "name": _("What people call the row, such as KID on DNB."),
        "bank_account": _("The receiving account exactly as the bank's files write it: no dots, no blanks."),
        "bank_partner": _("Our bank partner with the same account, when payments leave from it too."),
        "factoring_id": _(
            "Start of the customer no.;start of the invoice no., counted from 1. 0 for a part that is not used; 0;0 "
            "compares the whole CID with the open entries."
        ),
        "customer_length": _("How many digits the customer number takes. The check digit is not counted."),
        "reference_length": _("How many digits the invoice number takes. The check digit is not counted."),
        "cid_definition": _(
            "Macro Visma Business prints a CID with, such as @Modulus(). Empty: customer, invoice, check."
        ),
        "is_cid_definition": _("Must be ticked: without it the row does not read references of incoming payments."),
        "is_factoring": _("A real factoring company buys these invoices. For information; reading is the same."),
        "search_open_entries": _("A CID or invoice number is looked for among open customer entries."),
        "search_transactions": _("And among paid ones, to warn of a payment that came twice."),
        "gl_bank": _("The ledger account of the receiving account: debited when a payment comes in."),
        "gl_fee": _("Fees the bank takes from incoming payments."),
        "department": _("Org unit for the bank line, as in Visma Business."),
        "free_text": _("What the next person should know about this row."),
    },
)
BANK_PROFILE = Table(
    "bank_profile",
    models.BankProfile,
    _("Bank profiles"),
    _("Habits of banks: which file version, which numbers, how long a message. Ready for the Nordic banks."),
    _("New bank profile"),
    ("code", "name", "bic_prefix", "country", "version", "has_division"),
    (
        Group(IDENTITY, ("code", "name", "bic_prefix", "country")),
        Group(
            _("Payment file"), ("version", "items_per_file", "items_per_group", "giro_dialect", "same_day_instrument")
        ),
        Group(
            _("Numbers the bank asks for"),
            (
                "initiating_id",
                "initiating_scheme",
                "debtor_id",
                "debtor_scheme",
                "second_debtor_id",
                "second_debtor_scheme",
                "has_division",
            ),
        ),
        Group(
            _("Message to the receiver"),
            ("text_lines", "text_length", "amount_in_reference", "structured_and_text"),
        ),
        Group(
            _("Payments"),
            ("domestic_agent", "writes_charge_bearer", "writes_batch_booking", "nets_credit_notes"),
        ),
    ),
    {
        "code": _("Short name, such as dnb. It is written once."),
        "name": _("The bank's name."),
        "bic_prefix": _("How the bank's BIC begins: a new bank partner with such a BIC gets this profile."),
        "country": _("Where the bank keeps the account. Empty: anywhere."),
        "version": _("The version of pain.001 the bank takes."),
        "items_per_file": _("A payment with more transactions is cut into several files."),
        "items_per_group": _("A group with more transactions is cut into several."),
        "giro_dialect": _("How giro numbers are written."),
        "same_day_instrument": _("Code for a payment that must arrive today, such as SDCL. Empty: the bank has none."),
        "initiating_id": _("The number that names the sender of the file."),
        "initiating_scheme": _("CUST for a number of ours, BANK for one the bank gave."),
        "debtor_id": _("The number that names the payer. Empty: none."),
        "debtor_scheme": _("CUST for a number of ours, BANK for one the bank gave."),
        "second_debtor_id": _("A second number of the payer. Empty: none."),
        "second_debtor_scheme": _("CUST for a number of ours, BANK for one the bank gave."),
        "has_division": _("The agreement's division is shown and asked for."),
        "text_lines": _("How many lines of message the bank takes."),
        "text_length": _("How many characters a line may have."),
        "amount_in_reference": _("The amount is written beside each reference."),
        "structured_and_text": _("A reference and a message may stand in one payment."),
        "domestic_agent": _("The receiver's bank is named on payments at home too."),
        "writes_charge_bearer": _("Who pays the fees is written on payments at home too."),
        "writes_batch_booking": _("The file says whether the bank books one sum or each payment."),
        "nets_credit_notes": _("Credit notes are set off against invoices of the same supplier in one payment."),
    },
    order="code",
    search=("name", "code", "bic_prefix"),
    shared=True,
    key="code",
    hint=_("Name, code or BIC"),
)
