"""Approval beside the list: deputies, cover, cut-off, rules, invoices in advance, paper and files, links from mails."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from companies.choices import Role
from companies.models import BankAgreement, Company, Deputy
from payments import desk
from payments.choices import ImportPhase
from payments.models import AcceptedFinding, BankFile, Notice, Payment, PreApproval, Statement, SupplierEntry
from payments.releasing import approval, preapproving, uploading
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_area(settings, tmp_path):
    settings.DATA_AREA = tmp_path


@pytest.fixture
def partner(company):
    return build.a_bank(company)


@pytest.fixture
def waiting(company, anna, partner):
    """2 000 NOK, to be paid today, uploaded by Anna."""
    payment = build.an_estimate(company, lines=2, bank_partner=partner)
    payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
    uploading.upload(payment, anna, frozenset({"approvers_missing"}))
    return Payment.objects.get(pk=payment.pk)


@pytest.fixture
def dag(company, bjorn):
    """A reader who stands in for Bjørn today, up to 2 000 NOK."""
    dag = build.a_person(Role.READER, company=company, first_name="Dag")
    Deputy.objects.create(
        company=company, person=bjorn, deputy=dag, starts_on=build.TODAY, ends_on=build.TODAY, limit=Decimal(2000)
    )
    return dag


@pytest.fixture
def eva(company):
    return build.a_person(Role.ADMINISTRATOR, company=company, first_name="Eva")


def told(partner, closing):
    file = BankFile.objects.create(
        company=partner.company, digest="0" * 64, path="x", size=1, type="camt.053", phase=ImportPhase.DONE
    )
    Statement.objects.create(
        company=partner.company,
        file=file,
        account=partner.account,
        to_date=build.TODAY - timedelta(days=1),
        closing=Decimal(closing),
    )


def sign(client, payment, **more):
    values = {"pick": [payment.number], "signed": "1", f"seen-{payment.number}": payment.digest}
    return client.post(reverse("approval_confirm"), values | more)


def text_of(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


class TestDeputies:
    def test_the_list_says_for_whom(self, waiting, dag, browse):
        assert "for Bjørn" in text_of(browse(dag), "approval")

    def test_above_the_limit_it_says_so(self, waiting, dag, browse):
        Deputy.objects.update(limit=Decimal(100))
        assert "above the amount you stand in for" in text_of(browse(dag), "approval")

    def test_after_the_deputy_signed_neither_may(self, waiting, dag, bjorn, browse):
        sign(browse(dag), waiting)
        assert "you signed it" in text_of(browse(bjorn), "approval")
        assert "Dag for Bjørn" in text_of(browse(bjorn), "approval_one", waiting.number).replace("</b>", "")

    def test_the_details_name_deputies_among_those_who_can(self, waiting, dag, browse):
        assert "Bjørn, Dag for Bjørn" in text_of(browse(dag), "approval_one", waiting.number)


class TestCover:
    def test_the_dialog_names_what_is_missing_and_wants_a_tick(self, partner, waiting, bjorn, browse):
        told(partner, "1500")
        answer = sign(browse(bjorn), waiting)
        assert answer.status_code == 422
        assert "500.00 NOK are missing" in answer.content.decode()
        assert sign(browse(bjorn), waiting, covered="on").context["good"] == 1
        assert AcceptedFinding.objects.filter(code="overdraws", person=bjorn).exists()

    def test_the_details_show_the_bank_days_on_which_something_moves(self, partner, waiting, bjorn, browse):
        told(partner, "9000")
        text = text_of(browse(bjorn), "approval_one", waiting.number)
        assert "statement of 2026-11-24" in text
        assert "7\u202f000" in text

    def test_without_a_balance_it_says_so(self, waiting, bjorn, browse):
        assert "The bank has told no balance" in text_of(browse(bjorn), "approval_one", waiting.number)

    def test_the_page_of_an_account_has_chart_table_and_file(self, partner, waiting, frida, browse):
        told(partner, "1500")
        client = browse(frida)
        text = text_of(client, "cash_account", partner.number)
        assert "<svg" in text
        assert "the account would stand at" in text
        file = client.get(reverse("cash_account", args=[partner.number]), {"export": "csv"})
        assert b"2026-11-25;0;2000.00;0;1500.00;-500.00" in b"".join(file.streaming_content)

    def test_every_account_stands_on_one_page(self, partner, company, waiting, frida, browse):
        build.a_bank(company)
        text = text_of(browse(frida), "cash")
        assert "Bank 1" in text
        assert "Bank 2" in text

    def test_accounts_of_another_company_are_not_found(self, frida, browse):
        build.a_bank(build.a_company())
        assert browse(frida).get(reverse("cash_account", args=[1])).status_code == 404


class TestCutOff:
    def test_two_hours_before_it_the_page_names_who_can(self, waiting, bjorn, dag, anna, browse):
        BankAgreement.objects.update(cutoff=time(11, 30))
        text = text_of(browse(anna), "approval_closing")
        assert f"Payment {waiting.number} leaves today only when it is approved before 11:30, in 90 min" in text
        assert "Can still approve: Bjørn, Dag for Bjørn." in text

    def test_the_note_comes_with_the_page_so_that_the_list_stands_still(self, waiting, bjorn, browse):
        BankAgreement.objects.update(cutoff=time(11, 30))
        page = browse(bjorn).get(reverse("approval")).content.decode()
        assert "leaves today only when it is approved before 11:30" in page
        assert 'hx-trigger="every 120s, refresh-listing from:body"' in page

    def test_the_list_alone_is_asked_for_without_the_note(self, waiting, bjorn, browse):
        BankAgreement.objects.update(cutoff=time(11, 30))
        headers = {"HX-Request": "true", "HX-Target": "listing"}
        assert b"leaves today only" not in browse(bjorn).get(reverse("approval"), headers=headers).content

    def test_earlier_it_is_silent(self, waiting, bjorn, browse):
        BankAgreement.objects.update(cutoff=time(15))
        assert text_of(browse(bjorn), "approval_closing").strip() == ""

    def test_when_nobody_is_left_it_says_so(self, waiting, anna, browse):
        BankAgreement.objects.update(cutoff=time(11, 30))
        assert "Nobody is left to approve" in text_of(browse(anna), "approval_closing")


class TestDetails:
    def test_it_says_why_so_many_must_sign(self, company, anna, partner, bjorn, browse):
        Company.objects.update(extra_approver_over=Decimal(500))
        payment = build.an_estimate(company, lines=1, bank_partner=partner)
        payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
        uploading.upload(payment, anna, frozenset({"approvers_missing"}))
        text = text_of(browse(bjorn), "approval_one", payment.number)
        assert "2 by the bank agreement" in text
        assert "1 more: the amount is over 500.00 NOK" in text

    def test_notes_and_mails_stand_beside_the_payment(self, waiting, anna, bjorn, browse):
        desk.leave_note(waiting, anna, "Agreed with the supplier")
        Notice.objects.create(payment=waiting, round=1, why="new", address=bjorn.email, person=bjorn, at=build.NOW)
        text = text_of(browse(anna), "approval_one", waiting.number)
        assert "Agreed with the supplier" in text
        assert "Asked by e-mail:" in text


class TestPaperAndFiles:
    def test_the_list_is_a_file_with_plain_figures(self, waiting, bjorn, browse):
        file = browse(bjorn).get(reverse("approval"), {"export": "csv"})
        text = b"".join(file.streaming_content).decode()
        assert f"{waiting.number};" in text
        assert "2000.00;NOK" in text
        assert waiting.digest in text

    def test_on_paper_it_has_sums_digests_and_who_signed(self, waiting, bjorn, browse):
        approval.approve(waiting, bjorn, waiting.digest)
        text = text_of(browse(bjorn), "approval_print")
        assert "Bjørn" in text
        assert " ".join(waiting.digest[n : n + 4] for n in range(0, 32, 4)) in text
        assert "2\u202f000.00" in text

    def test_a_search_narrows_the_paper_too(self, waiting, bjorn, browse):
        answer = browse(bjorn).get(reverse("approval_print"), {"q": "amount>5000"})
        assert answer.context["payments"] == []

    def test_the_overview_is_a_file_too(self, waiting, frida, browse):
        answer = browse(frida).get(reverse("overview"), {"export": "xlsx"})
        assert answer["Content-Type"].endswith("spreadsheetml.sheet")


class TestRules:
    def test_an_administrator_saves_them(self, company, eva, browse):
        client = browse(eva)
        seen = client.get(reverse("approval_rules")).context["form"].instance.version
        values = {"extra_approver_over": "250 000", "extra_approver_foreign": "on", "seen": seen}
        assert client.post(reverse("approval_rules"), values).status_code == 302
        company.refresh_from_db()
        assert (company.extra_approver_over, company.extra_approver_foreign) == (Decimal(250_000), True)

    def test_others_read_them(self, company, frida, partner, browse):
        client = browse(frida)
        assert "Administrators change the rules." in text_of(client, "approval_rules")
        assert client.post(reverse("approval_rules"), {"seen": 0}).status_code == 403

    def test_what_somebody_else_saved_is_not_written_over(self, company, eva, browse):
        Company.objects.filter(pk=company.pk).update(version=7)
        answer = browse(eva).post(reverse("approval_rules"), {"seen": 6, "extra_approver_over": "1"})
        assert answer.status_code == 422
        assert "a moment ago" in answer.content.decode()


def signed(entry):
    """The dialog as its form sends it."""
    entry = SupplierEntry.objects.select_related("supplier", "company").get(pk=entry.pk)
    return {"pick": [entry.pk], "signed": "1", "seen": preapproving.seen_of([entry])}


class TestInAdvance:
    @pytest.fixture
    def entry(self, company):
        Company.objects.update(allow_preapproval=True)
        return build.a_supplier_entry(build.a_supplier(company, name="Nordlys AS"), "1250.00")

    def test_an_approver_ticks_confirms_and_withdraws(self, entry, bjorn, browse):
        client = browse(bjorn)
        assert "Nordlys AS" in text_of(client, "preapproval")
        dialog = client.post(reverse("preapproval_confirm"), {"pick": [entry.pk]}).content.decode()
        assert "1\u202f250.00" in dialog
        assert PreApproval.objects.count() == 0
        client.post(reverse("preapproval_confirm"), signed(entry))
        assert PreApproval.objects.get().person == bjorn
        client.post(reverse("preapproval_withdraw"), {"pick": [entry.pk]})
        assert PreApproval.objects.get().withdrawn_at is not None

    def test_what_changed_since_the_dialog_was_opened_is_looked_at_again(self, entry, bjorn, browse):
        client, form = browse(bjorn), signed(entry)
        SupplierEntry.objects.filter(pk=entry.pk).update(account="86011117947")
        answer = client.post(reverse("preapproval_confirm"), form)
        assert answer.status_code == 422
        assert PreApproval.objects.count() == 0
        client.post(reverse("preapproval_confirm"), signed(entry))
        assert PreApproval.objects.get().account == "86011117947"

    @pytest.mark.parametrize("address", ["preapproval_withdraw", "preapproval_sum", "approval_sum", "approval_cancel"])
    def test_a_number_no_table_holds_finds_nothing(self, entry, bjorn, browse, address):
        assert browse(bjorn).post(reverse(address), {"pick": ["9" * 30]}).status_code < 500

    def test_where_it_is_not_allowed_there_is_no_such_page(self, entry, bjorn, browse):
        Company.objects.update(allow_preapproval=False)
        assert browse(bjorn).get(reverse("preapproval")).status_code == 404

    def test_salaries_are_seen_only_with_the_payroll_role(self, entry, company, bjorn, browse):
        entry.supplier.is_payroll = True
        entry.supplier.save()
        assert "Nordlys AS" not in text_of(browse(bjorn), "preapproval")
        both = build.a_person(Role.APPROVER, Role.PAYROLL, company=company)
        assert "Nordlys AS" in text_of(browse(both), "preapproval")

    def test_ticks_are_summed_by_the_server(self, entry, bjorn, browse):
        answer = browse(bjorn).post(reverse("preapproval_sum"), {"pick": [entry.pk]})
        assert "1\u202f250.00" in answer.content.decode()

    def test_the_story_says_it_went_straight_through(self, entry, company, anna, bjorn, browse):
        client = browse(bjorn)
        client.post(reverse("preapproval_confirm"), signed(entry))
        payment = build.an_estimate(company, lines=0, bank_partner=build.a_bank(company, approvers=1))
        build.a_line(payment, entry)
        payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
        uploading.upload(payment, anna, frozenset())
        text = client.get(reverse("payment", args=[payment.number]), {"tab": "events"}).content.decode()
        assert "every invoice had been approved in advance" in text


class TestLinksFromMails:
    def test_they_open_the_company_the_mail_was_about(self, company, waiting, bjorn, browse):
        other = build.a_company()
        other.memberships.create(person=bjorn, role=Role.APPROVER)
        client = browse(bjorn)
        client.post(reverse("switch_company"), {"company": other.number})
        answer = client.get(reverse("mail_approval", args=[company.number, waiting.number]), follow=True)
        assert answer.redirect_chain[-1][0] == reverse("approval_one", args=[waiting.number])
        assert answer.context["company"] == company

    def test_a_company_of_others_is_not_found(self, waiting, browse):
        stranger = build.an_approver(build.a_company())
        address = reverse("mail_approval", args=[waiting.company.number, waiting.number])
        assert browse(stranger).get(address).status_code == 404


class TestLines:
    def test_every_line_can_be_changed_not_only_the_largest(self, waiting, bjorn, browse):
        text = text_of(browse(bjorn), "approval_lines", waiting.number)
        for line_no in (1, 2):
            assert reverse("approval_amend", args=[waiting.number, line_no]) in text

    def test_after_the_first_approval_they_are_only_read(self, waiting, bjorn, browse):
        approval.approve(waiting, bjorn, waiting.digest)
        assert "As they stand in the sealed files." in text_of(browse(bjorn), "approval_lines", waiting.number)

    def test_salaries_are_nobodys_business(self, waiting, bjorn, browse):
        Payment.objects.update(salary=True)
        assert browse(bjorn).get(reverse("approval_lines", args=[waiting.number])).status_code == 403


class TestLate:
    def test_who_signed_already_may_still_move_the_date(self, waiting, bjorn, browse):
        approval.approve(waiting, bjorn, waiting.digest)
        build.set_business_time(build.NOW + timedelta(days=1))
        text = text_of(browse(bjorn), "approval_one", waiting.number)
        assert "Move to next bank day" in text
        assert "is past: move payment" in text

    def test_a_payment_that_became_a_duplicate_since_the_upload_stands_out(self, waiting, company, bjorn, browse):
        line = waiting.lines.select_related("supplier").first()
        entry = build.a_supplier_entry(line.supplier, line.amount, kid=line.kid)
        other = build.a_transferred_payment(company, lines=0, bank_partner=waiting.bank_partner)
        build.a_line(other, entry, status=2)
        assert "Possible duplicate" in text_of(browse(bjorn), "approval_one", waiting.number)
        assert sign(browse(bjorn), waiting).status_code == 422
        assert sign(browse(bjorn), waiting, checked="on").context["good"] == 1
