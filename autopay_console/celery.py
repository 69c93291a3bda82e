"""The worker application: a message is a nudge, the row is the truth.

Settings were chosen for payments (docs/reliability.md): acknowledged late, one at a time, redelivered soon after a
crash. Failures are written on the row and retried by the sweep, never by the broker.
"""

from __future__ import annotations

import gc
import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopay_console.settings")
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")  # workers serve no pages; the web process checks those

from django.apps import apps
from django.conf import settings
from django_structlog.celery.receivers import CeleryReceiver

from autopay_console.kernel import steady

VISIBILITY_TIMEOUT = 300  # longer than any task may run
SWEEP_SECONDS = float(os.environ.get("SWEEP_SECONDS", "20"))

if not apps.ready:  # a worker begins here; a page that sends its first task comes with everything loaded
    gc.disable()  # loading leaves no garbage; collecting begins when the apps are loaded (autopay_console.apps)
steady.install()
app = Celery("autopay_console")
app.conf.update(
    broker_url=settings.REDIS_URL or "redis://localhost:6379/0",
    result_backend=None,
    task_ignore_result=True,
    accept_content=["json"],
    task_serializer="json",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_acks_on_failure_or_timeout=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=100,
    task_time_limit=120,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a broker that was away for a night is no reason to stop
    worker_enable_remote_control=False,
    task_default_queue="work",
    task_routes={
        "payments.tasks.settle_*": {"queue": "settlement"},
        "payments.tasks.import_*": {"queue": "imports"},
        "companies.tasks.send_mails": {"queue": "mail"},
    },
    broker_transport_options={
        "visibility_timeout": int(os.environ.get("BROKER_VISIBILITY_TIMEOUT", VISIBILITY_TIMEOUT)),
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 30,
        "global_keyprefix": settings.BROKER_KEY_PREFIX,
    },
    beat_schedule={
        "sweep": {
            "task": "integration.tasks.sweep",
            "schedule": SWEEP_SECONDS,
            "options": {"expires": max(SWEEP_SECONDS, 10.0)},  # sweeps do not pile up while workers are away
        },
        "download": {"task": "integration.tasks.download_all", "schedule": crontab(minute="*/15")},
        "house": {
            "task": "integration.tasks.keep_house",
            "schedule": crontab(minute="*/2"),
            "options": {"expires": 120.0},
        },
        "health": {"task": "integration.tasks.sample_health", "schedule": 60.0, "options": {"expires": 60.0}},
        "reminders": {"task": "payments.tasks.remind_approvers", "schedule": crontab(minute="*/5")},
        "check-books": {
            "task": "payments.tasks.check_books_nightly",
            "schedule": crontab(hour="2", minute="15"),
        },
        "mails": {"task": "companies.tasks.send_mails", "schedule": 60.0},
    },
    beat_scheduler="celery.beat:Scheduler",  # in memory: a schedule file can be damaged by a crash, and saves nothing
    timezone=settings.TIME_ZONE,
)
app.autodiscover_tasks()
_request_ids = CeleryReceiver()  # kept here: signals hold on to nobody
_request_ids.connect_signals()  # tasks carry the id of the request that started them
app.steps["worker"].add("integration.queue.beating:BeatAsWorker")  # the heartbeat of every worker
app.steps["worker"].add("django_structlog.celery.steps:DjangoStructLogInitStep")  # request ids go on into tasks


@setup_logging.connect
def _keep_our_logs(**kwargs: Any) -> None:
    """Celery must not replace the console's log format."""
