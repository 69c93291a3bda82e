"""A suggestion takes what is due, leaves out what must not be paid and says why."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from companies.models import PendingChange
from payments import reservation
from payments.choices import LineStatus
from payments.models import Payment, PaymentLine, SupplierEntry
from payments.preparing.criteria import Criteria, NotPossible, Order, Reason
from payments.suggesting import suggestion
from payments.suggesting.suggestion import NothingToPay
from tests import build

pytestmark = pytest.mark.django_db
TOMORROW = build.TODAY + timedelta(days=1)


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def bank(company):
    return build.a_bank(company)


@pytest.fixture
def clerk(company):
    return build.an_accountant(company)


@pytest.fixture
def wish(company, bank):
    def make(**facts):
        return replace(Criteria.usual(company, bank), **facts)

    return make


def invoices(payment):
    return sorted(payment.lines.values_list("entry__invoice_no", flat=True))


def reasons(company, criteria):
    return {out.reason: out.entries for out in suggestion.preview(company, criteria).left_out}


class TestWhatIsTaken:
    def test_due_entries_become_lines_at_1_and_are_marked_remitted(self, company, wish, clerk):
        entry = build.a_supplier_entry(build.a_supplier(company), "1250.50", kid="12345674")
        made = suggestion.create(company, wish(), clerk)
        line = made.payment.lines.get()
        entry.refresh_from_db()
        assert (line.status, line.amount, line.kid) == (LineStatus.ESTIMATE, Decimal("1250.50"), "12345674")
        assert entry.remitted
        assert (made.payment.status, made.payment.line_count) == (1, 1)

    def test_entries_planned_after_the_date_wait(self, company, wish, clerk):
        supplier = build.a_supplier(company)
        build.a_supplier_entry(supplier, invoice_no="due")
        build.a_supplier_entry(supplier, invoice_no="later", planned_date=TOMORROW)
        assert invoices(suggestion.create(company, wish(), clerk).payment) == ["due"]

    def test_suggestion_days_of_the_company_move_the_date(self, company, bank):
        company.suggestion_days = 5
        assert Criteria.usual(company, bank).up_to == build.TODAY + timedelta(days=5)

    def test_credit_notes_lower_what_a_supplier_gets(self, company, wish, clerk):
        supplier = build.a_supplier(company)
        build.a_supplier_entry(supplier, "1000")
        build.a_supplier_entry(supplier, "-300")
        payment = suggestion.create(company, wish(), clerk).payment
        assert sum(payment.lines.values_list("amount", flat=True)) == Decimal(700)

    def test_the_rest_of_a_part_payment_is_taken(self, company, wish, clerk):
        entry = build.a_supplier_entry(build.a_supplier(company), "1000")
        reservation.reserve(entry.pk, Decimal(400))
        line = suggestion.create(company, wish(), clerk).payment.lines.get()
        assert line.amount == Decimal(600)

    def test_cash_discount_is_taken_when_the_payment_is_in_time(self, company, wish, clerk):
        facts = {"discount_amount": Decimal(20), "discount_date": build.TODAY}
        entry = build.a_supplier_entry(build.a_supplier(company), "1000", **facts)
        line = suggestion.create(company, wish(), clerk).payment.lines.get()
        entry.refresh_from_db()
        assert (line.amount, line.discount, entry.in_payment) == (Decimal(980), Decimal(20), Decimal(1000))

    def test_a_credit_note_takes_no_cash_discount(self, company, wish, clerk):
        supplier = build.a_supplier(company)
        facts = {"discount_amount": Decimal(5), "discount_date": build.TODAY}
        build.a_supplier_entry(supplier, "1000")
        build.a_supplier_entry(supplier, "-100", **facts)
        assert suggestion.preview(company, wish()).sums == {"NOK": Decimal(900)}
        made = suggestion.create(company, wish(), clerk).payment
        assert sorted(made.lines.values_list("amount", "discount")) == [(Decimal(-100), 0), (Decimal(1000), 0)]

    def test_a_discount_as_large_as_the_invoice_is_none(self, company, wish, clerk):
        facts = {"discount_amount": Decimal(1000), "discount_date": build.TODAY}
        build.a_supplier_entry(build.a_supplier(company), "1000", **facts)
        assert suggestion.preview(company, wish()).sums == {"NOK": Decimal(1000)}
        assert suggestion.create(company, wish(), clerk).payment.lines.get().amount == Decimal(1000)

    def test_cash_discount_is_not_taken_too_late(self, company, wish, clerk):
        facts = {"discount_amount": Decimal(20), "discount_date": build.TODAY - timedelta(days=1)}
        build.a_supplier_entry(build.a_supplier(company), "1000", **facts)
        assert suggestion.create(company, wish(), clerk).payment.lines.get().amount == Decimal(1000)

    def test_a_line_is_paid_on_a_bank_day_not_before_the_transmission_date(self, company, wish, clerk):
        saturday = date(2026, 11, 28)
        build.a_supplier_entry(build.a_supplier(company), planned_date=saturday)
        payment = suggestion.create(company, wish(up_to=date(2026, 12, 1)), clerk).payment
        assert payment.lines.get().pay_date == date(2026, 11, 30)

    def test_planned_payment_date_for_all_uses_the_transmission_date(self, company, bank, wish, clerk):
        bank.planned_date_for_all = True
        bank.save()
        build.a_supplier_entry(build.a_supplier(company), planned_date=date(2026, 11, 30))
        payment = suggestion.create(company, wish(up_to=date(2026, 12, 1)), clerk).payment
        assert payment.lines.get().pay_date == build.TODAY

    def test_an_account_on_the_entry_comes_first_then_home_account_then_iban(self, company, wish, clerk):
        own = build.a_norwegian_account()
        at_home = build.a_supplier(company, iban="NO9386011117947")
        abroad = build.a_supplier(
            company, country=build.a_country("DE"), iban="DE89370400440532013000", account="532013000"
        )
        build.a_supplier_entry(at_home, invoice_no="1", account=own)
        build.a_supplier_entry(at_home, invoice_no="2")
        build.a_supplier_entry(abroad, invoice_no="3", currency="NOK")
        lines = suggestion.create(company, wish(), clerk).payment.lines.order_by("entry__invoice_no")
        assert [line.account for line in lines] == [own, at_home.account, abroad.iban]

    def test_extra_text_is_the_message_when_the_bank_partner_says_so(self, company, bank, wish, clerk):
        bank.include_extra_text = True
        bank.save()
        build.a_supplier_entry(build.a_supplier(company), extra_text="Rent November")
        assert suggestion.create(company, wish(), clerk).payment.lines.get().message == "Rent November"

    def test_foreign_payments_get_fee_text_and_declaration(self, company, wish, clerk):
        company.texts.create(type=131, number=14, language="en", text="Purchase of goods")
        abroad = build.a_supplier(company, country=build.a_country("DE"), iban="DE89370400440532013000", fee_code=1)
        build.a_supplier_entry(abroad, declaration_code="14")
        line = suggestion.create(company, wish(), clerk).payment.lines.get()
        assert (line.fee_code, line.foreign_cost) == (1, "Pays all fees")
        assert (line.declaration_code, line.declaration_text) == ("14", "Purchase of goods")


class TestWhatIsLeftOut:
    def test_each_entry_left_out_has_its_reason(self, company, bank, wish):
        build.a_supplier_entry(build.a_supplier(company, blocked=True))
        build.a_supplier_entry(build.a_supplier(company), held=True)
        remitted = build.a_supplier_entry(build.a_supplier(company))
        reservation.reserve_whole([remitted.pk])
        stopped = build.a_customer(company, credit_stopped=True)
        build.a_supplier_entry(build.a_supplier(company, customer=stopped))
        owing = build.a_supplier(company)
        build.a_supplier_entry(owing, "100")
        build.a_supplier_entry(owing, "-100")
        build.a_supplier_entry(build.a_supplier(company), currency="USD")
        changed = build.a_supplier(company)
        build.a_supplier_entry(changed)
        PendingChange.objects.create(
            company=company, table="supplier", object_id=changed.pk, field="account", asked_by=build.a_person()
        )
        assert reasons(company, wish()) == {
            Reason.REMITTED: 1,
            Reason.HELD: 1,
            Reason.BLOCKED: 1,
            Reason.CREDIT_STOPPED: 1,
            Reason.ACCOUNT_WAITS: 1,
            Reason.CREDIT_EXCEEDS: 2,
            Reason.NO_RATE: 1,
        }

    def test_a_preview_changes_nothing(self, company, wish):
        build.a_supplier_entry(build.a_supplier(company))
        preview = suggestion.preview(company, wish())
        assert preview.entries == 1
        assert not Payment.objects.exists()
        assert not SupplierEntry.objects.filter(remitted=True).exists()

    def test_what_the_preview_shows_is_what_is_made(self, company, wish, clerk):
        for amount in ("100", "250.25"):
            build.a_supplier_entry(build.a_supplier(company), amount)
        preview = suggestion.preview(company, wish())
        payment = suggestion.create(company, wish(), clerk).payment
        assert dict(preview.sums) == {total.currency_id: total.amount for total in payment.totals.all()}

    def test_a_bank_that_sets_nothing_off_pays_invoices_whole(self, company, bank, wish, clerk):
        bank.profile = build.a_profile("no-netting", nets_credit_notes=False)
        bank.save()
        supplier = build.a_supplier(company)
        build.a_supplier_entry(supplier, "1000", invoice_no="1")
        build.a_supplier_entry(supplier, "-300")
        assert reasons(company, wish()) == {Reason.NOT_NETTED: 1}
        assert invoices(suggestion.create(company, wish(), clerk).payment) == ["1"]

    def test_nothing_to_pay_is_said_and_makes_no_payment(self, company, wish, clerk):
        with pytest.raises(NothingToPay):
            suggestion.create(company, wish(), clerk)
        assert not Payment.objects.exists()


class TestLargestAmount:
    def suppliers(self, company):
        for number, amount in ((10, "400"), (20, "500"), (30, "50")):
            build.a_supplier_entry(build.a_supplier(company, number=number), amount, invoice_no=str(number))

    def test_selection_stops_at_the_supplier_that_would_pass_it(self, company, wish, clerk):
        self.suppliers(company)
        criteria = wish(largest_amount=Decimal(600), order=Order.NUMBER)
        assert invoices(suggestion.create(company, criteria, clerk).payment) == ["10"]

    def test_the_order_decides_who_is_paid(self, company, wish, clerk):
        self.suppliers(company)
        criteria = wish(largest_amount=Decimal(600), order=Order.SMALLEST)
        assert invoices(suggestion.create(company, criteria, clerk).payment) == ["10", "30"]

    def test_currencies_count_by_their_rate(self, company, wish, clerk):
        company.rates.create(currency=build.a_currency("EUR"), valid_from=date(2026, 1, 1), rate=Decimal("11.5"))
        build.a_supplier_entry(build.a_supplier(company), "100", currency="EUR")
        preview = suggestion.preview(company, wish(largest_amount=Decimal("1149")))
        assert (preview.entries, preview.left_out[0].reason) == (0, Reason.OVER_LIMIT)


class TestBankPartners:
    def test_suppliers_own_bank_partners_make_one_payment_each(self, company, bank, wish, clerk):
        other = build.a_bank(company)
        build.a_supplier_entry(build.a_supplier(company), invoice_no="1")
        build.a_supplier_entry(build.a_supplier(company, bank_partner=other), invoice_no="2")
        made = suggestion.create(company, wish(use_supplier_partner=True), clerk)
        assert {payment.bank_partner: invoices(payment) for payment in made.payments} == {bank: ["1"], other: ["2"]}

    def test_without_the_mark_all_are_paid_by_the_selected_one(self, company, bank, wish, clerk):
        build.a_supplier_entry(build.a_supplier(company, bank_partner=build.a_bank(company)))
        assert suggestion.create(company, wish(), clerk).payment.bank_partner == bank

    def test_only_for_selected_bank_partner_leaves_the_others(self, company, wish):
        build.a_supplier_entry(build.a_supplier(company, bank_partner=build.a_bank(company)))
        criteria = wish(use_supplier_partner=True, only_selected_partner=True)
        assert reasons(company, criteria) == {Reason.OTHER_PARTNER: 1}

    def test_a_bank_partner_without_agreement_pays_nothing(self, company, wish):
        bare = build.a_bank_partner(company)
        build.a_supplier_entry(build.a_supplier(company, bank_partner=bare))
        assert reasons(company, wish(use_supplier_partner=True)) == {Reason.NO_AGREEMENT: 1}

    def test_salaries_make_a_payment_of_their_own(self, company, wish, clerk):
        build.a_supplier_entry(build.a_supplier(company))
        build.a_supplier_entry(build.a_supplier(company, is_payroll=True))
        made = suggestion.create(company, wish(), clerk)
        assert sorted(payment.salary for payment in made.payments) == [False, True]


class TestCriteria:
    @pytest.mark.parametrize(
        ("field", "facts"),
        [
            ("transfer_date", {"transfer_date": build.TODAY - timedelta(days=1)}),
            ("transfer_date", {"transfer_date": TOMORROW}),
            ("largest_amount", {"largest_amount": Decimal(0)}),
            ("payment_number", {"payment_number": 77}),
        ],
    )
    def test_what_cannot_be_met_names_its_field(self, company, wish, field, facts):
        with pytest.raises(NotPossible) as found:
            suggestion.preview(company, wish(**facts))
        assert found.value.field == field

    def test_an_existing_payment_at_1_can_be_added_to(self, company, bank, wish, clerk):
        payment = build.an_estimate(company, lines=1, bank_partner=bank)
        build.a_supplier_entry(build.a_supplier(company))
        made = suggestion.create(company, wish(payment_number=payment.number), clerk)
        assert made.payment == payment
        assert list(payment.lines.values_list("line_no", flat=True).order_by("line_no")) == [1, 2]

    def test_an_uploaded_payment_cannot_be_added_to(self, company, bank, wish):
        payment = build.an_uploaded_payment(company, bank_partner=bank)
        with pytest.raises(NotPossible, match="uploaded"):
            suggestion.preview(company, wish(payment_number=payment.number))

    def test_a_payment_has_one_bank_partner(self, company, wish):
        payment = build.an_estimate(company, bank_partner=build.a_bank(company))
        with pytest.raises(NotPossible, match="another bank partner"):
            suggestion.preview(company, wish(payment_number=payment.number))


class TestSets:
    def test_two_suggestions_never_take_the_same_entry(self, company, wish, clerk):
        supplier = build.a_supplier(company)
        for _ in range(5):
            build.a_supplier_entry(supplier)
        suggestion.create(company, wish(), clerk)
        with pytest.raises(NothingToPay):
            suggestion.create(company, wish(), clerk)
        assert PaymentLine.objects.count() == 5

    def test_many_entries_are_taken_in_slices(self, company, wish, clerk, monkeypatch):
        monkeypatch.setattr(suggestion, "_SLICE", 4)
        supplier = build.a_supplier(company)
        for days in range(11):
            build.a_supplier_entry(supplier, planned_date=build.TODAY - timedelta(days=days % 3))
        payment = suggestion.create(company, wish(), clerk).payment
        assert list(payment.lines.order_by("line_no").values_list("line_no", flat=True)) == list(range(1, 12))

    def test_the_number_of_statements_does_not_grow_with_the_lines(
        self, company, wish, clerk, django_assert_max_num_queries
    ):
        for _ in range(30):
            build.a_supplier_entry(build.a_supplier(company))
        with django_assert_max_num_queries(48):
            suggestion.create(company, wish(), clerk)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda company: build.a_supplier(company, blocked=True), Reason.BLOCKED),
        (
            lambda company: build.a_supplier(company, customer=build.a_customer(company, credit_stopped=True)),
            Reason.CREDIT_STOPPED,
        ),
        (lambda company: with_a_waiting_account(build.a_supplier(company)), Reason.ACCOUNT_WAITS),
    ],
)
def test_an_entry_suggested_alone_is_left_out_for_the_same_reasons(company, bank, clerk, make, reason):
    entry = build.a_supplier_entry(make(company))
    with pytest.raises(NotPossible, match=str(reason.label)):
        suggestion.create_of(entry, bank, clerk)
    assert not Payment.objects.exists()
    entry.refresh_from_db()
    assert not entry.remitted


def test_an_entry_that_is_held_back_is_not_suggested_alone(company, bank, clerk):
    entry = build.a_supplier_entry(build.a_supplier(company), held=True)
    with pytest.raises(NotPossible):
        suggestion.create_of(entry, bank, clerk)


def test_an_entry_of_a_supplier_in_order_is_suggested_alone(company, bank, clerk):
    entry = build.a_supplier_entry(build.a_supplier(company))
    build.a_supplier_entry(entry.supplier)
    assert invoices(suggestion.create_of(entry, bank, clerk)) == [entry.invoice_no]


def with_a_waiting_account(supplier):
    PendingChange.objects.create(
        company=supplier.company, table="supplier", object_id=supplier.pk, field="account", asked_by=build.a_person()
    )
    return supplier
