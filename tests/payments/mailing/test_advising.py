"""Suppliers are told what was paid: when the company wants it, once, in their language; and papers on demand."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.choices import Role
from companies.models import MailOutbox
from payments import papers
from payments.mailing import advising
from payments.models import SettlementFact
from payments.settling import settlement
from tests import build
from tests.build import TODAY
from tests.payments.bank_messages import a_debit, a_sent_payment, items_of
from tests.payments.settling.test_settlement import a_return

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    company = build.a_company(remittance_advice=True)
    payment = a_sent_payment(company, 2)
    for line in payment.lines.select_related("supplier"):
        line.supplier.email = f"books{line.line_no}@example.com"
        line.supplier.save()
    return payment


def settled(payment):
    settlement.settle([a_debit(item, bank_reference="BR-77") for item in items_of(payment)])


def mails():
    return list(MailOutbox.objects.filter(key__startswith="remittance:").order_by("to"))


def test_each_supplier_is_told_what_was_paid_with_references(payment):
    settled(payment)
    assert advising.tell(payment.pk, TODAY) == 2
    first = mails()[0]
    line = payment.lines.first()
    assert first.to == "books1@example.com"
    for word in (line.entry.invoice_no, line.kid, "1\u202f000.00 NOK", "BR-77", line.item.end_to_end_id):
        assert word in first.body
    assert payment.events.filter(kind="advised").exists()


def test_nobody_is_told_twice(payment):
    settled(payment)
    advising.tell(payment.pk, TODAY)
    settled(payment)
    assert advising.tell(payment.pk, TODAY) == 0
    SettlementFact.objects.update(advise=True)
    assert advising.tell(payment.pk, TODAY) == 0
    assert len(mails()) == 2


def test_without_the_companys_mark_nobody_is_told(payment):
    payment.company.remittance_advice = False
    payment.company.save()
    settled(payment)
    assert not SettlementFact.objects.filter(advise=True).exists()
    assert advising.tell(payment.pk, TODAY) == 0


@pytest.mark.parametrize("facts", [{"email": ""}, {"remittance_advice": False}, {"is_payroll": True}])
def test_suppliers_without_mail_without_wish_and_employees_are_not_told(payment, facts):
    supplier = payment.lines.first().supplier
    type(supplier).objects.filter(pk=supplier.pk).update(**facts)
    settled(payment)
    assert advising.tell(payment.pk, TODAY) == 1
    assert [mail.to for mail in mails()] == ["books2@example.com"]


def test_the_mail_is_in_the_suppliers_language(payment):
    supplier = payment.lines.first().supplier
    supplier.language = "nb"
    assert advising.language_of(supplier) == "nb"
    supplier.language, supplier.company.language = "fi", "nb"
    assert advising.language_of(supplier) == "nb"


def test_what_came_back_meanwhile_is_not_told(payment):
    settled(payment)
    settlement.bring_back([a_return(items_of(payment)[0], value_date=TODAY)])
    advising.tell(payment.pk, TODAY)
    assert [mail.to for mail in mails()] == ["books2@example.com"]
    assert not SettlementFact.objects.filter(advise=True).exists()


def test_what_a_lost_nudge_left_is_due_after_a_while(payment):
    settled(payment)
    assert advising.due() == []
    SettlementFact.objects.update(created_at=timezone.now() - timedelta(seconds=30))
    assert advising.due() == [(payment.pk, TODAY)]
    advising.tell(payment.pk, TODAY)
    assert advising.due() == []


def test_several_transactions_to_one_supplier_make_one_mail(payment):
    first, second = items_of(payment)
    second.supplier = first.supplier
    second.save()
    settled(payment)
    assert advising.tell(payment.pk, TODAY) == 1
    (mail,) = mails()
    assert "In all 2\u202f000.00 NOK" in mail.body


class TestPapers:
    """Payment confirmation and advice as PDF."""

    def url(self, payment, line_no=1):
        return reverse("payment_confirmation", args=[payment.number, line_no])

    def test_the_confirmation_shows_the_banks_reference(self, payment, client):
        settled(payment)
        client.force_login(build.a_person(Role.READER, company=payment.company))
        text = client.get(self.url(payment)).content.decode()
        assert "BR-77" in text
        assert items_of(payment)[0].end_to_end_id in text

    @pytest.mark.parametrize("paper", ["confirmation", "advice"])
    def test_it_is_a_pdf_on_demand(self, payment, client, paper):
        settled(payment)
        client.force_login(build.a_person(Role.READER, company=payment.company))
        response = client.get(self.url(payment), {"paper": paper})
        assert response["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF")
        assert paper in response["Content-Disposition"]

    def test_the_line_leads_to_it_once_it_is_settled(self, payment, client):
        client.force_login(build.a_person(Role.READER, company=payment.company))
        line = reverse("payment_line", args=[payment.number, 1])
        assert self.url(payment) not in client.get(line).content.decode()
        settled(payment)
        assert self.url(payment) in client.get(line).content.decode()

    def test_an_unpaid_or_returned_line_has_none(self, payment, client):
        client.force_login(build.a_person(Role.READER, company=payment.company))
        assert client.get(self.url(payment)).status_code == 302
        settled(payment)
        settlement.bring_back([a_return(items_of(payment)[0])])
        assert client.get(self.url(payment)).status_code == 302

    def test_a_salary_is_confirmed_to_payroll_only(self, payment, client):
        settled(payment)
        type(payment).objects.update(salary=True)
        client.force_login(build.a_person(Role.ACCOUNTANT, company=payment.company))
        assert client.get(self.url(payment)).status_code == 403

    def test_letters_the_font_lacks_are_written_by_their_nearest(self):
        assert papers.written("Łódź Müller Ærø – 1\u202f000 字") == "?ódz Müller Ærø - 1 000 ?"

    def test_a_long_list_runs_over_several_pages(self):
        rows = [(f"F{number}", "KID", "1.00 NOK") for number in range(200)]
        made = papers.as_pdf(papers.Paper("Advice", "Company AS", [("To", "Supplier")], ("A", "B", "C"), rows))
        assert b"/Count 5" in made or b"/Count 6" in made or b"/Count 4" in made
