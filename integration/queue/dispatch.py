"""Working on messages: company by company, one after the other, each claimed, handled and recorded.

Failures are told apart: what may pass by itself is tried again later, what cannot is parked for a person. A gateway
that is away ends the round of that company, so that not every message runs into the same wall.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars

from autopay_console.kernel.nudging import nudge
from integration.choices import MessageState
from integration.gateway.errors import GatewayError, Refused
from integration.models import InboxMessage
from integration.queue import inbox
from integration.queue.envelope import SELF_TEST
from integration.receiving import Result, Unfit, handle

SLICE_SECONDS = 20.0  # and the last message of it; both fit the lease of a claim
NOTHING_MORE = Result()
Handler = Callable[[InboxMessage], Result]
log = structlog.get_logger(__name__)


def work(ids: Iterable[UUID | str], handler: Handler | None = None) -> int:
    """Work on what is due for the companies of these messages, for one slice of time; how many were worked on.

    What is left when the slice ends is nudged again, so that no task runs long and no company waits for another.
    """
    end = time.monotonic() + SLICE_SECONDS
    done = 0
    for company_id in inbox.companies_of(ids):
        while time.monotonic() < end and (messages := inbox.claim_some(company_id)):
            worked, goes_on = _work_through(messages, handler or route, end)
            done += worked
            if not goes_on:
                break
    if time.monotonic() >= end:
        nudge("integration.tasks.handle_messages", inbox.one_due_per_company())
    return done


def _work_through(messages: Sequence[InboxMessage], handler: Handler, end: float) -> tuple[int, bool]:
    """How many of a claim were worked on, and whether this company goes on. Those that need no word more are
    finished together; those the slice of time has no room for are given back."""
    plain: list[InboxMessage] = []
    worked, goes_on = 0, True
    for message in messages:
        if not goes_on or time.monotonic() >= end:
            break
        worked += 1
        goes_on = work_on(message, handler, plain)
    inbox.finish_all(plain)
    inbox.give_back(messages[worked:])
    return worked, goes_on


def work_on(message: InboxMessage, handler: Handler, plain: list[InboxMessage]) -> bool:
    """Handle one claimed message and write down how it ended, or put it to the `plain` ones that are finished later.

    False: the gateway is away, leave this company.
    """
    with _said_about(message):
        try:
            result = handler(message)
        except Unfit as error:
            inbox.finish(message, MessageState.PARKED, str(error))
            log.warning("message_parked", reason=str(error)[:200])
        except Refused as error:
            inbox.finish(message, MessageState.PARKED, f"{error.code}: {error.text}")
            log.warning("message_parked", reason=error.code)
        except GatewayError as error:
            inbox.fail(message, f"{error.code}: {error.text}")
            log.warning("message_waits", reason=error.code, attempts=message.attempts)
            return False
        except Exception as error:
            inbox.fail(message, f"{type(error).__name__}: {error}")
            log.exception("message_failed", attempts=message.attempts)
        else:
            if result == NOTHING_MORE:
                plain.append(message)
            else:
                inbox.finish(message, result.state, result.reason, result.bank_file)
            log.info("message_handled", state=str(result.state), attempts=message.attempts)
    return True


def route(message: InboxMessage) -> Result:
    """Who handles a message: our own test messages end here, all others bring a file."""
    return Result() if message.message_type == SELF_TEST else handle(message)


@contextmanager
def _said_about(message: InboxMessage) -> Iterator[None]:
    """Every log line below names message and company; a message that no request started is its own request."""
    names = inbox.names_of(message)
    if message.company:
        names["company"] = str(message.company.number)
    with bound_contextvars(**names):
        yield
