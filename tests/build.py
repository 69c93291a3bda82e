"""Builders of rows for tests, in the words of the trade. Defaults make a payment that nothing is wrong with.

Every builder takes what a test cares about and fills in the rest. The business clock stands on Wednesday
25 November 2026, 10:00 in Oslo, unless a test has set another time.
"""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from companies.choices import AgreementState, BankSystem, LinkState, Role, TextType
from companies.clock import set_business_time
from companies.models import (
    BankAgreement,
    BankPartner,
    BankProfile,
    BusinessClock,
    Company,
    Country,
    Currency,
    Customer,
    FactoringCompany,
    Membership,
    PayeeAccount,
    Person,
    Supplier,
    TextRow,
    VoucherSeries,
    VoucherType,
)
from payments.choices import EntryKind, LineStatus, RoundState, TransferState
from payments.models import (
    CustomerEntry,
    Payment,
    PaymentLine,
    PaymentTotal,
    SupplierEntry,
    Transfer,
    TransferItem,
)
from payments.reference_rules import mod10_digit

TODAY = date(2026, 11, 25)  # a Wednesday
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Europe/Oslo"))
_numbers = itertools.count(1)

COUNTRIES = {
    "NO": ("Norway", "NOK", 15),
    "SE": ("Sweden", "SEK", 24),
    "DK": ("Denmark", "DKK", 18),
    "FI": ("Finland", "EUR", 18),
    "DE": ("Germany", "EUR", 22),
    "US": ("United States", "USD", None),
    "GB": ("United Kingdom", "GBP", 22),
}


def a_number() -> int:
    """A number no other builder in this process has given."""
    return next(_numbers)


def a_currency(code="NOK"):
    """Currency row of an ISO code."""
    return Currency.objects.get_or_create(
        code=code, defaults={"name": code, "decimals": 0 if code in ("JPY", "ISK") else 2}
    )[0]


def a_country(code="NO"):
    """Country row with what payments there are checked by."""
    name, currency, length = COUNTRIES.get(code, (code, "EUR", None))
    european = code != "US"
    return Country.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "currency": a_currency(currency),
            "iban_length": length,
            "sepa": european,
            "eea": european and code != "GB",
        },
    )[0]


