"""The site as an app, so that its checks, commands and translations are found."""

import gc

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "autopay_console"
    verbose_name = "AutoPay Console"

    def ready(self) -> None:
        from autopay_console import checks, logs  # noqa: F401  (checks register themselves)

        logs.configure()
        gc.freeze()  # what is loaded by now stays: no collection need look at it again
        gc.enable()
