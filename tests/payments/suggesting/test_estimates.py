"""An estimate can be changed until it is uploaded, and every change keeps the entries right."""

from datetime import timedelta
from decimal import Decimal

import pytest

from payments import headers
from payments.choices import RoundState
from payments.models import Payment, PaymentLine, SupplierEntry
from payments.reservation import NotFree
from payments.suggesting import suggestion
from payments.suggesting.estimates import NotAllowed, NotAnEstimate
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    payment = build.an_estimate(lines=2)
    headers.refresh_totals({payment.pk})
    return payment


@pytest.fixture
def line(payment):
    return payment.lines.first()


@pytest.fixture
def clerk(payment):
    return payment.created_by


def entry_of(line):
    return SupplierEntry.objects.get(pk=line.entry_id)


def test_a_lower_amount_leaves_the_rest_payable(line, clerk):
    suggestion.edit_line(line, clerk, amount=Decimal(400))
    entry = entry_of(line)
    assert (entry.in_payment, entry.payable, entry.remitted) == (Decimal(400), Decimal(600), False)


def test_the_header_follows_a_changed_amount(payment, line, clerk):
    suggestion.edit_line(line, clerk, amount=Decimal(400))
    assert payment.totals.get().amount == Decimal(1400)


def test_more_than_the_entry_owes_is_refused(line, clerk):
    with pytest.raises(NotFree):
        suggestion.edit_line(line, clerk, amount=Decimal("1000.01"))


def test_a_part_payment_takes_no_cash_discount(clerk, payment):
    facts = {"discount_amount": Decimal(20), "discount_date": build.TODAY}
    entry = build.a_supplier_entry(build.a_supplier(payment.company), "1000", **facts)
    line = build.a_line(payment, entry)
    line.amount, line.discount = Decimal(980), Decimal(20)
    line.save()
    suggestion.edit_line(line, clerk, amount=Decimal(500))
    line.refresh_from_db()
    assert (line.discount, entry_of(line).in_payment) == (Decimal(0), Decimal(500))


def test_a_part_on_a_date_after_the_discount_is_held_as_it_is_paid(clerk, payment):
    facts = {"discount_amount": Decimal(20), "discount_date": build.TODAY}
    line = payment.lines.first()
    SupplierEntry.objects.filter(pk=line.entry_id).update(**facts)
    line.amount, line.discount = Decimal(980), Decimal(20)
    line.save()
    suggestion.edit_line(line, clerk, amount=Decimal(500), pay_date=build.TODAY + timedelta(days=1))
    line.refresh_from_db()
    assert (line.amount, line.discount, entry_of(line).in_payment) == (Decimal(500), Decimal(0), Decimal(500))


def test_a_date_after_the_discount_pays_the_whole_amount(clerk, payment):
    facts = {"discount_amount": Decimal(20), "discount_date": build.TODAY}
    line = build.a_line(payment, build.a_supplier_entry(build.a_supplier(payment.company), "1000", **facts))
    line.amount, line.discount = Decimal(980), Decimal(20)
    line.save()
    suggestion.edit_line(line, clerk, pay_date=build.TODAY + timedelta(days=1))
    line.refresh_from_db()
    assert (line.amount, line.discount) == (Decimal(1000), Decimal(0))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("amount", {"amount": Decimal(0)}),
        ("amount", {"amount": Decimal(-5)}),
        ("amount", {"amount": Decimal("10.001")}),
        ("pay_date", {"pay_date": build.TODAY - timedelta(days=1)}),
        ("account", {"account": "86011117947"}),
        ("fee_code", {"fee_code": 7}),
    ],
)
def test_what_is_not_allowed_names_its_field(line, clerk, field, change):
    with pytest.raises(NotAllowed) as found:
        suggestion.edit_line(line, clerk, **change)
    assert found.value.field == field


def test_another_account_of_the_same_supplier_can_be_chosen(line, clerk):
    line.supplier.iban = "NO93 8601 1117 947"
    line.supplier.save()
    assert suggestion.edit_line(line, clerk, account="NO9386011117947").account == "NO9386011117947"


def test_a_change_is_part_of_the_story(payment, line, clerk):
    suggestion.edit_line(line, clerk, message="Second half")
    event = payment.events.get()
    assert (event.kind, event.person) == ("edited", clerk)
    assert "Second half" in event.text


