"""A large upload is a worker's job: once, resumed after a kill, stopped before it is sealed, never half done."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.choices import JobState
from companies.models import Job
from payments import files
from payments.choices import LineStatus, RoundState
from payments.models import Payment, Transfer, TransferItem
from payments.preparing import sealing
from payments.releasing import upload_jobs, uploading
from tests import build

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """A process that ends without a word: nothing after it runs."""


@pytest.fixture(autouse=True)
def small(settings, tmp_path):
    """Three lines are a large payment here; files lie in a folder of the test."""
    settings.UPLOAD_JOB_LINES = 3
    settings.DATA_AREA = tmp_path


@pytest.fixture
def payment():
    payment = build.an_estimate(lines=3)
    for _ in range(2):
        build.an_approver(payment.company)
    return payment


def started(payment):
    return upload_jobs.start(payment, payment.created_by, frozenset())


def again(payment):
    payment.refresh_from_db()
    return payment


def killed(monkeypatch, where, what, job):
    """The worker dies at this point: no `except`, no `finally` of it counts."""

    def die(*_args, **_more):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(where, what, die)
        patched.setattr(uploading, "give_back", lambda *_a: None)
        patched.setattr(files, "remove", lambda *_a: None)
        with pytest.raises(Killed):
            upload_jobs.run(job.pk)
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def stored(company):
    return sorted(path for path in files.stored_paths() if path.startswith(f"{company.number}/"))


def test_a_worker_uploads_what_the_request_only_took(payment):
    job = started(payment)
    assert again(payment).round_state == RoundState.WAITING
    assert payment.needed == 0
    assert upload_jobs.run(job.pk)
    assert again(payment).needed == 2
    assert set(payment.lines.values_list("status", flat=True)) == {LineStatus.AT_EFT}
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_second_click_is_told_that_the_payment_was_taken(payment):
    started(payment)
    with pytest.raises(uploading.AlreadyUploaded):
        started(payment)
    assert Job.objects.count() == 1


def test_a_job_runs_once_however_often_it_is_nudged(payment):
    job = started(payment)
    assert upload_jobs.run(job.pk)
    assert not upload_jobs.run(job.pk)
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (sealing, "planned"),
        (sealing, "_keep_transfer"),
        (sealing, "_keep_items"),
        (uploading, "_remember"),
        (uploading, "hand_over"),
    ],
)
def test_a_kill_at_any_step_leaves_nothing_half_done(payment, monkeypatch, where, what):
    job = started(payment)
    killed(monkeypatch, where, what, job)
    assert upload_jobs.due() == [str(job.pk)]
    assert upload_jobs.run(job.pk)
    transfer = Transfer.objects.get()
    assert again(payment).needed == 2
    assert TransferItem.objects.filter(transfer=transfer).count() == 3
    assert stored(payment.company) == [transfer.path]


def test_a_payment_that_may_not_go_is_an_estimate_again_with_the_reason(payment):
    payment.lines.update(account="86011117948")
    job = started(payment)
    upload_jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "86011117948" in job.error
    assert again(payment).round_state == RoundState.DRAFT
    assert stored(payment.company) == []


def test_stopped_before_a_worker_took_it_the_payment_is_an_estimate_again(payment):
    job = started(payment)
    assert upload_jobs.stop(payment, payment.created_by)
    assert again(payment).round_state == RoundState.DRAFT
    assert not upload_jobs.run(job.pk)
    assert Job.objects.get().state == JobState.STOPPED


def test_stopped_while_it_is_sealed_leaves_no_file(payment, monkeypatch):
    job = started(payment)
    real = sealing.seal

    def stop_meanwhile(*given):
        sealed = real(*given)
        assert upload_jobs.stop(payment, payment.created_by)
        return sealed

    monkeypatch.setattr(sealing, "seal", stop_meanwhile)
    upload_jobs.run(job.pk)
    assert again(payment).round_state == RoundState.DRAFT
    assert not Transfer.objects.exists()
    assert stored(payment.company) == []


def test_uploaded_anew_after_a_stop_the_sweep_leaves_it_alone(payment, monkeypatch):
    job = started(payment)
    real = sealing.seal

    def stop_meanwhile(*given):
        assert upload_jobs.stop(payment, payment.created_by)
        return real(*given)

    with monkeypatch.context() as patched:
        patched.setattr(sealing, "seal", stop_meanwhile)
        upload_jobs.run(job.pk)
    second = started(again(payment))
    Job.objects.filter(pk=job.pk, leased_until__isnull=False).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert upload_jobs.put_stopped_back() == 0
    assert upload_jobs.run(second.pk)
    assert again(payment).needed == 2


def test_what_was_sealed_meanwhile_is_not_given_back(payment):
    job = started(payment)
    before = again(payment)
    upload_jobs.run(job.pk)
    Payment.objects.filter(pk=payment.pk).update(needed=0)  # sealed, and about to be handed over
    uploading.give_back(before, before.uploaded_at)
    assert (again(payment).round_state, Transfer.objects.count()) == (RoundState.WAITING, 1)


def test_stopped_while_a_worker_died_at_it_the_sweep_gives_it_back(payment, monkeypatch):
    job = started(payment)
    killed(monkeypatch, sealing, "_keep_items", job)
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() + timedelta(seconds=60))
    assert upload_jobs.stop(payment, payment.created_by)
    assert again(payment).round_state == RoundState.WAITING
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert upload_jobs.put_stopped_back() == 1
    assert again(payment).round_state == RoundState.DRAFT


def test_it_is_too_late_to_stop_what_was_sealed(payment):
    job = started(payment)
    upload_jobs.run(job.pk)
    assert not upload_jobs.stop(payment, payment.created_by)
    assert again(payment).needed == 2


def test_the_watch_over_cut_off_uploads_leaves_jobs_alone(payment):
    started(payment)
    Payment.objects.update(uploaded_at=timezone.now() - timedelta(hours=1))
    assert uploading.finish_interrupted() == []


def test_it_is_given_up_after_some_deaths(payment):
    job = started(payment)
    Job.objects.filter(pk=job.pk).update(attempts=upload_jobs.MOST_ATTEMPTS)
    upload_jobs.run(job.pk)
    assert Job.objects.get().state == JobState.FAILED
    assert again(payment).round_state == RoundState.DRAFT


class TestPages:
    """The dialog starts the job; the page shows how far it is."""

    def test_a_large_payment_is_uploaded_by_a_job(self, payment, client):
        client.force_login(payment.created_by)
        client.post(reverse("upload", args=[payment.number]), {})
        job = Job.objects.get()
        text = client.get(reverse("uploaded", args=[payment.number])).content.decode()
        assert "is being uploaded" in text
        assert "<progress" in text
        upload_jobs.run(job.pk)
        assert "is uploaded" in client.get(reverse("uploaded", args=[payment.number])).content.decode()

    def test_a_small_payment_is_uploaded_in_the_request(self, payment, client, settings):
        settings.UPLOAD_JOB_LINES = 4
        client.force_login(payment.created_by)
        client.post(reverse("upload", args=[payment.number]), {})
        assert again(payment).needed == 2
        assert not Job.objects.exists()

    def test_the_lines_page_says_why_the_last_upload_came_to_nothing(self, payment, client):
        payment.lines.update(account="86011117948")
        upload_jobs.run(started(payment).pk)
        client.force_login(payment.created_by)
        text = client.get(reverse("draft", args=[payment.number])).content.decode()
        assert "The last upload came to nothing" in text

    def test_the_upload_is_stopped_from_the_page(self, payment, client):
        started(payment)
        client.force_login(payment.created_by)
        client.post(reverse("upload_stop", args=[payment.number]))
        assert again(payment).round_state == RoundState.DRAFT
