"""The inbox keeps each message once, and lets one worker at a time work on a company's messages, in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integration.choices import MessageState
from integration.models import InboxMessage
from integration.queue import envelope, inbox, resolving
from tests.build import a_company, a_person
from tests.integration.queue.messages import a_body, claim_next

pytestmark = pytest.mark.django_db


def hear(*bodies, **options):
    return inbox.hear([envelope.read(body) for body in bodies], **options)


def later(**facts):
    """Let time pass for every message."""
    InboxMessage.objects.update(**{name: timezone.now() - span for name, span in facts.items()})


@pytest.fixture
def company(db):
    return a_company()


@pytest.fixture
def body(company):
    def make(message_id=None, **facts):
        return a_body(company.visma_company_id, message_id, **facts)

    return make


def test_a_message_becomes_a_row_of_its_company(company, body):
    heard = hear(body("m-1"), queue="vbus-1")
    row = InboxMessage.objects.get()
    assert heard.new == (row.pk,)
    assert (row.company, row.state, row.queue, row.heard) == (company, MessageState.RECEIVED, "vbus-1", 1)


def test_a_message_heard_twice_is_counted_and_nothing_else(body):
    one = body("m-1")
    hear(one)
    InboxMessage.objects.update(state=MessageState.HANDLED)
    heard = hear(one)
    row = InboxMessage.objects.get()
    assert (heard.new, heard.again, row.heard, row.state) == ((), 1, 2, MessageState.HANDLED)


def test_a_message_that_comes_three_times_in_one_reading_is_one_row(body):
    one = body("m-1")
    assert hear(one, one, one).again == 2
    assert InboxMessage.objects.get().heard == 3


def test_a_message_id_with_other_content_is_parked_and_the_first_one_stays(body):
    hear(body("m-1", fileId="f-1"))
    heard = hear(body("m-1", fileId="f-2"))
    assert heard.parked == 1
    assert "other content" in InboxMessage.objects.get(state=MessageState.PARKED).reason
    assert InboxMessage.objects.get(state=MessageState.RECEIVED).file_id == "f-1"


def test_the_message_of_an_unknown_company_is_parked_as_foreign():
    heard = hear(a_body("c-unknown", "m-1"))
    row = InboxMessage.objects.get()
    assert (heard.new, row.state, row.company) == ((), MessageState.PARKED, None)
    assert "c-unknown" in row.reason


def test_nonsense_is_kept_with_its_bytes_and_the_reason():
    hear(b"\x00\xff not json")
    row = InboxMessage.objects.get()
    assert row.state == MessageState.PARKED
    assert row.raw == "\\x00\\xff not json"
    assert "not JSON" in row.reason


def test_what_came_by_download_first_and_then_through_the_queue_came_through_the_queue(body):
    one = body("m-1")
    hear(one, by_download=True)
    assert InboxMessage.objects.get().by_download
    hear(one)
    row = InboxMessage.objects.get()
    assert (row.by_download, row.heard) == (False, 1)
    hear(one)
    assert InboxMessage.objects.get().heard == 2


def test_the_download_list_does_not_count_what_the_queue_delivered(body):
    one = body("m-1")
    hear(one)
    hear(one, by_download=True)
    row = InboxMessage.objects.get()
    assert (row.heard, row.by_download) == (1, False)


def test_messages_of_a_company_are_worked_on_in_the_order_they_came(company, body):
    hear(body("m-1"), body("m-2"), body("m-3"))
    order = []
    while message := claim_next(company.pk):
        order.append(message.message_id)
        inbox.finish(message, MessageState.HANDLED)
    assert order == ["m-1", "m-2", "m-3"]


def test_one_worker_at_a_time_works_on_a_company(company, body):
    hear(body("m-1"), body("m-2"))
    assert claim_next(company.pk)
    assert claim_next(company.pk) is None


def test_two_companies_do_not_wait_for_each_other(company, body):
    other = a_company()
    hear(body("m-1"), a_body(other.visma_company_id, "m-2"))
    assert claim_next(company.pk).message_id == "m-1"
    assert claim_next(other.pk).message_id == "m-2"


def test_a_worker_that_died_gives_its_message_back_when_the_lease_ends(company, body):
    hear(body("m-1"))
    claim_next(company.pk)
    later(claimed_until=timedelta(seconds=1))
    again = claim_next(company.pk)
    assert (again.message_id, again.attempts) == ("m-1", 2)


def test_a_worker_that_was_too_slow_does_not_overwrite_the_next_one(company, body):
    hear(body("m-1"))
    slow = claim_next(company.pk)
    later(claimed_until=timedelta(seconds=1))
    inbox.finish(claim_next(company.pk), MessageState.HANDLED)
    assert inbox.fail(slow, "too late") is False
    assert InboxMessage.objects.get().state == MessageState.HANDLED


def test_fresh_messages_come_before_failed_ones_and_the_oldest_failed_one_first(company, body):
    hear(body("old-failed"), body("young-failed"))
    for _turn in range(2):
        inbox.fail(claim_next(company.pk), "no answer")
    hear(body("fresh"))
    later(not_before=timedelta(seconds=1))
    order = []
    while message := claim_next(company.pk):
        order.append(message.message_id)
        inbox.finish(message, MessageState.HANDLED)
    assert order == ["fresh", "old-failed", "young-failed"]


def test_a_failed_message_waits_longer_each_time(company, body):
    assert [inbox.wait_after(attempt) for attempt in (1, 2, 3, 15)] == [5, 10, 20, 3600]
    hear(body("m-1"))
    inbox.fail(claim_next(company.pk), "the gateway is away")
    row = InboxMessage.objects.get()
    assert (row.state, row.reason) == (MessageState.FAILED, "the gateway is away")
    assert row.not_before > timezone.now()
    assert claim_next(company.pk) is None


def test_after_the_last_attempt_a_message_is_given_up_and_waits_for_a_person(company, body):
    hear(body("m-1"))
    InboxMessage.objects.update(attempts=inbox.MAX_ATTEMPTS - 1)
    inbox.fail(claim_next(company.pk), "no answer")
    assert InboxMessage.objects.get().state == MessageState.DEAD


def test_the_sweep_finds_one_message_of_each_company_that_has_any_due(company, body):
    other = a_company()
    hear(body("m-1"), body("m-2"), a_body(other.visma_company_id, "m-3"))
    found = {InboxMessage.objects.get(pk=pk).company for pk in inbox.one_due_per_company()}
    assert found == {company, other}


def test_a_person_tries_a_given_up_message_again(company, body):
    hear(body("m-1"))
    InboxMessage.objects.update(state=MessageState.DEAD, attempts=15, reason="no answer")
    row, anna = InboxMessage.objects.get(), a_person()
    assert resolving.try_again(row, anna).many == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.reason, row.done_by) == (MessageState.RECEIVED, 0, "", anna)


def test_trying_again_reads_the_kept_bytes_anew_and_parks_what_is_still_wrong():
    hear(a_body("c-later", "m-1"))
    row = InboxMessage.objects.get()
    assert resolving.try_again(row, a_person()) == resolving.Again(1, parked=1)
    row.refresh_from_db()
    assert row.state == MessageState.PARKED
    company = a_company(visma_company_id="c-later")
    resolving.try_again(row, a_person())
    row.refresh_from_db()
    assert (row.state, row.company) == (MessageState.RECEIVED, company)


def test_all_messages_with_the_same_fault_are_tried_again_together(body):
    hear(body("m-1"), body("m-2"), body("m-3"))
    InboxMessage.objects.update(state=MessageState.DEAD, reason="unknown-file: gone")
    InboxMessage.objects.filter(message_id="m-3").update(reason="something else")
    assert resolving.try_all_like(InboxMessage.objects.get(message_id="m-1"), a_person()).many == 2
    assert InboxMessage.objects.get(message_id="m-3").state == MessageState.DEAD


def test_a_message_is_put_aside_with_a_reason_and_not_without_one():
    hear(b"nonsense")
    row, anna = InboxMessage.objects.get(), a_person()
    with pytest.raises(ValueError, match="why"):
        resolving.put_aside(row, anna, "  ")
    assert resolving.put_aside(row, anna, "a test of the bank")
    row.refresh_from_db()
    assert (row.state, row.done_by) == (MessageState.ASIDE, anna)
    assert row.reason.startswith("a test of the bank (The message is not JSON")


def test_a_handled_message_cannot_be_tried_again_or_put_aside(body):
    hear(body("m-1"))
    InboxMessage.objects.update(state=MessageState.HANDLED)
    row = InboxMessage.objects.get()
    assert resolving.try_again(row, a_person()).many == 0
    assert resolving.put_aside(row, a_person(), "why not") is False


def test_messages_that_came_before_the_company_was_linked_are_worked_on_after_all():
    hear(a_body("c-later", "m-1"), a_body("c-never", "m-2"))
    company = a_company(visma_company_id="c-later")
    assert resolving.adopt_foreign() == 1
    row = InboxMessage.objects.get(message_id="m-1")
    assert (row.state, row.company) == (MessageState.RECEIVED, company)
    assert InboxMessage.objects.get(message_id="m-2").state == MessageState.PARKED
