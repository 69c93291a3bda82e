from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class IntegrationConfig(AppConfig):
    name = "integration"
    verbose_name = "Integration"

    def ready(self) -> None:
        from companies import readiness, row_checks
        from integration import (
            conditions,
            file_kinds,
            receivers,  # noqa: F401  (answers to the signals of payments register themselves)
        )
        from payments import files

        files.name_by(file_kinds.extension)
        readiness.register(conditions.bank_side)
        row_checks.register("systeminformation", conditions.gateway_address)
        row_checks.register("bankagreement", conditions.host_key)
        post_migrate.connect(fill_file_kinds, sender=self)


def fill_file_kinds(using: str, **said: Any) -> None:
    """The rows of File kind that every installation starts with; rows somebody changed stay."""
    from integration import file_kinds
    from integration.models import FileKind

    if FileKind._meta.db_table in connections[using].introspection.table_names():
        file_kinds.ensure()
