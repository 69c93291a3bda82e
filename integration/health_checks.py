"""What is measured, part by part, in the order a payment's answer travels."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from autopay_console.kernel import broker
from autopay_console.kernel.queues import QUEUES
from companies import installation, mails
from companies.models import Company, MailOutbox, SystemInformation
from integration import health_gateway
from integration.health_parts import SCHEDULE, Check, Fact, Level, Part, ago
from integration.health_traffic import bank_files, files_today, messages, parked_payments
from integration.queue import beating, registration
from payments import files
from payments.choices import TransferState
from payments.models import Transfer

SLOW_DATABASE_MS, SLOW_BROKER_MS = 500, 500
OLD_MESSAGE_SECONDS = 300
SCHEDULE_SECONDS = 120
LATE_TRANSFER = timedelta(minutes=10)
CERTIFICATE_WARNING = timedelta(days=30)
LOW_DISK_PERCENT, LOW_DISK_BYTES = 5, 1024**3


def database() -> Iterator[Part]:
    """One query, in milliseconds."""
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    took = _ms(started)
    level = Level.ATTENTION if took > SLOW_DATABASE_MS else Level.GOOD
    words = _("The database answered in %(ms)d ms.") % {"ms": took}
    yield Part("database", level, took, "ms", _up_to_ms(SLOW_DATABASE_MS), words, _("Look at the database's load."))


def broker_and_queue() -> Iterator[Part]:
    """The broker's answer, and what waits in the private queue."""
    remedy = _("Start the broker and check REDIS_URL. Nothing is lost: what is due is found again afterwards.")
    try:
        with broker.client(read_seconds=5) as line:
            started = time.monotonic()
            line.ping()
            took = _ms(started)
            depth = registration.depth(line, registration.queue_name())
    except broker.troubles() as error:
        text = _("The broker does not answer: %(error)s") % {"error": str(error)[:150]}
        yield Part("broker", Level.TROUBLE, 0, "ms", _up_to_ms(SLOW_BROKER_MS), text, remedy)
        unseen = _("Not known while the broker does not answer.")
        yield Part("queue", Level.ATTENTION, 0, "", _queue_normal(), unseen, remedy, fact=Fact.UNSEEN)
        return
    level = Level.ATTENTION if took > SLOW_BROKER_MS else Level.GOOD
    words = _("The broker answered in %(ms)d ms.") % {"ms": took}
    yield Part("broker", level, took, "ms", _up_to_ms(SLOW_BROKER_MS), words, remedy)
    late = depth.oldest_seconds > OLD_MESSAGE_SECONDS
    said = {"count": depth.entries, "ago": ago(timedelta(seconds=depth.oldest_seconds))}
    yield Part(
        "queue",
        Level.TROUBLE if late else Level.GOOD,
        depth.entries,
        "messages",
        _queue_normal(),
        ngettext(
            "%(count)d message in the queue; it came %(ago)s.",
            "%(count)d messages in the queue; the oldest came %(ago)s.",
            depth.entries,
        )
        % said
        if depth.entries
        else _("The queue is empty."),
        _("Is the consumer running, or was it paused? Start it, or resume reading."),
    )


def _queue_normal() -> str:
    return _("none older than %(seconds)d s") % {"seconds": OLD_MESSAGE_SECONDS}


def processes() -> Iterator[Part]:
    """Heartbeats of consumer, workers and schedule."""
    now = timezone.now()
    yield _consumer()
    serving = registration.alive("worker")
    served = {name.strip() for one in serving for name in one.doing.removeprefix("queues:").split(",")}
    missing = [name for name in QUEUES if name not in served]
    words = ngettext("%(count)d worker serves all queues.", "%(count)d workers serve all queues.", len(serving)) % {
        "count": len(serving)
    }
    if missing:
        words = _("No worker serves: %(queues)s.") % {"queues": ", ".join(missing)}
    level = Level.TROUBLE if missing else Level.GOOD
    remedy = _("Start a worker for these queues; rows wait until then.")
    yield Part("workers", level, len(serving), "processes", _("at least 1"), words, remedy)
    yield _schedule(now, min((one.started_at for one in serving), default=None))


