"""A file is refused as a whole or imported as a whole; a killed import goes on; debits and fees find their place."""

from decimal import Decimal
from itertools import count

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import BankAgreement
from payments.bank_files import importing, importing_live, importing_staging
from payments.choices import BankEntryKind, FileState, ImportPhase, IncomingState, LineStatus, ParkReason
from payments.models import BankEntry, BankFile, Batch, IncomingPayment, OpenDebit, Posting, SettlementFact, Voucher
from payments.receiving import posting_incoming
from payments.settling import settlement
from tests import build
from tests.payments.bank_messages import a_sent_payment, items_of, statuses
from tests.payments.incoming.bank_files import (
    ACCOUNT,
    MESSAGES,
    a_credit,
    a_payment,
    a_receiving_company,
    an_invoice,
    camt054,
    load,
    loaded,
)

pytestmark = pytest.mark.django_db
KID = "00001234500000100011"


def nothing_was_written():
    return not (BankEntry.objects.exists() or IncomingPayment.objects.exists() or OpenDebit.objects.exists())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (camt054(a_credit(a_payment()))[:-30], "not_well_formed"),
        (camt054(a_credit(a_payment()), a_credit(amount="-5.00")), "amount_bad"),
        (camt054(a_credit(a_payment()), account="15031234561"), "unknown_account"),
        ("no bank file", "not_well_formed"),
    ],
)
def test_a_refused_file_books_nothing_and_says_why(text, code):
    file = load(a_receiving_company(), text)
    assert (file.state, file.error_code) == (FileState.ERROR, code)
    assert file.error
    assert nothing_was_written()


def test_an_unknown_account_is_named_with_its_line():
    file = load(a_receiving_company(), camt054(a_credit(a_payment()), account="15031234561"))
    assert "15031234561" in file.error
    assert "Line 1" in file.error


def test_an_account_of_another_company_is_refused():
    a_receiving_company("15031234561")
    file = load(a_receiving_company(), camt054(a_credit(a_payment()), account="15031234561"))
    assert file.error_code == "foreign_account"


def test_a_refused_file_can_be_tried_again_once_its_account_is_entered():
    company = a_receiving_company()
    file = load(company, camt054(a_credit(a_payment()), account="15031234561"))
    build.an_agreement(build.a_bank_partner(company, account="15031234561"))
    assert importing.again(file)
    importing.import_file(file.pk)
    file.refresh_from_db()
    assert file.state == FileState.IMPORTED


def test_a_test_file_of_the_bank_is_refused():
    text = camt054(a_credit(a_payment())).replace(
        "</CreDtTm></GrpHdr>", "</CreDtTm><AddtlInf>SPS/1.7/TEST</AddtlInf></GrpHdr>"
    )
    assert load(a_receiving_company(), text).error_code == "test_file"


def test_an_account_whose_agreement_is_not_active_for_download_is_refused():
    company = a_receiving_company(agreement={"active_download": False})
    assert load(company, camt054(a_credit(a_payment()))).error_code == "no_agreement"


def test_an_account_without_any_agreement_is_not_imported_and_the_remedy_is_named():
    company = a_receiving_company()
    BankAgreement.objects.filter(company=company).delete()
    file = load(company, camt054(a_credit(a_payment())))
    assert (file.state, file.error_code) == (FileState.ERROR, "no_agreement")
    assert "Make one under Agreements" in file.error
    assert nothing_was_written()

    build.an_agreement(company.bank_partners.get())
    importing.again(file)
    importing.import_file(file.pk)
    assert IncomingPayment.objects.exists()


def test_an_iban_in_the_file_finds_the_account_written_as_a_norwegian_number():
    company = a_receiving_company()
    text = camt054(a_credit(a_payment())).replace(f"<Othr><Id>{ACCOUNT}</Id></Othr>", "<IBAN>NO9386011117947</IBAN>")
    loaded(company, text)
    assert IncomingPayment.objects.count() == 1


class Killed(BaseException):
    """The worker is gone."""


@pytest.mark.parametrize("dies_in", [1, 2, 3])
def test_an_import_killed_between_slices_goes_on_and_doubles_nothing(monkeypatch, dies_in):
    company = a_receiving_company()
    monkeypatch.setattr(importing_staging, "SLICE", 2)
    file = importing.receive(company, camt054(*(a_credit(a_payment(f"{n}.00")) for n in range(1, 8))).encode(), "a.xml")
    write, calls = importing_staging._write, []

    def dying(*args):
        calls.append(1)
        if len(calls) == dies_in:
            raise Killed
        write(*args)

    monkeypatch.setattr(importing_staging, "_write", dying)
    with pytest.raises(Killed):
        importing.import_file(file.pk)
    assert not importing.import_file(file.pk)  # the dead worker's lease still runs
    BankFile.objects.update(claimed_until=timezone.now())
    assert importing.import_file(file.pk)
    assert sorted(IncomingPayment.objects.values_list("amount", flat=True)) == [Decimal(n) for n in range(1, 8)]
    assert sorted(IncomingPayment.objects.values_list("number", flat=True)) == list(range(1, 8))


