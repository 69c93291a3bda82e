"""Preflight: each thing that can be wrong with a payment has its finding, weight and remedy."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from companies.choices import AgreementState, LinkState
from companies.models import PayeeAccount, PendingChange, TextRow
from payments import headers
from payments.choices import LineStatus, Severity
from payments.models import PaymentLine
from payments.validation import Remedy, findings
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    payment = build.an_estimate(lines=1)
    for _ in range(2):
        build.an_approver(payment.company)
    return payment


@pytest.fixture
def line(payment):
    return payment.lines.get()


@pytest.fixture
def company(payment):
    return payment.company


def found(payment, severity=None):
    payment = type(payment).objects.get(pk=payment.pk)
    return {one.code for one in findings(payment) if severity in (None, one.severity)}


def stops(payment):
    return found(payment, Severity.STOP)


def warnings(payment):
    return found(payment, Severity.WARN)


def change(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def test_a_good_payment_has_no_findings(payment):
    assert found(payment) == set()


class TestCompany:
    @pytest.mark.parametrize(
        ("code", "values"),
        [
            ("licence", {"licence_article": "406001"}),
            ("terms", {"terms_accepted_at": None}),
            ("autopay_active", {"autopay_active": False}),
            ("linked", {"link_state": LinkState.FAILED}),
            ("signing_key", {"signing_key": ""}),
        ],
    )
    def test_a_company_that_is_not_ready_stops(self, payment, company, code, values):
        change(company, **values)
        assert stops(payment) == {code}

    def test_an_agreement_that_ended_stops(self, payment):
        change(payment.agreement, state=AgreementState.ENDED)
        assert stops(payment) == {"agreement_not_active"}

    def test_an_agreement_for_download_only_stops(self, payment):
        change(payment.agreement, active_outgoing=False)
        assert stops(payment) == {"agreement_not_active"}

    def test_a_number_the_bank_asks_for_must_be_entered(self, payment):
        change(payment.bank_partner, profile=build.a_profile("by-number", initiating_id="customer_no"))
        assert stops(payment) == {"own_customer_no_missing"}

    def test_a_number_that_stands_on_the_agreement_is_mended_there(self, payment):
        profile = build.a_profile("by-division", debtor_id="division", has_division=True)
        change(payment.bank_partner, profile=profile)
        asked = [one for one in findings(payment) if one.code == "own_division_missing"]
        assert [one.remedy.url for one in asked] == ["agreement"]

    def test_our_own_account_is_checked_too(self, payment):
        change(payment.bank_partner, account="86011117948")
        assert stops(payment) == {"own_no_account_check"}

    def test_a_payment_without_lines_stops(self, company):
        empty = build.an_estimate(company, lines=0, bank_partner=build.a_bank(company, approvers=1))
        assert stops(empty) == {"payment_empty"}

    def test_too_few_people_to_approve_is_said_before_the_upload(self, company):
        payment = build.an_estimate(company, lines=1, bank_partner=build.a_bank(company, approvers=3))
        assert warnings(payment) == {"approvers_missing"}

    def test_after_cut_off_lines_of_today_are_late(self, payment):
        change(payment.agreement, cutoff=time(9, 30))
        assert warnings(payment) == {"after_cut_off"}

    def test_before_cut_off_they_are_not(self, payment):
        change(payment.agreement, cutoff=time(14, 0))
        assert found(payment) == set()


class TestAccountsAndReferences:
    @pytest.mark.parametrize(
        ("code", "values"),
        [
            ("account_missing", {"account": ""}),
            ("no_account_check", {"account": "86011117948"}),
            ("no_account_length", {"account": "8601111794"}),
            ("iban_check", {"account": "NO9386011117948"}),
            ("kid_check", {"kid": "12345678901"}),
            ("date_past", {"pay_date": build.TODAY - timedelta(days=1)}),
            ("date_no_bank_day", {"pay_date": date(2026, 11, 28)}),
            ("amount_decimals", {"amount": Decimal("10.001")}),
        ],
    )
    def test_what_the_bank_would_refuse_stops(self, payment, line, code, values):
        change(line, **values)
        assert stops(payment) == {code}

    def test_a_stop_says_what_and_leads_to_where_it_is_mended(self, payment, line):
        change(line, account="86011117948")
        finding = next(one for one in findings(payment) if one.stops)
        assert "86011117948" in finding.text
        assert (finding.line_id, finding.remedy) == (line.pk, Remedy("supplier", (line.supplier_id,)))

    def test_a_country_may_switch_the_reference_check_off(self, payment, line):
        change(line, kid="12345678901")
        change(line.supplier.country, exempt_cid_check=True)
        assert found(payment) == set()

    def test_a_country_may_switch_the_account_check_off(self, payment, line):
        change(line, account="86011117948")
        PayeeAccount.objects.update(account="86011117948")
        change(line.supplier.country, skip_account_check=True)
        assert found(payment) == set()

    def test_paying_an_own_account_is_worth_a_look(self, payment, line):
        change(line, account=payment.bank_partner.account)
        PayeeAccount.objects.update(account=payment.bank_partner.account)
        assert warnings(payment) == {"own_account"}

    def test_letters_the_bank_does_not_take_are_only_a_note(self, payment, line):
        change(line.supplier, name="Łódź Handel")
        assert found(payment, Severity.NOTE) == {"letters_replaced"}
        assert warnings(payment) == set()

    def test_a_blocked_supplier_stops(self, payment, line):
        change(line.supplier, blocked=True)
        assert stops(payment) == {"supplier_blocked"}

    def test_a_credit_note_that_nothing_carries_stops_on_its_own_line(self, payment, line):
        note = build.a_line(payment, build.a_supplier_entry(line.supplier, "-1000"))
        finding = next(one for one in findings(payment) if one.stops)
        assert (finding.code, finding.line_id) == ("credit_note_alone", note.pk)

    def test_a_credit_note_set_off_is_fine(self, payment, line):
        build.a_line(payment, build.a_supplier_entry(line.supplier, "-400"))
        assert found(payment) == set()


class TestAbroad:
    def abroad(self, payment, amount="1000", **facts):
        facts = {"country": build.a_country("DE"), "iban": "DE89370400440532013000", "account": ""} | facts
        supplier = build.a_supplier(payment.company, bic="COBADEFFXXX", **facts)
        return build.a_line(payment, build.a_supplier_entry(supplier, amount))

    def test_from_100_000_kroner_a_declaration_is_needed(self, payment):
        line = self.abroad(payment, "100000")
        assert stops(payment) == {"declaration_missing"}
        change(line, declaration_code="14", declaration_text="Purchase of goods")
        assert found(payment) == set()

    def test_a_foreign_currency_counts_by_its_rate(self, payment):
        rate = {"valid_from": date(2026, 1, 1), "rate": Decimal("11.5")}
        payment.company.rates.create(currency=build.a_currency("EUR"), **rate)
        line = self.abroad(payment, "9000")
        change(line, currency=build.a_currency("EUR"))
        assert stops(payment) == {"declaration_missing"}

    def test_the_usa_needs_fedwire_number_bank_name_and_address(self, payment):
        self.abroad(payment, country=build.a_country("US"), iban="", account="000123456789")
        change(payment.lines.last(), currency=build.a_currency("USD"))
        assert {"aba_length", "us_bank_name", "us_bank_address"} <= stops(payment)

    def test_a_fee_text_that_names_another_bearer_stops(self, payment):
        change(self.abroad(payment), fee_code=1)
        TextRow.objects.filter(company=payment.company, type=130, number=1).update(text="CRED")
        assert "fee_text_disagrees" in stops(payment)

    def test_a_used_fee_code_without_text_is_a_warning(self, payment):
        change(self.abroad(payment), fee_code=2)
        TextRow.objects.filter(company=payment.company, type=130, number=2).delete()
        assert warnings(payment) == {"fee_text_missing"}


class TestPayees:
    def test_the_first_payment_to_an_account_names_both_persons(self, payment, line):
        entered, accepted = build.a_person(first_name="Kari"), build.a_person(first_name="Ola")
        PayeeAccount.objects.update(first_paid_on=None, entered_by=entered, accepted_by=accepted)
        finding = next(one for one in findings(payment))
        assert finding.code == "account_first_payment"
        assert "Kari" in finding.text
        assert "Ola" in finding.text

    def test_an_account_changed_in_the_last_30_days_names_both_persons(self, payment):
        entered, accepted = build.a_person(first_name="Kari"), build.a_person(first_name="Ola")
        moment = build.NOW - timedelta(days=29)
        PayeeAccount.objects.update(entered_at=moment, entered_by=entered, accepted_by=accepted)
        finding = next(one for one in findings(payment))
        assert finding.code == "account_changed"
        assert "Kari" in finding.text
        assert "Ola" in finding.text

    def test_after_30_days_it_is_no_news(self, payment):
        PayeeAccount.objects.update(entered_at=build.NOW - timedelta(days=31))
        assert found(payment) == set()

    def test_an_account_nobody_accepted_stops(self, payment):
        PayeeAccount.objects.update(accepted_at=None, entered_by=build.a_person())
        assert stops(payment) == {"account_not_accepted"}

    def asked(self, line, after):
        PendingChange.objects.create(
            company=line.company,
            table="supplier",
            object_id=line.supplier_id,
            field="account",
            before=line.account,
            after=after,
            asked_by=build.a_person(),
        )

    def test_while_a_change_waits_the_old_account_is_paid_with_a_warning(self, payment, line):
        self.asked(line, build.a_norwegian_account())
        assert warnings(payment) == {"account_change_asked"}

    def test_the_new_account_cannot_be_paid_before_it_is_accepted(self, payment, line):
        self.asked(line, line.account)
        assert stops(payment) == {"account_change_waits"}

    def test_each_account_is_told_once(self, payment, line):
        PayeeAccount.objects.update(first_paid_on=None)
        build.a_line(payment, build.a_supplier_entry(line.supplier))
        assert [one.code for one in findings(payment)] == ["account_first_payment"]


class TestDuplicates:
    def again(self, line, days=10, status=LineStatus.TRANSFERRED, **facts):
        """Another supplier's invoice to the same account, amount and KID, paid some days ago."""
        other = build.an_estimate(line.company, lines=0, bank_partner=line.payment.bank_partner)
        supplier = facts.pop("supplier", None) or line.supplier
        entry = build.a_supplier_entry(supplier, line.amount, kid=line.kid, account=line.account)
        twin = build.a_line(other, entry, pay_date=build.TODAY - timedelta(days=days))
        PaymentLine.objects.filter(pk=twin.pk).update(status=status, **facts)
        return twin

    def test_same_account_amount_and_kid_on_its_way_warns_and_names_it(self, payment, line):
        twin = self.again(line)
        finding = next(one for one in findings(payment))
        assert finding.code == "duplicate"
        assert f"{twin.payment.number}/1" in finding.text

    @pytest.mark.parametrize("status", [LineStatus.REJECTED, LineStatus.CANCELLED, LineStatus.REFUSED])
    def test_lines_at_4_7_and_10_never_count(self, payment, line, status):
        self.again(line, status=status)
        assert found(payment) == set()

    def test_after_60_days_it_is_another_payment(self, payment, line):
        self.again(line, days=61)
        assert found(payment) == set()

    def test_another_kid_is_another_invoice(self, payment, line):
        twin = self.again(line)
        PaymentLine.objects.filter(pk=twin.pk).update(payee_key="other")
        assert found(payment) == set()

    def test_the_same_rent_without_kid_is_no_duplicate(self, payment, line):
        PaymentLine.objects.filter(pk=line.pk).update(kid="", payee_key="same")
        self.again(line, kid="", payee_key="same")
        assert found(payment) == set()

    def test_another_supplier_with_the_same_account_and_amount_is(self, payment, line):
        PaymentLine.objects.filter(pk=line.pk).update(kid="", payee_key="same")
        self.again(line, kid="", payee_key="same", supplier=build.a_supplier(line.company))
        assert warnings(payment) == {"duplicate"}

    def test_the_same_part_of_one_invoice_twice_is(self, payment):
        entry = build.a_supplier_entry(build.a_supplier(payment.company), "1000")
        build.a_line(payment, entry, amount="300")
        build.a_line(payment, entry, amount="300")
        assert [one.code for one in findings(payment)] == ["duplicate", "duplicate"]


