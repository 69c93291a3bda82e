"""Resolving: one parked payment after the other, by proposal, split or account; fast with ten thousand."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from autopay_console.kernel.ids import new_id
from companies.models import PendingChange
from payments.choices import IncomingState, ParkReason
from payments.clearing import resolving
from payments.models import CustomerEntry, IncomingPayment, Match, PayerAccount, PaymentLine
from payments.preparing.criteria import Criteria
from payments.suggesting import suggestion
from tests import build
from tests.payments.incoming import bank_files
from tests.payments.web.incoming_world import a_company, parked, split_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data_area(tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def company(db):
    return a_company()


def match(client, payment, values, **headers):
    return client.post(reverse("match_incoming", args=[payment.pk]), values, **headers)


def fresh(payment):
    return IncomingPayment.objects.get(pk=payment.pk)


def test_work_begins_with_the_oldest_parked_payment(company, anna, browse):
    new, old = parked(company, "10.00"), parked(company, "20.00")
    IncomingPayment.objects.filter(pk=old.pk).update(value_date=new.value_date - timedelta(days=3))
    assert browse(anna).get(reverse("incoming")).context["payment"] == old


def test_the_largest_comes_first_when_asked(company, anna, browse):
    parked(company, "10.00")
    large = parked(company, "2000.00")
    assert browse(anna).get(reverse("incoming") + "?order=largest").context["payment"] == large


def test_an_empty_queue_says_that_nothing_waits(company, anna, browse):
    assert "Nothing waits for a person" in browse(anna).get(reverse("incoming")).content.decode()


def test_a_reader_sees_proposals_but_may_not_match(company, frida, browse):
    payment = parked(company, "1012.50")
    client = browse(frida)
    assert "Match and next" not in client.get(reverse("resolve", args=[payment.pk])).content.decode()
    assert match(client, payment, split_of(payment)).status_code == 403


def test_another_companys_payment_is_not_there(company, anna, browse):
    other = bank_files.a_receiving_company(account="86011117955")
    entry = bank_files.camt054(bank_files.a_credit(bank_files.a_payment("5.00", account="")), account="86011117955")
    theirs = IncomingPayment.objects.get(file=bank_files.loaded(other, entry))
    assert browse(anna).get(reverse("resolve", args=[theirs.pk])).status_code == 404


def test_taking_a_proposal_fills_the_split(company, anna, browse):
    payment = parked(company, "1012.50")
    page = browse(anna).get(reverse("resolve", args=[payment.pk]) + "?take=1")
    draft = page.context["draft"]
    assert ([row.entry.invoice_no for row in draft.rows], draft.rest) == (["12345"], 0)


def test_matching_a_proposal_keeps_its_proof(company, anna, browse):
    payment = parked(company, "1012.50")
    entry = CustomerEntry.objects.get()
    answer = match(browse(anna), payment, split_of(payment, (entry, "1 012,50"), source="1"))
    assert answer.status_code == 302
    assert fresh(payment).state == IncomingState.POSTED
    assert Match.objects.get().proof["accepted"]


def test_a_payment_is_split_over_several_entries(company, anna, browse):
    payment = parked(company, "1500.00")
    first = CustomerEntry.objects.get()
    second = bank_files.an_invoice(company, "487.50", number="12361")
    match(browse(anna), payment, split_of(payment, (first, "1012.50"), (second, "487.50")))
    assert list(CustomerEntry.objects.order_by("invoice_no").values_list("rest", flat=True)) == [0, 0]


def test_the_rest_goes_on_the_customers_account(company, anna, browse):
    payment = parked(company, "1100.00")
    entry = CustomerEntry.objects.get()
    match(browse(anna), payment, split_of(payment, (entry, "1012.50"), rest="customer"))
    advance = Match.objects.get(entry=None)
    assert (advance.customer, advance.amount) == (entry.customer, Decimal("87.50"))


def test_the_whole_payment_goes_to_an_account(company, anna, browse):
    payment = parked(company)
    match(browse(anna), payment, split_of(payment, rest="account", gl_account="3900"))
    assert (fresh(payment).state, Match.objects.get().gl_account) == (IncomingState.POSTED, "3900")


def test_nothing_placed_is_said_and_what_was_typed_stays(company, anna, browse):
    payment = parked(company)
    answer = match(browse(anna), payment, split_of(payment, rest="account", gl_account=""))
    assert answer.status_code == 422
    assert "Write the account" in answer.content.decode()


def test_more_than_was_paid_is_refused_with_the_amount(company, anna, browse):
    payment = parked(company, "500.00")
    entry = CustomerEntry.objects.get()
    answer = match(browse(anna), payment, split_of(payment, (entry, "700.00")))
    page = answer.content.decode()
    assert (answer.status_code, "more is placed" in page, 'value="700.00"' in page) == (422, True, True)


def test_an_amount_that_can_be_read_in_two_ways_is_asked_about(company, anna, browse):
    payment = parked(company, "1012.50")
    answer = match(browse(anna), payment, split_of(payment, (CustomerEntry.objects.get(), "1,012")))
    assert answer.status_code == 422
    assert "can be read in two ways" in answer.content.decode()


def test_the_second_of_two_people_is_told_what_happened(company, anna, browse):
    payment = parked(company)
    colleague = build.an_accountant(company)
    resolving.post_to_account(payment, colleague, "3900", version=payment.version)
    answer = match(browse(anna), payment, split_of(payment, rest="unmatched"))
    assert answer.status_code == 422
    assert "Meanwhile" in answer.content.decode()


def test_after_a_match_the_next_payment_stands_there(company, anna, browse):
    payment, following = parked(company, "10.00"), parked(company, "20.00")
    if following.pk < payment.pk:
        payment, following = following, payment
    answer = match(
        browse(anna),
        payment,
        split_of(payment, rest="unmatched"),
        headers={"HX-Request": "true", "HX-Target": "bench"},
    )
    assert answer.context["payment"] == following
    assert answer["HX-Push-Url"].endswith(f"{following.pk}/resolve/")
    assert "<html" not in answer.content.decode()


def test_the_last_decision_is_undone_with_one_key(company, anna, browse):
    payment = parked(company)
    client = browse(anna)
    match(client, payment, split_of(payment, rest="unmatched"))
    client.post(reverse("undo_last_incoming"))
    assert (fresh(payment).state, fresh(payment).rest) == (IncomingState.PARKED, Decimal(500))


def test_undo_with_nothing_to_undo_says_so(company, anna, browse):
    assert browse(anna).post(reverse("undo_last_incoming"), follow=True).status_code == 200


def test_unticking_remember_forgets_the_payers_account(company, anna, browse):
    payment = parked(company, "1012.50", account="97101234564")
    match(browse(anna), payment, split_of(payment, (CustomerEntry.objects.get(), "1012.50"), remember=""))
    assert not PayerAccount.objects.exists()


def test_a_note_keeps_it_parked(company, anna, browse):
    payment = parked(company)
    values = {"version": payment.version, "note": "Asked the bank"}
    browse(anna).post(reverse("park_incoming", args=[payment.pk]), values)
    assert (fresh(payment).state, fresh(payment).note) == (IncomingState.PARKED, "Asked the bank")


def test_after_a_note_the_next_payment_stands_there(company, anna, browse):
    first, second = parked(company), parked(company)
    values = {"version": first.version, "note": "Asked the bank"}
    answer = browse(anna).post(reverse("park_incoming", args=[first.pk]), values)
    assert answer.url == reverse("resolve", args=[second.pk])


def test_the_rest_of_an_overpaid_invoice_may_stand_on_its_customers_account(company, anna, browse):
    entry = CustomerEntry.objects.get()
    paid = bank_files.a_payment("1100.00", kid="00001234500000100011")
    file = bank_files.loaded(company, bank_files.camt054(bank_files.a_credit(paid)))
    payment = IncomingPayment.objects.get(file=file)
    page = browse(anna).get(reverse("resolve", args=[payment.pk]))
    assert (page.context["draft"].customer, payment.rest) == (entry.customer, Decimal("87.50"))


def test_what_is_handed_over_leaves_ones_own_queue(company, anna, browse):
    payment = parked(company)
    kari = build.an_accountant(company)
    values = {"version": payment.version, "colleague": kari.pk, "note": ""}
    browse(anna).post(reverse("hand_over_incoming", args=[payment.pk]), values)
    assert browse(anna).get(reverse("incoming")).context["payment"] is None
    assert browse(kari).get(reverse("incoming") + "?mine=1").context["payment"] == payment


def test_without_an_account_money_does_not_go_back(company, anna, browse):
    payment = parked(company)
    page = browse(anna).get(reverse("refund_incoming", args=[payment.pk])).content.decode()
    assert "No payee has this account" in page


def test_a_payer_nobody_knows_becomes_a_payee_whose_account_waits_for_a_second_person(company, anna, browse):
    payment = parked(company, account="97101234564", payer="Voss Grill")
    url = reverse("refund_incoming", args=[payment.pk])
    assert "Voss Grill becomes a supplier" in browse(anna).get(url).content.decode()
    browse(anna).post(url, {"version": payment.version})
    supplier = company.suppliers.get(name="Voss Grill")
    change = PendingChange.objects.get(object_id=supplier.pk, table="supplier")
    assert (supplier.account, change.after, change.asked_by) == ("", "97101234564", anna)
    assert fresh(payment).state == IncomingState.REFUND
    assert supplier.entries.get().rest == payment.amount


def test_money_goes_back_to_a_known_payee_and_out_with_the_next_suggestion(company, anna, browse):
    payment = parked(company, account="97101234564")
    url = reverse("refund_incoming", args=[payment.pk])
    payee = build.a_supplier(company, account="97101234564")
    browse(anna).post(url, {"version": payment.version, "payee": payee.pk})
    assert fresh(payment).state == IncomingState.REFUND
    suggestion.create(company, Criteria.usual(company, company.bank_partners.get()), anna)
    assert [line.amount for line in PaymentLine.objects.filter(supplier=payee)] == [payment.amount]


def test_a_payment_told_twice_is_never_booked(company, anna, browse):
    payment = parked(company)
    IncomingPayment.objects.filter(pk=payment.pk).update(reason=ParkReason.POSSIBLE_REPEAT)
    values = {"version": payment.version, "is": "repeat"}
    browse(anna).post(reverse("repeat_incoming", args=[payment.pk]), values)
    assert fresh(payment).state == IncomingState.DUPLICATE


@pytest.mark.parametrize("words", ["12345", "1012,50", "10001", "kunde"])
def test_open_entries_are_found_by_invoice_amount_and_customer(company, anna, browse, words):
    payment = parked(company)
    found = browse(anna).get(reverse("find_incoming", args=[payment.pk]), {"find": words})
    assert [entry.invoice_no for entry in found.context["found"]] == ["12345"]


def test_an_added_entry_takes_at_most_what_is_left(company, anna, browse):
    payment = parked(company, "400.00")
    entry = CustomerEntry.objects.get()
    page = browse(anna).get(reverse("split_incoming", args=[payment.pk]), {"add": entry.pk})
    assert page.context["draft"].rows[0].amount == Decimal(400)


def ten_thousand(company, many=10_000):
    """Parked payments like one that was imported."""
    one = parked(company)
    facts = {
        field.attname: getattr(one, field.attname)
        for field in IncomingPayment._meta.concrete_fields
        if field.attname not in ("id", "key", "value_date")
    }
    rows = [
        IncomingPayment(**facts, id=new_id(), key=f"many-{n}", value_date=one.value_date - timedelta(days=n % 90))
        for n in range(many - 1)
    ]
    IncomingPayment.objects.bulk_create(rows, batch_size=100)


def test_ten_thousand_parked_payments_do_not_slow_the_screen_down(company, anna, browse, django_assert_max_num_queries):
    ten_thousand(company, 1000)
    middle = IncomingPayment.objects.order_by("value_date")[500]
    client = browse(anna)
    client.get(reverse("incoming"))
    with django_assert_max_num_queries(13):
        page = client.get(reverse("resolve", args=[middle.pk]))
    assert len(page.context["around"].after) == 40