def _consumer() -> Part:
    """Who reads the queue. One that is alive but is not answered by broker or database reads nothing."""
    alive = registration.alive(registration.CONSUMER)
    reading, paused = sum(not registration.waits(one) for one in alive), registration.paused()
    full = all(one.doing.startswith(beating.FULL) for one in alive)
    level, remedy = Level.TROUBLE, _("Start one with manage.py consume_queue, or resume reading.")
    words = ngettext("%(count)d consumer is reading.", "%(count)d consumers are reading.", reading) % {"count": reading}
    if not alive:
        words = _("No consumer is reading the queue.")
    elif not reading:
        words = _("The consumer cannot read: broker or database do not answer it.")
        remedy = _("It goes on by itself when they answer.")
    elif paused:
        words = _("Reading is paused by a person; messages wait in the queue.")
    elif full:
        words = _("Reading rests: too many messages wait to be handled.")
        remedy = _("Do the workers keep up? Start another one; reading goes on by itself.")
    if reading:
        level = Level.ATTENTION if paused or full else Level.GOOD
    fact = Fact.PAUSED if paused else ""
    return Part("consumer", level, reading, "processes", _("at least 1"), words, remedy, fact=fact)


def _schedule(now: datetime, started: datetime | None) -> Part:
    """The schedule's heartbeat. Right after a start (of the first worker that is alive) it gets time for its first."""
    last = next((one.beat_at for one in registration.beats() if one.name == SCHEDULE), None)
    age = int((now - last).total_seconds()) if last else 0
    level = Level.GOOD if last and age <= SCHEDULE_SECONDS else Level.TROUBLE
    words = _("The schedule has never run.")
    if last:
        words = _("The schedule last ran %(ago)s.") % {"ago": ago(now - last)}
    if level == Level.TROUBLE and started and (now - started).total_seconds() <= SCHEDULE_SECONDS:
        level, seconds = Level.ATTENTION, int((now - started).total_seconds())
        words = _("The schedule has not run yet; the first worker started %(seconds)d s ago.") % {"seconds": seconds}
    normal = _("at most %(seconds)d s") % {"seconds": SCHEDULE_SECONDS}
    remedy = _("Start celery beat (exactly one) and a worker.")
    if level == Level.ATTENTION:
        remedy = _("Look again in two minutes: it says so when it does not run.")
    return Part(SCHEDULE, level, age, "s" if last else "", normal, words, remedy)


def transfers() -> Iterator[Part]:
    """Payment files that should have left or been answered by now."""
    late = timezone.now() - LATE_TRANSFER
    unsent = Q(state=TransferState.RELEASED, not_before__lt=late)
    unsure = Q(state__in=(TransferState.SENDING, TransferState.UNKNOWN), sent_at__lt=late)
    count = Transfer.objects.filter(unsent | unsure).count()
    free = unsure | unsent & Q(company__outgoing_stopped_at__isnull=True)
    stopped = _whole_stop() is not None
    held = count and (stopped or not Transfer.objects.filter(free).exists())
    words = _("No payment file waits longer than ten minutes.")
    if count:
        words = ngettext(
            "%(count)d payment file waits longer than ten minutes.",
            "%(count)d payment files wait longer than ten minutes.",
            count,
        ) % {"count": count}
    if stopped or held:
        words += " " + _("Sending is stopped by a person.")
    level = Level.GOOD if not count else (Level.ATTENTION if held else Level.TROUBLE)
    remedy = _("Open them: the last error says what is wrong. A file is asked about before it is ever sent again.")
    yield Part("transfers", level, count, "files", "0", words, remedy)


