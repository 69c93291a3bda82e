"""Mail leaves once per key, and a mail server that is down costs a delay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from companies import mails
from companies.models import MailOutbox

pytestmark = pytest.mark.django_db


class Down(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("nobody answers at the mail server")


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []


def post(key="approval:1", to=("anna@example.com",), **facts):
    return mails.post(key, to, "Payments wait for you", "3 payments wait.", **facts)


def test_a_mail_is_sent_once_to_everybody_named():
    post(to=["anna@example.com", " bo@example.com ", "anna@example.com", ""])
    assert mails.send_due() == 1
    assert mails.send_due() == 0
    assert mail.outbox[0].to == ["anna@example.com", "bo@example.com"]


def test_the_same_event_makes_one_mail():
    assert post() is True
    assert post() is False
    assert MailOutbox.objects.count() == 1


def test_a_mail_to_nobody_is_no_mail():
    assert post(to=[""]) is False
    assert not MailOutbox.objects.exists()


def test_a_subject_never_becomes_a_second_header():
    mails.post("k", ["anna@example.com"], "Payment 7\nBcc: thief@example.com", "…")
    mails.send_due()
    assert mail.outbox[0].subject == "Payment 7 Bcc: thief@example.com"


def test_a_mail_waits_until_its_time():
    post(not_before=timezone.now() + timedelta(hours=1))
    assert mails.send_due() == 0


def test_a_mail_server_that_is_down_costs_a_delay(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    post()
    assert mails.send_due() == 0
    row = MailOutbox.objects.get()
    assert (row.attempts, row.sent_at) == (1, None)
    assert "nobody answers" in row.last_error
    assert row.not_before > timezone.now()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    MailOutbox.objects.update(not_before=timezone.now())
    assert mails.send_due() == 1


def test_a_mail_is_given_up_after_its_last_attempt():
    post()
    MailOutbox.objects.update(attempts=mails.MAX_ATTEMPTS)
    assert mails.due() == []


def test_a_mail_that_another_worker_has_is_left_alone():
    post()
    MailOutbox.objects.update(attempts=1, not_before=timezone.now() + mails.LEASE)
    assert mails.send_due() == 0
