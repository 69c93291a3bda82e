"""The operations figures as Prometheus text (address /metrics, guarded by METRICS_TOKEN). Holds no amounts.

Figures of parts come from the last sample, so that being read often costs nothing; counts come from the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain

from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from companies.models import MailOutbox
from integration.choices import MessageState
from integration.models import HealthSample, InboxMessage, WorkerBeat
from payments.choices import TransferState
from payments.models import Transfer

FRESH = timedelta(minutes=5)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def text() -> bytes:
    """Everything at this moment."""
    registry = CollectorRegistry()
    registry.register(Console())
    return generate_latest(registry)


class Console(Collector):
    """One collection per reading."""

    def describe(self) -> Iterable[Metric]:
        """Nothing is collected when the collector is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families."""
        return chain(_parts(), _counts(), _processes())


def _parts() -> Iterator[Metric]:
    good = GaugeMetricFamily("autopay_part_good", "1 when a part of the installation works", labels=["part"])
    value = GaugeMetricFamily("autopay_part_value", "Last measured value of a part, in its own unit", labels=["part"])
    seen: set[str] = set()
    for row in HealthSample.objects.filter(at__gte=timezone.now() - FRESH).order_by("-at", "-id"):
        if row.part not in seen:
            seen.add(row.part)
            good.add_metric([row.part], float(row.good))
            value.add_metric([row.part], float(row.value))
    yield good
    yield value


def _counts() -> Iterator[Metric]:
    """States that hold little; handled messages and accepted files are not counted at every reading."""
    messages = GaugeMetricFamily("autopay_messages", "Queue messages that are not done, by state", labels=["state"])
    open_states = [state for state in MessageState if state not in (MessageState.HANDLED, MessageState.ASIDE)]
    found = InboxMessage.objects.filter(state__in=open_states).values_list("state").annotate(Count("pk")).order_by()
    counts: dict[str, int] = dict(found)
    for state in open_states:
        messages.add_metric([state.value], counts.get(state.value, 0))
    yield messages
    files = GaugeMetricFamily("autopay_transfers", "Payment files on their way, by state", labels=["state"])
    moving = (TransferState.RELEASED, TransferState.SENDING, TransferState.UNKNOWN)
    sent: dict[str, int] = dict(
        Transfer.objects.filter(state__in=moving).values_list("state").annotate(Count("pk")).order_by()
    )
    for move in moving:
        files.add_metric([move.value], sent.get(move.value, 0))
    yield files
    unsent = MailOutbox.objects.filter(sent_at__isnull=True).count()
    yield GaugeMetricFamily("autopay_mails_unsent", "Mails in the outbox", value=unsent)


def _processes() -> Iterator[Metric]:
    now = timezone.now()
    age = GaugeMetricFamily(
        "autopay_heartbeat_age_seconds", "Age of a process' last heartbeat", labels=["kind", "name"]
    )
    handled = GaugeMetricFamily(
        "autopay_process_handled", "Messages or tasks a process took since it started", labels=["kind", "name"]
    )
    for row in WorkerBeat.objects.filter(stopping=False):
        age.add_metric([row.kind, row.name], max(0.0, (now - row.beat_at).total_seconds()))
        handled.add_metric([row.kind, row.name], float(row.handled))
    yield age
    yield handled
