"""Acts on a payment's page: suggest again, create a batch by hand, ask a silent bank."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.choices import Role
from payments import events, lifecycle
from payments.choices import BatchState, LineStatus
from payments.models import Batch, Payment
from payments.settling import settlement
from tests import build
from tests.payments.bank_messages import a_debit, a_sent_payment, items_of, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(company):
    return a_sent_payment(company, 3)


def page(browser, payment):
    return browser.get(reverse("payment", args=[payment.number])).content.decode()


class TestSuggestAgain:
    """What was not paid goes into a new suggestion."""

    def reject(self, payment):
        lifecycle.move([payment.lines.first().pk], LineStatus.REJECTED, source="pain.002")

    def test_a_rejected_line_is_suggested_again_from_the_page(self, payment, anna, browse):
        self.reject(payment)
        assert "Suggest again" in page(browse(anna), payment)
        response = browse(anna).post(reverse("payment_again", args=[payment.number]), {"which": "all"})
        new = Payment.objects.exclude(pk=payment.pk).get()
        assert response.url == reverse("draft", args=[new.number])
        assert [line.entry for line in new.lines.all()] == [payment.lines.first().entry]

    def test_a_payment_on_its_way_offers_nothing(self, payment, anna, browse):
        assert "Suggest again" not in page(browse(anna), payment)

    def test_two_buttons_when_central_named_deficient_lines(self, payment, anna, browse):
        lifecycle.move(payment.lines.values_list("pk", flat=True), LineStatus.CANCELLED, source="central")
        payment.items.filter(position=1).update(deficient=True)
        text = browse(anna).get(reverse("payment_again", args=[payment.number])).content.decode()
        assert "Without the deficient lines" in text
        browse(anna).post(reverse("payment_again", args=[payment.number]), {"which": "good"})
        assert Payment.objects.exclude(pk=payment.pk).get().line_count == 2

    def test_the_second_press_says_that_nothing_is_left(self, payment, anna, browse):
        self.reject(payment)
        browse(anna).post(reverse("payment_again", args=[payment.number]), {"which": "all"})
        response = browse(anna).post(reverse("payment_again", args=[payment.number]), {"which": "all"})
        assert response.status_code == 422
        assert Payment.objects.count() == 2

    def test_approvers_do_not_suggest(self, payment, bjorn, browse):
        assert browse(bjorn).post(reverse("payment_again", args=[payment.number])).status_code == 403


class TestCreateBatch:
    """*Create batch* by a person, with a preview."""

    def url(self, payment):
        return reverse("payment_batch", args=[payment.number])

    def facts(self, **more):
        return {"value_date": build.TODAY.isoformat(), "reason": "", "book": "1"} | more

    def test_the_preview_shows_the_postings_and_writes_nothing(self, payment, anna, browse):
        settlement.settle([a_debit(items_of(payment)[0])])
        text = browse(anna).get(self.url(payment)).content.decode()
        assert "1 voucher" in text
        assert "2400" in text and "1920" in text and "1\u202f000.00" in text
        assert not Batch.objects.exists()

    def test_ticked_lines_are_in_the_preview(self, payment, anna, browse):
        response = browse(anna).post(self.url(payment), self.facts(book="0", line=[1, 2]))
        assert response.status_code == 200
        assert "2\u202f000.00" in response.content.decode()
        assert statuses(payment) == [2, 2, 2]

    def test_unconfirmed_lines_are_booked_with_a_reason_that_is_kept(self, payment, anna, browse):
        facts = self.facts(line=[1, 2], reason="The bank sends no files", direct="on")
        browse(anna).post(self.url(payment), facts)
        assert statuses(payment) == [6, 6, 2]
        change = payment.lines.first().changes.get(after=LineStatus.SETTLED)
        assert (change.made_by, change.reason_text) == (anna, "The bank sends no files")

    def test_without_a_reason_nothing_is_booked(self, payment, anna, browse):
        response = browse(anna).post(self.url(payment), self.facts(line=[1]))
        assert response.status_code == 422
        assert "Say why" in response.content.decode()
        assert statuses(payment) == [2, 2, 2]

    def test_without_direct_update_the_batch_waits_in_the_journal(self, payment, anna, browse):
        browse(anna).post(self.url(payment), self.facts(line=[1], reason="By letter"))
        assert Batch.objects.get().state == BatchState.WAITING

    def test_the_preview_is_what_is_posted(self, payment, anna, browse):
        settlement.settle([a_debit(items_of(payment)[0], fee=Decimal("12.50"))])
        found = settlement.propose_batch(
            payment, anna, line_ids=[line.pk for line in payment.lines.all()], value_date=build.TODAY
        )
        ids = [line.pk for line in payment.lines.all()]
        settlement.create_batch_by_hand(payment, anna, line_ids=ids, value_date=build.TODAY, reason="x", post=True)
        sums = {}
        for batch in Batch.objects.all():
            for voucher in batch.vouchers.all():
                for side in voucher.postings.all():
                    debit, credit = sums.get(side.account, (Decimal(0), Decimal(0)))
                    sums[side.account] = (debit + side.debit, credit + side.credit)
        assert {side.account: (side.debit, side.credit) for side in found.sides} == sums

    @pytest.mark.parametrize("role", [Role.READER, Role.APPROVER, Role.ADMINISTRATOR])
    def test_only_accountants_create_batches(self, company, payment, browse, role):
        client = browse(build.a_person(role, company=company))
        assert client.get(self.url(payment)).status_code == 403
        assert client.post(self.url(payment), self.facts()).status_code == 403


class TestSilentBank:
    """No answer within the agreement's hours: seen on the page, asked about by a person."""

    def silent(self, payment, hours):
        since = timezone.now() - timedelta(hours=hours)
        Payment.objects.filter(pk=payment.pk).update(unanswered_since=since)

    def test_silence_beyond_the_agreements_limit_is_seen(self, payment, anna, browse):
        payment.agreement.no_answer_hours = 5
        payment.agreement.save()
        self.silent(payment, 4)
        assert "Ask status now" not in page(browse(anna), payment)
        self.silent(payment, 6)
        assert "No answer for 6 hours" in page(browse(anna), payment)

    def test_the_button_asks_about_every_file_on_its_way(self, payment, anna, browse):
        heard = []

        def listen(transfer_ids, by_id, **_more):
            heard.append((list(transfer_ids), by_id))

        events.status_asked.connect(listen)
        try:
            browse(anna).post(reverse("payment_ask", args=[payment.number]))
        finally:
            events.status_asked.disconnect(listen)
        assert heard == [([payment.transfers.get().pk], anna.pk)]
        assert payment.events.filter(kind="asked").exists()

    def test_readers_do_not_ask(self, payment, frida, browse):
        assert browse(frida).post(reverse("payment_ask", args=[payment.number])).status_code == 403
