"""The broker as redis-py sees it: one address in the settings, for Celery and for the private queue.

redis-py is loaded by the first connection: it takes long, and most pages and commands ask no broker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    import redis

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0  # longer than any blocking read of ours


class NoBroker(RuntimeError):
    """REDIS_URL is not set: there is no broker to talk to."""


def plain_url(url: str) -> str:
    """Celery's `redis+socket://path?virtual_host=0` in redis-py's words; other addresses are the same for both."""
    parts = urlsplit(url)
    if parts.scheme != "redis+socket":
        return url
    database = parse_qs(parts.query).get("virtual_host", ["0"])[0]
    return f"unix://{parts.path}?db={database}"


def troubles(*also: type[Exception]) -> tuple[type[Exception], ...]:
    """What asking the broker may raise. Written as `except broker.troubles():`, it is asked only after a failure."""
    from redis import RedisError

    return RedisError, OSError, NoBroker, *also


def client(*, read_seconds: float = READ_SECONDS) -> redis.Redis:
    """A client of the broker in the settings; it connects at the first command and again after a break."""
    if not settings.REDIS_URL:
        raise NoBroker(_("REDIS_URL is not set: there is no broker to talk to."))
    from redis import Redis

    return Redis.from_url(
        plain_url(settings.REDIS_URL), socket_connect_timeout=CONNECT_SECONDS, socket_timeout=read_seconds
    )