def certificate() -> Iterator[Part]:
    """The OPG's certificate and until when it is good."""
    row = installation.row()
    remedy = _("An instance administrator uploads it under Enable Visma.net.")
    if row is None or row.certificate_uploaded_at is None:
        text = _("No OPG certificate is uploaded.")
        yield Part("certificate", Level.ATTENTION, 0, "", _("uploaded"), text, remedy)
        return
    if row.certificate_valid_to is None:
        yield Part("certificate", Level.GOOD, 0, "", _("uploaded"), _("The OPG certificate is uploaded."))
        return
    days = (row.certificate_valid_to - timezone.now()).days
    level = Level.GOOD if days >= CERTIFICATE_WARNING.days else (Level.ATTENTION if days >= 0 else Level.TROUBLE)
    words = _("The OPG certificate is good for %(days)d more days.") % {"days": days}
    if days < 0:
        words = _("The OPG certificate has run out.")
    yield Part("certificate", level, days, "days", _("at least 30"), words, remedy)


def disk() -> Iterator[Part]:
    """Room left for files (data area) and for the database of a small installation."""
    place = files.data_area()
    while not place.exists() and place != Path(place.anchor):
        place = place.parent
    usage = shutil.disk_usage(place)
    percent = usage.free * 100 // usage.total
    low = percent < LOW_DISK_PERCENT or usage.free < LOW_DISK_BYTES
    words = _("%(percent)d %% of the disk with the data area is free.") % {"percent": percent}
    level = Level.TROUBLE if low else Level.GOOD
    yield Part("disk", level, percent, "%", _("at least 5 %"), words, _("Make room, or move the data area."))


def outgoing_mail() -> Iterator[Part]:
    """Mails that could not be sent."""
    stuck = MailOutbox.objects.filter(sent_at__isnull=True, attempts__gte=mails.MAX_ATTEMPTS).count()
    level, words = Level.GOOD, _("No mail is held up.")
    if stuck:
        words = ngettext("%(count)d mail could not be sent.", "%(count)d mails could not be sent.", stuck)
        level, words = Level.ATTENTION, words % {"count": stuck}
    remedy = _("Check the mail server %(host)s (EMAIL_URL).") % {"host": settings.EMAIL_HOST}
    yield Part("mail", level, stuck, "mails", "0", words, remedy)


def stops() -> Iterator[Part]:
    """Who holds sending back: nothing leaves, whatever else works."""
    normal, remedy = _("not stopped"), _("Two people let it go on under Sending, when the reason is settled.")
    whole = _whole_stop()
    if whole is not None:
        words = _("Sending is stopped for all companies: %(why)s") % {"why": whole.stopped_why}
        yield Part("stop", Level.ATTENTION, 1, "", normal, words, remedy, fact=Fact.STOPPED)
        return
    count = Company.objects.filter(outgoing_stopped_at__isnull=False).count()
    if count:
        words = ngettext(
            "Sending is stopped for %(count)d company.", "Sending is stopped for %(count)d companies.", count
        ) % {"count": count}
        yield Part("stop", Level.ATTENTION, count, "companies", normal, words, remedy)
        return
    yield Part("stop", Level.GOOD, 0, "companies", normal, _("Nobody has stopped sending."))


def _whole_stop() -> SystemInformation | None:
    """The installation's row when sending is stopped for all companies."""
    row = installation.row()
    return row if row is not None and row.stopped_at else None


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _up_to_ms(most: int) -> str:
    return _("at most %(ms)d ms") % {"ms": most}


CHECKS: dict[str, Check] = {
    "database": database,
    "broker": broker_and_queue,
    "gateway": health_gateway.ask,
    "consumer": processes,
    "messages": messages,
    "payments": parked_payments,
    "files": bank_files,
    "transfers": transfers,
    "stop": stops,
    "traffic": files_today,
    "certificate": certificate,
    "disk": disk,
    "mail": outgoing_mail,
}
