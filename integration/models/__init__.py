"""Tables of the outside world: queue, inbox, exchanges, health."""

from integration.models.exchange import Exchange, FileKind, StoredFile, UsedNonce
from integration.models.health import HealthSample, WorkerBeat
from integration.models.linking import ActivationRun, CompanyExport
from integration.models.queue import ApiKey, ApiRequest, DownloadMark, InboxMessage, MessageQueue

__all__ = [
    "ActivationRun",
    "ApiKey",
    "ApiRequest",
    "CompanyExport",
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
