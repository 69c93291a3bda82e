"""Structured logs: one line per event with request, message and payment ids; never a secret."""

from __future__ import annotations

import logging
import logging.config
from typing import Any

import structlog
from django.conf import settings

QUEUE_LOG = "message-queue"  # the ring of the message queue service
SECRET_WORDS = (
    "password",
    "secret",
    "signing_key",
    "authorization",
    "signature",
    "token",
    "cookie",
    "api_key",
)


def hide_secrets(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Blank every value whose name says that it is a secret."""
    for key in event:
        if any(word in key.lower() for word in SECRET_WORDS):
            event[key] = "…"
    return event


def configure() -> None:
    """Set up structlog and the standard library's loggers with one format (JSON in production)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.LOG_JSON
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    told = "DEBUG" if settings.LOG_LEVEL == "DEBUG" else "INFO"  # the page shows what an output may leave out
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,  # no values of local names: they may be secrets
                        renderer,
                    ],
                    "foreign_pre_chain": shared,
                }
            },
            "handlers": {
                "out": {"class": "logging.StreamHandler", "formatter": "line", "level": settings.LOG_LEVEL},
                "ring": {
                    "class": "autopay_console.kernel.log_ring.RingHandler",
                    "ring": QUEUE_LOG,
                    "level": "INFO",
                },
            },
            "root": {"handlers": ["out"], "level": settings.LOG_LEVEL},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "fontTools": {"level": "WARNING"},
                # what the message queue service does, also on its page; the lines go on to the output as well
                "integration.queue": {"handlers": ["ring"], "level": told},
                "integration.receiving": {"handlers": ["ring"], "level": told},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