def a_long_file(monkeypatch):
    """Seven payments, two in a slice; the entries read of it, and what works on it for the time of one slice."""
    monkeypatch.setattr(importing_staging, "SLICE", 2)
    read, real, clock = [], importing_staging.entries, count()
    monkeypatch.setattr(importing_staging, "entries", lambda *of: (read.append(one) or one for one in real(*of)))
    monkeypatch.setattr(importing, "monotonic", lambda: next(clock))
    company = a_receiving_company()
    file = importing.receive(company, camt054(*(a_credit(a_payment(f"{n}.00")) for n in range(1, 8))).encode(), "a.xml")
    return read, lambda: importing.import_file(file.pk, seconds=1.5)


def test_going_on_with_a_long_file_does_not_read_it_from_its_start(monkeypatch):
    read, go_on = a_long_file(monkeypatch)
    runs = 1
    while not go_on():
        runs += 1
    assert runs > 4
    assert len(read) == 7
    assert sorted(IncomingPayment.objects.values_list("number", flat=True)) == list(range(1, 8))


def test_what_another_worker_staged_meanwhile_is_not_staged_again(monkeypatch):
    read, go_on = a_long_file(monkeypatch)
    assert not go_on()
    left = dict(importing_staging._left)
    importing_staging._left.clear()  # the other worker has a memory of its own
    assert not go_on()
    importing_staging._left.update(left)
    while not go_on():
        pass
    assert len(read) > 7
    assert sorted(IncomingPayment.objects.values_list("amount", flat=True)) == [Decimal(n) for n in range(1, 8)]
    assert sorted(IncomingPayment.objects.values_list("number", flat=True)) == list(range(1, 8))


def test_a_very_large_file_is_booked_in_whole_batches(monkeypatch):
    monkeypatch.setattr(posting_incoming, "LARGEST_BATCH", 2)
    company = a_receiving_company()
    for number in range(5):
        an_invoice(company, f"{100 + number}.00", str(30000 + number), kid=KIDS[number])
    loaded(company, camt054(*(a_credit(a_payment(f"{100 + number}.00", kid=KIDS[number])) for number in range(5))))
    batches = Batch.objects.order_by("number").values_list("state", "voucher_count")
    assert list(batches) == [("posted", 2), ("posted", 2), ("posted", 1)]
    assert sorted(Voucher.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    assert set(IncomingPayment.objects.values_list("state", flat=True)) == {IncomingState.POSTED}


@pytest.mark.parametrize("phase", ["_settle", "_match", "_book", "_finish"])
def test_an_import_killed_after_going_live_books_everything_once(monkeypatch, phase):
    company = a_receiving_company()
    an_invoice(company)
    file = importing.receive(company, camt054(a_credit(a_payment(kid=KID)), a_fee()).encode(), "a.xml")
    work = getattr(importing_live, phase)

    def dying(*args):
        work(*args)
        monkeypatch.undo()
        raise Killed

    if phase == "_finish":
        monkeypatch.setattr(importing_live, phase, dying)
    else:
        monkeypatch.setattr(importing_live, phase, dying)
    with pytest.raises(Killed):
        importing.import_file(file.pk)
    BankFile.objects.update(claimed_until=timezone.now())
    importing.import_file(file.pk)
    assert Voucher.objects.count() == 2
    assert IncomingPayment.objects.get().state == IncomingState.POSTED


def a_fee(amount="12.50", ref="F1"):
    return a_credit(amount=amount, ref=ref, way="DBIT", code="PMNT/ICDT/CHRG")


def test_rows_that_are_staged_are_taken_away_when_the_import_is_given_up(monkeypatch):
    company = a_receiving_company()
    file = importing.receive(company, camt054(a_credit(a_payment())).encode(), "a.xml")
    monkeypatch.setattr(importing_live, "go_live", lambda claim: 1 / 0)
    for _ in range(6):
        BankFile.objects.update(not_before=None)
        BankFile.objects.filter(attempts=0).update(attempts=5)
        importing.import_file(file.pk)
    file.refresh_from_db()
    assert file.state == FileState.ERROR
    assert nothing_was_written()


def test_the_files_batch_debits_the_bank_and_credits_the_customer_with_cross_reference():
    company = a_receiving_company()
    entry = an_invoice(company)
    file = loaded(company, camt054(a_credit(a_payment(kid=KID), ref="OCR1")))
    batch = Batch.objects.get(file=file)
    voucher = batch.vouchers.get()
    sides = {(row.account, row.debit - row.credit, row.cross_reference) for row in voucher.postings.all()}
    assert sides == {("1920", Decimal("1012.50"), ""), ("1500", Decimal("-1012.50"), "12345")}
    assert voucher.bank_reference == "OCR1"
    entry.refresh_from_db()
    assert entry.rest == 0
    assert IncomingPayment.objects.get().voucher == voucher


def test_without_the_bank_partners_mark_the_batch_waits_for_a_person():
    company = a_receiving_company(auto=False)
    entry = an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid=KID))))
    entry.refresh_from_db()
    assert (Batch.objects.get().state, entry.rest) == ("waiting", entry.amount)


