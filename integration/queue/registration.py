"""The private queue `vbus-<GUID>`: a Redis stream with our reading group, registered with the gateway.

Stream and registration are made again at every start of the consumer, and whenever either got lost: both calls change
nothing when all is well.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.utils import timezone

from autopay_console.kernel import broker
from autopay_console.kernel.once import once
from companies import saving
from companies.models import Person, SystemInformation
from integration import traffic
from integration.choices import ServiceState
from integration.gateway import client
from integration.gateway.answers import QueueState
from integration.gateway.errors import GatewayError
from integration.models import MessageQueue, WorkerBeat
from integration.queue.beating import WAITING

if TYPE_CHECKING:
    import redis

GROUP = "console"
CONSUMER = "consumer"  # kind of its heartbeat
ALIVE_SECONDS = 30  # six heartbeats
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Depth:
    """What stands in the queue: entries, of which taken but not acknowledged, and the age of the oldest in seconds."""

    entries: int
    taken: int
    oldest_seconds: int


def queue_name() -> str:
    """The queue of this instance; an older name can stand in System information."""
    row = client.system_information()
    return row.queue_name or f"vbus-{row.instance_guid}"


def service() -> MessageQueue:
    """The row of the message queue service, read once a page."""
    return once("queue service", lambda: MessageQueue.objects.get_or_create(pk=1)[0])


def beats() -> list[WorkerBeat]:
    """The last sign of life of every process of ours, read once a page; the oldest are of yesterday."""
    return once("beats", lambda: list(WorkerBeat.objects.order_by("kind", "name")))


def alive(kind: str) -> list[WorkerBeat]:
    """Processes of this kind that are at work now."""
    since = timezone.now() - timedelta(seconds=ALIVE_SECONDS)
    return [one for one in beats() if one.kind == kind and one.beat_at >= since and not one.stopping]


def replaced(beat: WorkerBeat) -> bool:
    """Whether another process of its kind began after the last sign of life of this one."""
    return any(one.started_at > beat.beat_at for one in alive(beat.kind))


def waits(consumer: WorkerBeat) -> bool:
    """Whether a consumer that is alive cannot read: broker or database do not answer it."""
    return consumer.doing.startswith(WAITING)


def ensure_stream(line: redis.Redis, name: str) -> bool:
    """Make stream and reading group when they are not there (first start, or a broker that lost its data)."""
    from redis import ResponseError

    try:
        line.xgroup_create(name, GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
        return False
    log.info("queue_made", queue=name)
    return True


def register() -> QueueState:
    """Register the queue with the gateway. Raises GatewayError; the reason is also kept for the operations page."""
    name = queue_name()
    now = timezone.now()
    try:
        with client.connect() as gateway:
            state = gateway.register_queue(name)
    except GatewayError as error:
        _note_error(f"{error.code}: {error.text}")
        raise
    service()
    MessageQueue.objects.filter(pk=1).update(last_registered_at=now, last_error="", last_error_at=None)
    SystemInformation.objects.filter(pk=1).update(queue_registered_at=state.registered_at or now)
    log.info("queue_registered", queue=name, created=state.created)
    return state


def register_if_forgotten() -> bool:
    """Ask the gateway whether it still knows our queue, and register again if not. True when it had forgotten."""
    with client.connect() as gateway:
        known = gateway.status().queue
    if known.registered and known.name == queue_name():
        return False
    register()
    return True


def install(by: Person) -> QueueState:
    """*Install*: make the queue and register it with the gateway. Raises redis.RedisError or GatewayError."""
    service()
    with broker.client() as line:
        ensure_stream(line, queue_name())
    with traffic.on_occasion(person=by):
        state = register()
    MessageQueue.objects.filter(pk=1, installed_at__isnull=True).update(installed_at=timezone.now(), installed_by=by)
    return state


def save_credentials(person: Person, user: str, password: str, *, by: Person) -> None:
    """*Credentials*: kept only when the gateway accepts them, the password encrypted. Raises GatewayError."""
    row = client.system_information()
    with (
        traffic.on_occasion(person=by),
        client.Gateway(row.opg_address, str(row.instance_guid), user, password) as gateway,
    ):
        gateway.status()
    row.gateway_user, row.gateway_password, row.service_person = user, password, person
    saving.save(row, ("gateway_user", "gateway_password", "service_person"), by, row.version)
    service()
    MessageQueue.objects.filter(pk=1).update(credentials_checked_at=timezone.now())


def pause(by: Person) -> bool:
    """Stop reading; messages wait in the queue. False when it was paused already."""
    service()
    return bool(
        MessageQueue.objects.filter(pk=1, paused_at__isnull=True).update(paused_at=timezone.now(), paused_by=by)
    )


def resume() -> bool:
    """Read again. False when nothing was paused."""
    return bool(MessageQueue.objects.filter(pk=1, paused_at__isnull=False).update(paused_at=None, paused_by=None))


def paused() -> bool:
    """Whether somebody paused the reading."""
    return service().paused_at is not None


def service_state() -> ServiceState:
    """The service as the guide's console shows it."""
    row = service()
    if alive(CONSUMER):
        return ServiceState.PAUSED if row.paused_at else ServiceState.RUNNING
    if any(one.kind == CONSUMER for one in beats()):
        return ServiceState.STOPPED
    if row.credentials_checked_at:
        return ServiceState.CREDENTIALS
    return ServiceState.INSTALLED if row.installed_at else ServiceState.NOT_INSTALLED


def depth(line: redis.Redis, name: str) -> Depth:
    """How much waits in the queue. A queue that is not there yet is empty."""
    entries = int(_value(line.xlen(name)))
    if not entries:
        return Depth(0, 0, 0)
    first: Any = line.xrange(name, count=1)
    born = int(first[0][0].partition(b"-")[0]) / 1000 if first else time.time()
    groups: Any = line.xinfo_groups(name)
    taken = sum(int(one["pending"]) for one in groups if _text(one["name"]) == GROUP)
    return Depth(entries, taken, max(0, int(time.time() - born)))


def _note_error(text: str) -> None:
    service()
    MessageQueue.objects.filter(pk=1).update(last_error=text[:500], last_error_at=timezone.now())
    log.warning("queue_not_registered", error=text[:200])


def _value(answer: Any) -> Any:
    """redis-py types answers of both its flavours; this one answers at once."""
    return answer


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