def test_the_story_tells_what_it_was_and_what_it_is(payment, line, clerk):
    PaymentLine.objects.filter(pk=line.pk).update(kid="0500060003")
    suggestion.edit_line(line, clerk, kid="", amount=Decimal("400.00"))
    (event,) = payment.events.all()
    assert event.text == f"Line {line.line_no}: Amount 1\u202f000.00 → 400.00, KID 0500060003 → –."


def test_a_line_taken_out_can_be_suggested_again(payment, line, clerk):
    suggestion.take_out(line, clerk)
    entry = entry_of(line)
    payment.refresh_from_db()
    assert (entry.in_payment, entry.remitted, payment.line_count) == (Decimal(0), False, 1)


def test_a_deleted_payment_gives_every_entry_back(payment, clerk):
    entries = list(payment.lines.values_list("entry_id", flat=True))
    suggestion.delete(payment, clerk)
    assert not Payment.objects.exists()
    assert not SupplierEntry.objects.filter(pk__in=entries, remitted=True).exists()


@pytest.mark.parametrize("deed", ["edit", "take_out", "delete"])
def test_an_uploaded_payment_is_left_alone(payment, line, clerk, deed):
    Payment.objects.filter(pk=payment.pk).update(round_state=RoundState.WAITING)
    deeds = {
        "edit": lambda: suggestion.edit_line(line, clerk, amount=Decimal(1)),
        "take_out": lambda: suggestion.take_out(line, clerk),
        "delete": lambda: suggestion.delete(payment, clerk),
    }
    with pytest.raises(NotAnEstimate):
        deeds[deed]()
    assert entry_of(line).in_payment == Decimal(1000)
    assert payment.lines.count() == 2


class TestReference:
    """The reference of a line, with its check digit."""

    def test_a_right_kid_is_taken_and_kept_with_the_invoice(self, clerk):
        line = build.an_estimate(lines=1).lines.get()
        suggestion.edit_line(line, clerk, kid="1234 5674")
        line.refresh_from_db()
        assert (line.kid, line.entry.kid) == ("12345674", "12345674")
        assert line.payee_key.endswith(":12345674")

    @pytest.mark.parametrize("wrong", ["12345675", "12", "ABC-9", "RF00123"])
    def test_a_wrong_check_digit_is_refused_with_the_field(self, clerk, wrong):
        line = build.an_estimate(lines=1).lines.get()
        with pytest.raises(NotAllowed) as refused:
            suggestion.edit_line(line, clerk, kid=wrong)
        assert refused.value.field == "kid"
        line.refresh_from_db()
        assert line.kid != wrong

    def test_a_reference_may_be_taken_away(self, clerk):
        line = build.an_estimate(lines=1).lines.get()
        suggestion.edit_line(line, clerk, kid="")
        line.refresh_from_db()
        assert line.kid == ""


class TestSameDay:
    """A same-day payment where the bank's profile names one."""

    def a_line(self, instrument="SDCL", **supplier):
        company = build.a_company()
        profile = build.a_profile("same-day" + instrument, same_day_instrument=instrument)
        partner = build.a_bank_partner(company, profile=profile)
        build.an_agreement(partner)
        payment = build.an_estimate(company, 0, bank_partner=partner)
        return build.a_line(payment, build.a_supplier_entry(build.a_supplier(company, **supplier)))

    def test_the_mark_is_written_into_the_order(self, clerk):
        from payments.preparing import ordering

        line = self.a_line()
        ordinary = next(ordering.planned_items(ordering.Desk(line.payment))).decision.terms
        suggestion.edit_line(line, clerk, urgent=True)
        urgent = next(ordering.planned_items(ordering.Desk(line.payment))).decision.terms
        assert ordinary.local_instrument is None
        assert urgent.local_instrument.value == "SDCL"

    def test_a_bank_without_it_refuses_the_mark(self, clerk):
        with pytest.raises(NotAllowed) as refused:
            suggestion.edit_line(self.a_line(instrument=""), clerk, urgent=True)
        assert refused.value.field == "urgent"

    def test_a_payment_abroad_has_no_same_day_mark(self, clerk):
        line = self.a_line(country=build.a_country("DE"), iban="DE89370400440532013000", account="")
        with pytest.raises(NotAllowed):
            suggestion.edit_line(line, clerk, urgent=True)
