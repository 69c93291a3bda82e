"""Tables of the outside world: queue, inbox, exchanges, health."""

from integration.models.exchange import Exchange, FileKind, StoredFile, UsedNonce
from integration.models.health import HealthSample, WorkerBeat
from integration.models.queue import ApiKey, ApiRequest, DownloadMark, InboxMessage, MessageQueue

__all__ = [
    "ApiKey",
    "ApiRequest",
    "DownloadMark",
    "Exchange",
    "FileKind",
    "HealthSample",
    "InboxMessage",
    "MessageQueue",
    "StoredFile",
    "UsedNonce",
    "WorkerBeat",
]