def test_a_file_with_nothing_matched_has_no_batch():
    company = a_receiving_company()
    loaded(company, camt054(a_credit(a_payment())))
    assert not Batch.objects.exists()


def test_a_fee_of_the_bank_is_booked_in_a_batch_of_its_own():
    company = a_receiving_company()
    loaded(company, camt054(a_fee()))
    voucher = Voucher.objects.get()
    assert {(row.account, row.debit - row.credit) for row in voucher.postings.all()} == {
        ("7770", Decimal("12.50")),
        ("1920", Decimal("-12.50")),
    }
    assert BankEntry.objects.get().voucher == voucher


def test_a_fee_inside_the_credit_is_kept_apart_and_the_customer_is_credited_in_full():
    company = a_receiving_company()
    an_invoice(company, "1000.00", kid=KID)
    charge = '<Chrgs><Amt Ccy="NOK">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs>'
    loaded(company, camt054(a_credit(a_payment("1000.00", kid=KID, more=charge), amount="980.00")))
    sums = dict(Posting.objects.values_list("account").annotate(sum=Sum("debit")))
    assert sums["1920"] == Decimal(980)
    assert sums["7770"] == Decimal(20)


def test_a_charge_outside_the_entry_books_no_fee():
    company = a_receiving_company()
    charge = '<Chrgs><Amt Ccy="NOK">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs>'
    loaded(company, camt054(a_credit(a_payment("500.00", more=charge), a_payment("500.00"))))
    assert set(IncomingPayment.objects.values_list("fee", flat=True)) == {Decimal(0)}


def test_details_that_do_not_add_up_become_one_question_for_a_person():
    company = a_receiving_company()
    an_invoice(company, "500.00", kid=KID)
    loaded(company, camt054(a_credit(a_payment("500.00", kid=KID), amount="777.00")))
    payment = IncomingPayment.objects.get()
    assert (payment.amount, payment.state, payment.reason) == (777, IncomingState.PARKED, ParkReason.DETAILS)


def test_a_debit_nobody_here_made_waits_on_its_own_list():
    company = a_receiving_company()
    loaded(company, camt054(a_credit(amount="300.00", way="DBIT", code="PMNT/CCRD/POSD")))
    debit = OpenDebit.objects.get()
    assert (debit.amount, debit.done_at) == (Decimal(300), None)
    assert BankEntry.objects.get().kind == BankEntryKind.FOREIGN_DEBIT


def test_money_between_own_accounts_is_booked_once_from_the_side_that_paid():
    company = a_receiving_company()
    build.an_agreement(build.a_bank_partner(company, account="15031234561", gl_bank="1930"))
    other = "<Cdtr><Nm>We</Nm></Cdtr><CdtrAcct><Id><Othr><Id>15031234561</Id></Othr></Id></CdtrAcct>"
    out = f"<TxDtls><Refs/><RltdPties>{other}</RltdPties></TxDtls>"
    text = camt054(a_credit(a_payment("900.00"), ref="X")).replace("CRDT", "DBIT")
    head, tail = text.split("<TxDtls>")[0], text.split("</TxDtls>")[1]
    loaded(company, head + out + tail)
    loaded(company, camt054(a_credit(a_payment("900.00", account=ACCOUNT)), account="15031234561"))
    assert {(row.account, row.debit - row.credit) for row in Posting.objects.all()} == {
        ("1930", Decimal(900)),
        ("1920", Decimal(-900)),
    }


def our_company():
    company = a_receiving_company()
    partner = company.bank_partners.get()
    return company, a_sent_payment(company, 3, bank_partner=partner)