def a_norwegian_account(number=None):
    """A Norwegian account number with a right check digit."""
    number = number if number is not None else a_number()
    for tail in itertools.count():
        body = f"{8601_000000 + (number * 10 + tail) % 1000000:010d}"
        rest = sum(int(d) * w for d, w in zip(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        if (digit := (11 - rest) % 11) < 10:
            return f"{body}{digit}"
    raise AssertionError("unreachable")


def a_kid(body):
    """The body with its modulus-10 digit."""
    return f"{body}{mod10_digit(str(body))}"


def a_clock():
    """The business clock, unless a test has set it already."""
    if not BusinessClock.objects.filter(pk=1).exists():
        set_business_time(NOW)


def a_profile(code="test", **facts):
    """A bank's habits; the plain CGI profile."""
    facts = {"name": "Test bank", "country": a_country("NO")} | facts
    return BankProfile.objects.get_or_create(code=code, defaults=facts)[0]


def a_company(**facts):
    """A Norwegian company that is linked, licensed and active, with fee texts, series and voucher type."""
    a_clock()
    for code in ("NOK", "SEK", "DKK", "EUR", "USD"):
        a_currency(code)
    number = a_number()
    facts = {
        "number": number,
        "name": f"Fjordvik Handel {number} AS",
        "organisation_no": f"{900_000_000 + number}",
        "country": a_country("NO"),
        "currency": a_currency("NOK"),
        "street": "Storgata",
        "building": "5",
        "postcode": "0155",
        "town": "Oslo",
        "signing_key": "test-signing-key",
        "visma_company_id": f"visma-{number}",
        "link_state": LinkState.LINKED,
        "autopay_active": True,
        "licence_article": "406004",
        "terms_accepted_at": NOW,
        "use_bank_holidays": True,
    } | facts
    company = Company.objects.create(**facts)
    for code, text in enumerate(("Default", "Pays all fees", "Domestic fee", "International fee", "No fee")):
        TextRow.objects.create(company=company, type=TextType.FEE_CODE, number=code, language="en", text=text)
    VoucherType.objects.create(company=company, number=20, name="Supplier invoice")
    for code in ("bank", "in", "pay"):
        VoucherSeries.objects.create(company=company, code=code, name=code)
    return company


def a_person(*roles, company=None, roles_in=None, **facts):
    """Somebody with these roles in the company: a_person("approver", company=company)."""
    number = a_number()
    facts = {"username": f"person{number}", "first_name": f"Person {number}", "email": f"p{number}@example.com"} | facts
    person = Person.objects.create(**facts)
    for role in roles:
        Membership.objects.create(company=company or roles_in, person=person, role=role)
    return person


def an_accountant(company):
    """Who suggests and uploads."""
    return a_person(Role.ACCOUNTANT, company=company)


def an_approver(company):
    """Who approves."""
    return a_person(Role.APPROVER, company=company)


def a_bank_partner(company, **facts):
    """An AutoPay bank partner with a Norwegian account."""
    number = BankPartner.objects.filter(company=company).count() + 1
    facts = {
        "number": number,
        "name": f"Bank {number}",
        "profile": facts.pop("profile", None) or a_profile(),
        "bank_system": BankSystem.AUTOPAY,
        "account": a_norwegian_account(),
        "bic": "DNBANOKK",
        "country": a_country("NO"),
        "currency": a_currency("NOK"),
        "gl_bank": "1920",
        "gl_fee": "7770",
    } | facts
    return BankPartner.objects.create(company=company, **facts)


def an_agreement(bank_partner, **facts):
    """An active agreement for one account: two approvers, no hold."""
    facts = {
        "state": AgreementState.ACTIVE,
        "currency": bank_partner.currency,
        "debtor_name": bank_partner.company.name[:70],
        "approvers": 2,
        "hold_seconds": 0,
    } | facts
    return BankAgreement.objects.create(company=bank_partner.company, bank_partner=bank_partner, **facts)


def a_bank(company, **agreement):
    """A bank partner together with its active agreement; answers the partner."""
    partner = a_bank_partner(company)
    an_agreement(partner, **agreement)
    return partner


def a_supplier(company, *, new_account=False, **facts):
    """A Norwegian supplier whose account was accepted and paid to long ago (unless new_account)."""
    number = a_number()
    facts = {
        "number": 50_000 + number,
        "name": f"Kontorrekvisita {number} AS",
        "country": a_country("NO"),
        "account": a_norwegian_account(),
        "street": "Bakkegata",
        "building": "1",
        "postcode": "5003",
        "town": "Bergen",
    } | facts
    supplier = Supplier.objects.create(company=company, **facts)
    account = supplier.iban or supplier.account or supplier.giro
    if account and not new_account:
        PayeeAccount.objects.create(
            supplier=supplier,
            account=account,
            entered_at=NOW - timedelta(days=200),
            accepted_at=NOW - timedelta(days=199),
            first_paid_on=TODAY - timedelta(days=150),
        )
    return supplier


def a_supplier_entry(supplier, amount="1000.00", **facts):
    """An open invoice (or, with a negative amount, a credit note) that is due today."""
    amount = Decimal(amount)
    currency = facts.pop("currency", None) or supplier.company.currency
    facts = {
        "kind": EntryKind.INVOICE if amount > 0 else EntryKind.CREDIT_NOTE,
        "invoice_no": f"F{a_number()}",
        "entry_date": TODAY - timedelta(days=30),
        "due_date": TODAY,
        "planned_date": TODAY,
        "currency": currency if not isinstance(currency, str) else a_currency(currency),
        "amount": amount,
        "amount_booked": amount,
        "rest": amount,
    } | facts
    return SupplierEntry.objects.create(company=supplier.company, supplier=supplier, **facts)


def a_customer(company, **facts):
    """A customer."""
    number = a_number()
    facts = {"number": 10_000 + number, "name": f"Kunde {number} AS", "country": a_country("NO")} | facts
    return Customer.objects.create(company=company, **facts)


def a_customer_entry(customer, amount="1000.00", **facts):
    """An open customer invoice with its KID (customer 10 digits, invoice 9, check digit)."""
    amount = Decimal(amount)
    invoice = str(facts.pop("invoice_no", None) or 20_000 + a_number())
    currency = facts.pop("currency", None) or customer.company.currency
    facts = {
        "kind": EntryKind.INVOICE if amount > 0 else EntryKind.CREDIT_NOTE,
        "invoice_no": invoice,
        "entry_date": TODAY - timedelta(days=20),
        "due_date": TODAY,
        "currency": currency if not isinstance(currency, str) else a_currency(currency),
        "amount": amount,
        "amount_booked": amount,
        "rest": amount,
        "kid": a_kid(f"{invoice:0>9}{customer.number:010d}") if invoice.isdigit() else "",
    } | facts
    return CustomerEntry.objects.create(company=customer.company, customer=customer, **facts)


def a_factoring_company(company, partner=None, **facts):
    """The KID definition of a receiving account: invoice 1-9, customer 10-19, check digit."""
    facts = {
        "number": FactoringCompany.objects.filter(company=company).count() + 1,
        "name": "KID",
        "bank_account": partner.account if partner else a_norwegian_account(),
        "bank_partner": partner,
        "gl_bank": partner.gl_bank if partner else "1920",
        "gl_fee": "7770",
    } | facts
    return FactoringCompany.objects.create(company=company, **facts)


def an_estimate(company=None, lines=3, amount="1000.00", bank_partner=None, **facts):
    """A payment at 1: one invoice each of so many suppliers, reserved and marked Remitted."""
    company = company or (bank_partner.company if bank_partner else a_company())
    partner = bank_partner or a_bank(company)
    number = max([0, *Payment.objects.filter(company=company).values_list("number", flat=True)]) + 1
    facts = {
        "number": number,
        "bank_partner": partner,
        "agreement": partner.agreements.get(state=AgreementState.ACTIVE),
        "transfer_date": TODAY,
        "created_by": facts.pop("created_by", None) or an_accountant(company),
    } | facts
    payment = Payment.objects.create(company=company, **facts)
    for _ in range(lines):
        a_line(payment, a_supplier_entry(a_supplier(company), amount, kid=a_kid(f"1000{a_number():08d}")))
    return payment


def a_line(payment, entry, **facts):
    """A line at 1 that pays an entry wholly; the entry is reserved as the suggestion does it."""
    from payments.preparing.duplicates import payee_key

    part = facts.get("amount")
    amount = Decimal(part) if part is not None else entry.rest - entry.in_payment
    supplier = entry.supplier
    account = entry.account or supplier.iban or supplier.account or supplier.giro
    facts = {
        "line_no": payment.lines.count() + 1,
        "supplier": supplier,
        "entry": entry,
        "currency": entry.currency,
        "pay_date": max(entry.planned_date, TODAY),
        "account": account,
        "kid": entry.kid,
        "message": entry.extra_text,
        "fee_code": entry.fee_code,
        "payee_key": payee_key(account, amount, entry.currency_id, entry.kid),
    } | facts
    facts["amount"] = facts["original_amount"] = amount
    line = PaymentLine.objects.create(payment=payment, company=payment.company, **facts)
    entry.in_payment += amount
    entry.remitted = entry.in_payment == entry.rest
    entry.save(update_fields=["in_payment", "remitted"])
    payment.line_count = payment.lines.count()
    payment.save(update_fields=["line_count"])
    total, new = PaymentTotal.objects.get_or_create(
        payment=payment, currency=entry.currency, defaults={"amount": amount, "lines": 1}
    )
    if not new:
        total.amount, total.lines = total.amount + amount, total.lines + 1
        total.save()
    return line


def an_uploaded_payment(company=None, lines=3, status=LineStatus.AT_EFT, **facts):
    """Rows of a payment that waits for approval: one sealed transfer, an item per line, lines at 8.

    Rows only, no file: for tests of what comes after the upload. Tests of the upload itself use
    payments.releasing.uploading.upload on an_estimate().
    """
    payment = an_estimate(company, lines, **facts)
    payment.refresh_from_db()
    company = payment.company
    digest = hashlib.sha256(f"{payment.pk}".encode()).hexdigest()
    rows = list(payment.lines.select_related("supplier").order_by("line_no"))
    transfer = Transfer.objects.create(
        company=company,
        payment=payment,
        round=1,
        sequence=1,
        msg_id=f"AP{company.number}-20261125-{payment.pk:06d}",
        created_at=NOW.astimezone(UTC),
        version="001.001.09",
        digest=digest,
        path=f"{company.number}/2026/11/pain001-{digest[:16]}.xml",
        size=1,
        item_count=len(rows),
        control_sum=sum((line.amount for line in rows), Decimal(0)),
        channel=payment.agreement.channel,
    )
    for position, line in enumerate(rows, 1):
        line.item = TransferItem.objects.create(
            transfer=transfer,
            payment=payment,
            company=company,
            supplier=line.supplier,
            position=position,
            end_to_end_id=f"{company.number}-{payment.number}-1-{position}",
            payment_info_id=f"{transfer.msg_id}-01",
            amount=line.amount,
            currency=line.currency,
            execution_date=line.pay_date,
            account=line.account,
            payee_name=line.supplier.name,
        )
        line.status = status
        line.save(update_fields=["item", "status"])
    payment.round, payment.round_state, payment.digest = 1, RoundState.WAITING, digest
    payment.needed = payment.agreement.approvers
    payment.uploaded_by, payment.uploaded_at = payment.created_by, NOW.astimezone(UTC)
    payment.status, payment.item_count = LineStatus.AT_EFT, len(rows)
    payment.save()
    return payment


def a_transferred_payment(company=None, lines=3, status=LineStatus.TRANSFERRED, **facts):
    """Rows of a payment that was approved and sent: transfer accepted, lines at 2 (or another status)."""
    payment = an_uploaded_payment(company, lines, status, **facts)
    payment.round_state, payment.given = RoundState.RELEASED, payment.needed
    payment.released_at = NOW.astimezone(UTC)
    payment.status = 2
    payment.save()
    payment.transfers.update(state=TransferState.ACCEPTED, sent_at=NOW.astimezone(UTC), accepted_at=NOW.astimezone(UTC))
    return payment
