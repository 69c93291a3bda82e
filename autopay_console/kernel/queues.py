"""Names of the task queues: the one list that processes, health checks and the installation's description share."""

from __future__ import annotations

QUEUES = ("work", "settlement", "imports", "mail")
