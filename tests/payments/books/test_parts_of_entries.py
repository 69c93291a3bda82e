"""Parts of a foreign invoice add up to what it was booked with, also when they are booked beside each other."""

from decimal import Decimal

import pytest

from companies.models import CurrencyRate
from payments import lifecycle
from payments.books import ledger
from payments.choices import LineStatus
from payments.clearing import resolving_debits
from payments.models import Batch, CustomerEntry, EntryMatch, IncomingPayment, OpenDebit, Posting, SupplierEntry
from payments.receiving import posting_incoming
from payments.settling import settlement
from tests import build
from tests.payments.bank_messages import a_debit, items_of
from tests.payments.incoming.bank_files import a_credit, a_payment, a_receiving_company, an_invoice, camt054, loaded

pytestmark = pytest.mark.django_db
KID = "00001234500000100011"


@pytest.fixture(autouse=True)
def own_data_area(tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"


def balance(account):
    return sum((row.debit - row.credit for row in Posting.objects.filter(account=account)), Decimal(0))


def a_payment_in_parts(*amounts, auto=True):
    """One euro invoice of 100.00, booked with 1150.33 kroner, paid in so many lines of one payment."""
    company = build.a_company()
    partner = build.a_bank_partner(company, auto_update_outgoing=auto)
    build.an_agreement(partner)
    payment = build.an_uploaded_payment(company, lines=0, bank_partner=partner)
    invoice = build.a_supplier_entry(
        build.a_supplier(company), "100.00", currency="EUR", amount_booked=Decimal("1150.33")
    )
    transfer = payment.transfers.get()
    for place, amount in enumerate(amounts, 1):
        line = build.a_line(payment, invoice, amount=amount)
        line.item = transfer.items.create(
            payment=payment, company=company, supplier=line.supplier, position=place, end_to_end_id=f"E{place}",
            payment_info_id="P", amount=line.amount, currency=line.currency, execution_date=line.pay_date,
            account=line.account, payee_name="Lieferant",
        )  # fmt: skip
        line.save()
    transfer.state, transfer.sent_at = "accepted", build.NOW
    transfer.save()
    ids = list(payment.lines.values_list("pk", flat=True))
    lifecycle.move(ids, LineStatus.AT_EFT, source="upload")
    lifecycle.move(ids, LineStatus.TRANSFERRED, source="report")
    return payment


def test_three_parts_of_an_invoice_in_one_batch_lose_no_oere():
    payment = a_payment_in_parts("33.33", "33.33", "33.34")
    settlement.settle([a_debit(item, account_amount=str(item.amount * 12)[:6]) for item in items_of(payment)])
    settlement.collect(payment.pk, build.TODAY)

    assert SupplierEntry.objects.get().rest == 0
    assert balance("2400") == Decimal("1150.33")


def test_a_part_whose_batch_waits_counts_for_the_next_batch():
    payment = a_payment_in_parts("33.33", "33.33", "33.34", auto=False)
    for day, item in enumerate(items_of(payment)):
        on = build.TODAY.replace(day=20 + day)
        settlement.settle([a_debit(item, account_amount=str(item.amount * 12)[:6], value_date=on)])
        settlement.collect(payment.pk, on)

    assert balance("2400") == Decimal("1150.33")


def test_two_customer_payments_of_one_file_close_a_foreign_invoice_to_the_cent():
    company = a_receiving_company(currency=build.a_currency("EUR"))
    CurrencyRate.objects.create(
        company=company, currency=build.a_currency("NOK"), valid_from=build.TODAY.replace(day=1), rate=Decimal("0.0877")
    )
    an_invoice(company, "100.00", currency="NOK", amount_booked=Decimal("8.75"))
    loaded(company, camt054(a_credit(a_payment("30.00", kid=KID)), a_credit(a_payment("70.00", kid=KID))))

    assert CustomerEntry.objects.get().rest == 0
    assert balance(company.gl_customers) == Decimal("-8.75")


def test_a_build_that_was_cut_off_counts_no_part_of_a_foreign_invoice_twice():
    company = a_receiving_company(currency=build.a_currency("EUR"))
    company.bank_partners.update(auto_update_incoming=False)
    CurrencyRate.objects.create(
        company=company, currency=build.a_currency("NOK"), valid_from=build.TODAY.replace(day=1), rate=Decimal("0.0877")
    )
    an_invoice(company, "100.00", currency="NOK", amount_booked=Decimal("8.75"))
    file = loaded(company, camt054(*(a_credit(a_payment(part, kid=KID)) for part in ("10.00", "45.00", "45.00"))))
    batch = Batch.objects.get()
    cut = batch.vouchers.filter(position__gt=1)
    IncomingPayment.objects.update(voucher=None)
    for rows in (EntryMatch, Posting):
        rows.objects.filter(voucher__in=cut).delete()
    cut.delete()
    first = batch.vouchers.get().debit_total
    Batch.objects.update(state="building", voucher_count=1, debit_total=first, credit_total=first)

    for ids in posting_incoming.to_book(file, 0):
        posting_incoming.add_slice(file, ids)
    (batch,) = posting_incoming.finish(file)
    ledger.post(batch, build.an_accountant(company))

    assert CustomerEntry.objects.get().rest == 0
    assert balance(company.gl_customers) == Decimal("-8.75")


def test_a_debit_that_paid_the_rest_of_an_invoice_knows_of_the_part_that_waits():
    payment = a_payment_in_parts("50.00", auto=False)
    settlement.settle([a_debit(item, account_amount="600.00") for item in items_of(payment)])
    settlement.collect(payment.pk, build.TODAY)
    company, invoice = payment.company, SupplierEntry.objects.get()
    CurrencyRate.objects.create(company=company, currency_id="EUR", valid_from=build.TODAY, rate=Decimal("11.5"))
    account = payment.bank_partner.account
    file = company.bank_files.create(digest="d", path="p", size=1, name="x")
    line = file.entries.create(
        company=company, index=0, line=1, message_type="camt.054", account=account, key="k", occurrence=1,
        amount=Decimal("-50.00"), currency_code="EUR", status="BOOK", booking_date=build.TODAY,
        value_date=build.TODAY,
    )  # fmt: skip
    debit = OpenDebit.objects.create(
        company=company, entry=line, key="k", amount=Decimal("50.00"), currency_code="EUR", value_date=build.TODAY
    )
    resolving_debits.pay_entry(debit, build.an_accountant(company), invoice, version=debit.version)

    assert balance("2400") == Decimal("1150.33")
