"""Bank files, statements, lists of payments and debits nobody here made."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from companies.choices import Role
from payments.choices import FileState, ParkReason
from payments.lists import incoming_lists
from payments.models import BankFile, CustomerEntry, IncomingPayment, OpenDebit
from tests import build
from tests.payments.incoming import bank_files
from tests.payments.web.incoming_world import KID, a_company, parked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data_area(tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def company(db):
    return a_company()


def a_file(text):
    return SimpleUploadedFile("camt.xml", text.encode(), content_type="text/xml")


def a_good_file():
    return bank_files.camt054(bank_files.a_credit(bank_files.a_payment("1012.50", kid=KID)))


def test_trying_a_file_says_what_would_happen_and_writes_nothing(company, anna, browse):
    page = browse(anna).post(reverse("try_bank_file"), {"file": a_file(a_good_file()), "do": "try"})
    assert [name for name, *_ in page.context["trial"].totals] == ["matched"]
    assert not BankFile.objects.exists()
    assert CustomerEntry.objects.get().rest == Decimal("1012.50")


def test_a_file_that_would_be_refused_says_why(company, anna, browse):
    page = browse(anna).post(reverse("try_bank_file"), {"file": a_file("<nothing/>"), "do": "try"})
    assert "would be refused" in page.content.decode()


def test_import_keeps_the_file(company, anna, browse):
    browse(anna).post(reverse("try_bank_file"), {"file": a_file(a_good_file()), "do": "import"})
    file = BankFile.objects.get()
    assert (file.name, file.received_by, file.state) == ("camt.xml", anna, FileState.NEW)


def test_the_same_bytes_again_are_the_same_file(company, anna, browse):
    content = a_good_file()
    for _ in range(2):
        browse(anna).post(reverse("load_bank_file"), {"file": a_file(content)})
    assert BankFile.objects.get().delivered_again == 1


def test_loading_without_a_file_stays_in_the_dialog(company, anna, browse):
    assert browse(anna).post(reverse("load_bank_file"), {}).status_code == 422


def test_a_reader_may_not_load_or_download(company, frida, browse):
    file = bank_files.loaded(company, a_good_file())
    client = browse(frida)
    assert client.get(reverse("load_bank_file")).status_code == 403
    assert client.get(reverse("bank_file_download", args=[file.pk])).status_code == 403
    assert client.get(reverse("bank_file", args=[file.pk])).status_code == 200


def test_a_file_is_downloaded_as_it_came_and_never_opened_by_the_browser(company, anna, browse):
    content = a_good_file()
    file = bank_files.loaded(company, content)
    answer = browse(anna).get(reverse("bank_file_download", args=[file.pk]))
    assert b"".join(answer.streaming_content) == content.encode()
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_script_in_a_file_is_shown_as_text(company, anna, browse):
    file = bank_files.load(company, "<?xml version='1.0'?>\n<Document>\n<script>alert(1)</script></Document>")
    page = browse(anna).get(reverse("bank_file_source", args=[file.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert 'id="line-3"' in page


def test_the_file_is_told_as_the_console_understands_it(company, anna, browse):
    file = bank_files.loaded(company, a_good_file())
    page = browse(anna).get(reverse("bank_file_understood", args=[file.pk])).content.decode()
    assert f"KID {KID}" in page or KID in page


def test_a_long_single_line_is_broken_at_elements(company, anna, browse):
    file = bank_files.loaded(company, a_good_file())
    page = browse(anna).get(reverse("bank_file_source", args=[file.pk]))
    assert len(page.context["window"].lines) > 5


def test_a_file_that_is_gone_from_the_disk_says_so(company, anna, browse):
    file = bank_files.loaded(company, a_good_file())
    BankFile.objects.filter(pk=file.pk).update(path="1/2026/11/gone.xml")
    assert "not in the data area" in browse(anna).get(reverse("bank_file_source", args=[file.pk])).content.decode()


def test_repeated_rows_name_the_row_they_repeat(company, anna, browse):
    credit = bank_files.a_credit(bank_files.a_payment("1012.50", kid=KID), ref="B1")
    first = bank_files.loaded(company, bank_files.camt053(credit, opening="0.00", closing="1012.50", statement="S1"))
    other = bank_files.a_credit(bank_files.a_payment("5.00"), ref="B2")
    again = bank_files.loaded(
        company, bank_files.camt053(credit, other, opening="0.00", closing="1017.50", statement="S1b", message="X")
    )
    page = browse(anna).get(reverse("bank_file", args=[again.pk]) + "?show=repeats")
    assert [row.entry.file for row in page.context["listing"]] == [first]


def test_a_refused_file_can_be_imported_again(company, anna, browse):
    file = bank_files.load(company, "<nothing/>")
    browse(anna).post(reverse("import_bank_file", args=[file.pk]))
    file.refresh_from_db()
    assert file.state == FileState.NEW


def test_a_statement_shows_balances_and_leads_to_vouchers(company, anna, browse):
    credit = bank_files.a_credit(bank_files.a_payment("1012.50", kid=KID), ref="B1")
    bank_files.loaded(company, bank_files.camt054(credit))
    file = bank_files.loaded(company, bank_files.camt053(credit, opening="0.00", closing="1012.50"))
    page = browse(anna).get(reverse("statement", args=[file.statements.get().pk]))
    booked = page.context["listing"].rows[0].booked
    assert (booked.series, booked.number) == ("in", 1)


def test_a_missing_statement_is_a_hole(company, anna, browse):
    for day, opening, closing in (("2026-11-20", "0.00", "100.00"), ("2026-11-24", "150.00", "150.00")):
        bank_files.loaded(company, bank_files.camt053(opening=opening, closing=closing, day=day))
    page = browse(anna).get(reverse("account", args=[1])).content.decode()
    assert "opens 50.00 off the one before" in page


def test_the_proof_of_an_account_names_what_is_parked(company, anna, browse):
    credit = bank_files.a_credit(bank_files.a_payment("500.00", account=""), ref="B1")
    bank_files.loaded(company, bank_files.camt054(credit))
    bank_files.loaded(company, bank_files.camt053(credit, opening="0.00", closing="500.00"))
    page = browse(anna).get(reverse("reconciliation"), {"account": 1, "day": "2026-11-25"})
    assert page.context["proof"].holds
    assert "Customer payments that are parked" in page.content.decode()


def test_a_day_that_is_none_proves_today(company, anna, browse):
    assert browse(anna).get(reverse("reconciliation"), {"day": "soon"}).status_code == 200


def test_tying_lines_needs_an_accountant(company, frida, browse):
    assert browse(frida).post(reverse("tie_lines", args=[1])).status_code == 403


def test_payments_are_found_by_state_reason_and_payer(company, anna, browse):
    payment = parked(company, payer="Fjordkafé AS")
    for query in ("state:parked", "reason:no_reference", "payer:fjord", "amount:500", "value:2026-11"):
        page = browse(anna).get(reverse("incoming_all"), {"q": query})
        assert [row.pk for row in page.context["listing"]] == [payment.pk]


def test_totals_by_reason_are_kept_apart_by_currency(company, anna, browse):
    parked(company), parked(company, "20.00")
    found = browse(anna).get(reverse("incoming_all")).context["reasons"]
    assert [(one["count"], one["amount"], one["currency"]) for one in found] == [(2, Decimal(520), "NOK")]


def test_very_many_parked_payments_are_added_up_when_somebody_asks(company, anna, browse, monkeypatch):
    monkeypatch.setattr(incoming_lists, "SUM_LIMIT", 1)
    parked(company), parked(company, "20.00")
    client = browse(anna)
    page = client.get(reverse("incoming_all"))
    assert (page.context["reasons"], page.context["reasons_left_out"]) == ((), True)
    part = client.get(page.context["reasons_url"], headers={"HX-Request": "true", "HX-Target": "reasons"})
    written = part.content.decode().strip()
    assert written.startswith('<section class="card" id="reasons"') and "520.00" in written


def test_every_reason_says_what_to_mend_at_the_source(company, anna, browse):
    assert set(incoming_lists.MENDS) == set(ParkReason)
    parked(company)
    page = browse(anna).get(reverse("incoming_all")).content.decode()
    assert "Print a KID on every invoice" in page


def test_a_possible_double_payment_stands_beside_the_first(company, anna, browse):
    bank_files.loaded(company, a_good_file())
    second = bank_files.loaded(company, a_good_file())
    page = browse(anna).get(reverse("double_payments"))
    ((payment, before),) = page.context["listing"].extra["rows"]
    assert payment.file == second
    assert [match.incoming.file for match in before] == [IncomingPayment.objects.exclude(pk=payment.pk).get().file]


def test_a_parked_payment_opens_where_it_is_resolved(company, anna, browse):
    payment = parked(company)
    answer = browse(anna).get(reverse("incoming_payment", args=[payment.pk]))
    assert answer.url == reverse("resolve", args=[payment.pk])


def a_debit(company, amount="48.00"):
    entry = bank_files.a_credit(bank_files.a_payment(amount, text="tax"), way="DBIT")
    bank_files.loaded(company, bank_files.camt054(entry))
    return OpenDebit.objects.get()


def test_a_debit_nobody_made_is_posted_to_an_account(company, anna, browse):
    debit = a_debit(company)
    values = {"version": debit.version, "gl_account": "2740", "text": "Tax"}
    browse(anna).post(reverse("post_debit", args=[debit.pk]), values)
    debit.refresh_from_db()
    assert (debit.done_by, debit.voucher.postings.filter(account="2740").count()) == (anna, 1)


def test_a_debit_paid_a_suppliers_invoice(company, anna, browse):
    debit = a_debit(company)
    entry = build.a_supplier_entry(build.a_supplier(company), "48.00")
    url = reverse("pay_entry_debit", args=[debit.pk])
    wrong = browse(anna).post(url, {"version": debit.version, "invoice_no": "nothing"})
    assert (wrong.status_code, "No open supplier invoice" in wrong.content.decode()) == (422, True)
    browse(anna).post(url, {"version": debit.version, "invoice_no": entry.invoice_no})
    entry.refresh_from_db()
    assert entry.rest == 0


def test_a_debit_known_elsewhere_says_where(company, anna, browse):
    debit = a_debit(company)
    values = {"version": debit.version, "how": "Booked by payroll"}
    browse(anna).post(reverse("known_debit", args=[debit.pk]), values)
    page = browse(anna).get(reverse("open_debits"), {"show": "done"}).content.decode()
    assert "Booked by payroll" in page


def test_a_debit_somebody_else_decided_is_not_decided_twice(company, anna, browse):
    debit = a_debit(company)
    values = {"version": debit.version, "how": "Known"}
    browse(anna).post(reverse("known_debit", args=[debit.pk]), values)
    again = browse(anna).post(reverse("known_debit", args=[debit.pk]), values)
    assert (again.status_code, "Meanwhile" in again.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("customer_no", "99", "There is no customer 99"),
        ("kid", "123", "check digit"),
        ("due_date", "2026-01-01", "before the invoice date"),
        ("amount", "0", "above zero"),
        ("amount", "1000.005", "decimals"),
        ("currency", "XXQ", "no currency"),
        ("invoice_no", "12345", "registered already"),
    ],
)
def test_an_invoice_that_is_not_right_keeps_what_was_typed(company, anna, browse, field, value, says):
    right = {
        "customer_no": "10001",
        "kind": "invoice",
        "invoice_no": "777",
        "entry_date": "2026-11-01",
        "due_date": "2026-11-30",
        "amount": "100",
        "currency": "NOK",
    }
    answer = browse(anna).post(reverse("register_entry"), right | {field: value})
    page = answer.content.decode()
    assert (answer.status_code, says in page, f'value="{value}"' in page) == (422, True, True)


def test_an_invoice_registered_by_hand_is_open(company, anna, browse):
    values = {
        "customer_no": "10001",
        "kind": "invoice",
        "invoice_no": "777",
        "entry_date": "2026-11-01",
        "due_date": "30.11.2026",
        "amount": "1 250,00",
        "currency": "nok",
    }
    browse(anna).post(reverse("register_entry"), values)
    assert CustomerEntry.objects.get(invoice_no="777").rest == Decimal(1250)


@pytest.mark.parametrize("name", ["bank_files", "incoming_all", "customer_entries", "open_debits", "statements"])
def test_lists_ask_few_questions(company, browse, name, django_assert_max_num_queries):
    a_debit(company)
    parked(company)
    client = browse(build.a_person(Role.READER, company=company))
    with django_assert_max_num_queries(12):
        assert client.get(reverse(name)).status_code == 200