class TestRefusedBefore:
    """The bank said of this account that it cannot be paid to."""

    def earlier(self, line, status=LineStatus.REJECTED, code="AC04"):
        other = build.an_estimate(line.company, bank_partner=line.payment.bank_partner)
        entry = build.a_supplier_entry(line.supplier)
        return build.a_line(other, entry, account=line.account, status=status, reason_code=code)

    def test_an_account_the_bank_refused_is_warned_of(self, payment, line):
        self.earlier(line)
        (one,) = findings(payment)
        assert (one.code, one.severity) == ("account_refused_before", Severity.WARN)
        assert "AC04, account closed" in one.text
        assert one.remedy == Remedy("supplier", (line.supplier_id,))

    def test_a_reason_that_does_not_lie_in_the_account_is_not(self, payment, line):
        self.earlier(line, code="AM04")
        assert found(payment) == set()

    def test_an_account_that_was_paid_to_since_is_not(self, payment, line):
        self.earlier(line)
        self.earlier(line, status=LineStatus.POSTED, code="")
        assert found(payment) == set()

    def test_another_account_of_the_supplier_is_not(self, payment, line):
        refused = self.earlier(line)
        PaymentLine.objects.filter(pk=refused.pk).update(account=build.a_norwegian_account())
        assert found(payment) == set()


def test_preflight_asks_no_question_per_line(payment, django_assert_max_num_queries):
    for _ in range(25):
        build.a_line(payment, build.a_supplier_entry(build.a_supplier(payment.company)))
    headers.refresh_totals({payment.pk})
    with django_assert_max_num_queries(30):
        findings(payment)
