from django.apps import AppConfig


class IntegrationConfig(AppConfig):
    name = "integration"
    verbose_name = "Integration"

    def ready(self) -> None:
        from companies import readiness
        from integration import (
            conditions,
            receivers,  # noqa: F401  (answers to the signals of payments register themselves)
        )

        readiness.register(conditions.bank_side)
