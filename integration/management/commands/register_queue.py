"""Register the private queue with the gateway by hand (the consumer does so at every start)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from autopay_console.kernel import broker
from integration.gateway.errors import GatewayError
from integration.queue import registration


class Command(BaseCommand):
    """Make stream and reading group, then tell the gateway."""

    help = "Creates the message queue and registers it with the gateway."

    def handle(self, *args: Any, **options: Any) -> None:
        """One line says what is registered."""
        name = registration.queue_name()
        try:
            with broker.client() as line:
                registration.ensure_stream(line, name)
            state = registration.register()
        except (GatewayError, broker.NoBroker, OSError) as error:
            raise CommandError(f"{name} is not registered: {error}") from error
        self.stdout.write(f"{state.name} is {'registered' if state.created else 'registered already'}.")
