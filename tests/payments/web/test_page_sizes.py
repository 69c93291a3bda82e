"""Full pages of fifty rows stay light: at most 60 kB before compression, and few questions."""

import pytest
from django.urls import reverse

from companies.models import Customer
from payments.lists import statements
from payments.models import BankFile, IncomingPayment, PayerAccount
from tests import build
from tests.payments.incoming import bank_files
from tests.payments.web.incoming_world import a_company

pytestmark = pytest.mark.django_db
MOST = 60_000
ROWS = 55


@pytest.fixture(autouse=True)
def own_data_area(tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def company(db):
    return a_company()


@pytest.fixture
def full(company):
    """Fifty-five of everything these pages show, with the words real files have."""
    words = "Thanks for the delivery in October, customer 4711, with kind regards"
    details = [
        bank_files.a_credit(
            bank_files.a_payment(f"{100 + n}.00", text=words, payer=f"Nordlys Kafé og Bakeri {n} AS", ref=f"AR{n:030}"),
            ref=f"REF{n:020}",
        )
        for n in range(ROWS)
    ]
    bank_files.loaded(company, bank_files.camt054(*details))
    lines = [bank_files.a_credit(amount=f"{5000 + n}.00", ref=f"ST{n:020}") for n in range(ROWS)]
    end = sum(5000 + n for n in range(ROWS))
    bank_files.loaded(company, bank_files.camt053(*lines, opening="0.00", closing=f"{end}.00"))
    owner = Customer.objects.get(company=company)
    PayerAccount.objects.bulk_create(
        PayerAccount(company=company, account=f"9710123{n:04}", customer=owner, last_seen_on=build.TODAY)
        for n in range(ROWS)
    )
    assert IncomingPayment.objects.count() == ROWS
    return company


def addresses(company):
    file = BankFile.objects.filter(company=company, type="camt.053").get()
    return {
        **{name: reverse(name) for name in ("incoming", "incoming_all", "unanswered_lines", "payer_accounts")},
        **{name: reverse(name) for name in ("reconciliation", "bank_files", "double_payments", "customer_entries")},
        "bank_file": reverse("bank_file", args=[file.pk]),
        "statement": reverse("statement", args=[file.statements.get().pk]),
        "account": reverse("account", args=[company.bank_partners.get().number]),
    }


def test_pages_of_fifty_rows_stay_light(full, anna, browse):
    client = browse(anna)
    assert statements.waiting_lines(full).count() == ROWS
    sizes = {name: len(client.get(url).content) for name, url in addresses(full).items()}
    assert {name: size for name, size in sizes.items() if size > MOST} == {}


def test_pages_of_fifty_rows_ask_few_questions(full, anna, browse, django_assert_max_num_queries):
    client = browse(anna)
    for name in ("incoming_all", "unanswered_lines", "payer_accounts", "statement", "bank_file"):
        url = addresses(full)[name]
        client.get(url)
        with django_assert_max_num_queries(12, info=name):
            client.get(url)