def a_debit(payment, amount="3000.00", details="", charges=""):
    item = items_of(payment)[0]
    batch = f"<Btch><PmtInfId>{item.payment_info_id}</PmtInfId></Btch>"
    return a_credit(amount=amount, way="DBIT", ref="D1", code="PMNT/ICDT/DMCT", more=charges).replace(
        "</Ntry>", f"<NtryDtls>{batch}{details}</NtryDtls></Ntry>"
    )


def a_paid_item(item, charges=""):
    return (
        f"<TxDtls><Refs><EndToEndId>{item.end_to_end_id}</EndToEndId></Refs><AmtDtls><TxAmt>"
        f'<Amt Ccy="NOK">{item.amount}</Amt></TxAmt></AmtDtls>{charges}</TxDtls>'
    )


def test_a_lump_debit_of_our_block_settles_all_its_lines_in_one_batch():
    company, payment = our_company()
    loaded(company, camt054(a_debit(payment, details="".join(a_paid_item(one) for one in items_of(payment)))))
    assert statuses(payment) == [LineStatus.SETTLED] * 3
    settlement.collect(payment.pk, BankEntry.objects.get().value_date)
    assert Batch.objects.filter(payment=payment).count() == 1
    assert not OpenDebit.objects.exists()


def test_a_debit_with_the_fee_inside_settles_the_ordered_amount_and_books_the_fee():
    company, payment = our_company()
    item = items_of(payment)[0]
    charge = '<Chrgs><Amt Ccy="NOK">26.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs>'
    loaded(company, camt054(a_debit(payment, "1026.00", details=a_paid_item(item), charges=charge)))
    fact = SettlementFact.objects.get()
    assert (fact.account_amount, fact.fee) == (Decimal(1000), Decimal(26))


def test_a_settlement_told_twice_in_other_words_is_booked_once():
    company, payment = our_company()
    item = items_of(payment)[0]
    for message in ("camt.054", "camt.053"):
        text = camt054(a_debit(payment, "1000.00", details=a_paid_item(item)))
        if message == "camt.053":
            text = text.replace("camt.054", "camt.053").replace("BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt")
            text = text.replace("Ntfctn>", "Stmt>")
        loaded(company, text)
    assert SettlementFact.objects.count() == 1


def test_a_returned_payment_of_ours_is_no_customer_payment():
    company, payment = our_company()
    item = items_of(payment)[0]
    loaded(company, camt054(a_debit(payment, "1000.00", details=a_paid_item(item))))
    back = a_paid_item(item).replace("</TxDtls>", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>")
    loaded(company, camt054(a_credit(back, amount="1000.00", code="PMNT/RCDT/RRTN")))
    assert not IncomingPayment.objects.exists()
    assert payment.lines.get(item=item).status == LineStatus.REJECTED


def test_our_own_message_files_are_imported_and_every_credit_is_somewhere():
    company = a_receiving_company()
    an_invoice(company, "1012.50")
    for name in ("camt.054.001.02-credit.xml", "camt.053.001.02-page2.xml", "camt.053.001.02-page1.xml"):
        loaded(company, MESSAGES / name)
    assert sum(IncomingPayment.objects.values_list("amount", flat=True)) == Decimal("4512.50")
    proofs = BankEntry.objects.filter(message_type="camt.053", status="BOOK", amount__gt=0)
    assert all(proof.linked_to_id for proof in proofs.filter(bank_reference__in=["OCR261120001", "GIRO261120002"]))


def test_a_file_is_live_only_when_all_its_rows_are_there(monkeypatch):
    company = a_receiving_company()
    seen = []
    monkeypatch.setattr(
        importing_staging,
        "slices",
        lambda pairs, real=importing_staging.slices: (
            seen.append(BankFile.objects.get().phase) or part for part in real(pairs)
        ),
    )
    file = loaded(company, camt054(a_credit(a_payment())))
    assert seen == [ImportPhase.STAGING]
    assert file.phase == ImportPhase.DONE


def test_there_is_no_query_per_payment():
    """A file of sixty payments takes as many queries as one of twenty: everything is looked up and written in sets."""
    counts = []
    for many in (20, 60):
        company = a_receiving_company()
        for number in range(many):
            an_invoice(company, f"{100 + number}.00", str(30000 + number), kid="" if number % 2 else KIDS[number])
        rows = [
            a_payment(f"{100 + number}.00", kid="" if number % 2 else KIDS[number], text=f"faktura {30000 + number}")
            for number in range(many)
        ]
        with CaptureQueriesContext(connection) as queries:
            loaded(company, camt054(a_credit(*rows)))
        assert IncomingPayment.objects.filter(company=company, state=IncomingState.POSTED).count() == many
        counts.append(len(queries))
    assert counts[1] - counts[0] <= 6


KIDS = [build.a_kid(f"{number:0>9}0000010001") for number in range(30000, 30060)]
