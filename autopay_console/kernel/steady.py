"""A worker that goes on after its broker died in the middle of a task.

When the broker is away at the moment a task is acknowledged, kombu raises before it forgets the delivery. With one
task at a time the worker then counts itself as busy for ever: it never asks the broker again, does not even notice
that the line broke, and says every few seconds that it is alive. Here the delivery is forgotten in any case; the
broker gives the task again after the visibility timeout, which tasks of ours are made for.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis


class SteadyQoS(redis.QoS):
    """Acknowledging never leaves a delivery behind."""

    def ack(self, delivery_tag: Any) -> None:
        """Tell the broker; when that fails, forget the delivery all the same."""
        try:
            super().ack(delivery_tag)
        except Exception:
            self._quick_ack(delivery_tag)  # type: ignore[attr-defined]
            raise

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        """The same for a task that is given back."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        except Exception:
            self._quick_ack(delivery_tag)  # type: ignore[attr-defined]
            raise


def install() -> None:
    """Every channel of this process is steady."""
    redis.Channel.QoS = SteadyQoS
