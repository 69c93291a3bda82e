"""The gateway as it was last asked. Only the probe (schedule) and a person who presses *Check now* call it: pages that
are looked at often read what was found then, so that ten open screens are no load on the gateway and its log.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from companies import installation
from integration import traffic
from integration.gateway import client
from integration.gateway.errors import GatewayError
from integration.gateway.reasons import SENTENCES, sentence
from integration.health_parts import OLD_SECONDS, Fact, Level, Part, ago
from integration.models import HealthSample
from integration.queue import registration

GATEWAY, REGISTRATION = "gateway", "registration"
SLOW_MS = 5000
PATIENCE_SECONDS = 10  # a worker that waits longer for a gateway that hangs would miss the next rounds


def ask() -> Iterator[Part]:
    """Ask the gateway now: does it answer, does it reach AutoPay central, does it know our queue."""
    if not _address_is_there():
        yield _gateway(Fact.NO_ADDRESS)
        return
    started = time.monotonic()
    try:
        with client.connect(PATIENCE_SECONDS) as line:
            status = line.status()
    except GatewayError as error:
        yield _gateway(Fact.SILENT, _ms(started), _why(error))
        return
    yield _gateway(Fact.CONNECTED if status.connected else Fact.CUT_OFF, _ms(started))
    known = status.queue.registered and status.queue.name == registration.queue_name()
    yield _registration(Fact.KNOWN if known else Fact.FORGOTTEN)


def as_last_asked() -> Iterator[Part]:
    """What the last probe found, with its moment; nothing is called."""
    if not _address_is_there():
        yield _gateway(Fact.NO_ADDRESS)
        return
    asked = _last(GATEWAY)
    if asked is None or asked.fact == Fact.NO_ADDRESS or (asked.good and not asked.fact):
        words = _("The gateway has not been asked yet.")
        yield Part(GATEWAY, Level.ATTENTION, 0, "", _normal(), words, _check_now(), fact=Fact.NOT_ASKED)
        return
    found = [_gateway(Fact(asked.fact or Fact.SILENT), asked.value, asked.facts)]
    known = _last(REGISTRATION)
    if known is not None and known.fact and known.at >= asked.at:
        found.append(_registration(Fact(known.fact)))
    for part in found:
        yield _with_age(part, asked.at)


def _last(part: str) -> HealthSample | None:
    return HealthSample.objects.filter(part=part).order_by("-at", "-pk").first()


def _with_age(part: Part, at: datetime) -> Part:
    """An old answer proves nothing, however good it was: nobody knows whether money moves."""
    age = timezone.now() - at
    if age.total_seconds() <= OLD_SECONDS or part.level == Level.TROUBLE:
        return replace(part, at=at)
    asked = _("The gateway was last asked %(ago)s.") % {"ago": ago(age)}
    words = f"{asked} {part.words}"
    return replace(part, level=Level.ATTENTION, words=words, remedy=_check_now(), fact=Fact.OLD, at=at)


def _gateway(fact: Fact, took: int = 0, why: Mapping[str, Any] | None = None) -> Part:
    level, why = Level.TROUBLE, why or {}
    words = sentence(str(why.get("code", "")), why)
    remedy = _remedy(str(why.get("code", "")))
    if fact == Fact.NO_ADDRESS:
        level, words = Level.ATTENTION, _("No gateway address is entered yet.")
        return Part(
            GATEWAY,
            level,
            0,
            "ms",
            "",
            words,
            _("An instance administrator enters it under Enable Visma.net."),
            fact=fact,
        )
    if fact == Fact.CUT_OFF:
        words = _("The gateway answers, but does not reach AutoPay central.")
    if fact == Fact.CONNECTED:
        level = Level.ATTENTION if took > SLOW_MS else Level.GOOD
        words = _("The gateway answered in %(ms)d ms and reaches AutoPay.") % {"ms": took}
        remedy = _("The gateway is slow: look at its server and at the line to it.")
    if fact == Fact.CUT_OFF:
        remedy = _("The gateway's own line to AutoPay is down: look at the gateway's server.")
    return Part(GATEWAY, level, took, "ms", _normal(), words, remedy, fact=fact, facts=why)


def _remedy(code: str) -> str:
    """What to do about a silence. Address and password are an administrator's; whether it runs, operations can see."""
    if code in ("wrong-credentials", "authentication-required"):
        return _("An instance administrator enters its user and password under Enable Visma.net.")
    if code in ("wrong-service", "unknown-path", "bad-address", "no-tls"):
        return _("An instance administrator corrects its address under Enable Visma.net.")
    if code in SENTENCES or not code:
        return _("Does the gateway service run on its server? What waits goes on by itself when it answers.")
    return _("Try again in a while; the traffic log shows what was answered.")


def _why(error: GatewayError) -> dict[str, Any]:
    """Code and facts of a silence, for a row: without secrets, and never long."""
    said = {name: traffic.redact(one)[:300] if isinstance(one, str) else one for name, one in error.facts.items()}
    return {"code": error.code, **said}


def _registration(fact: Fact) -> Part:
    known, name = fact == Fact.KNOWN, registration.queue_name()
    words = _("The gateway does not know the queue %(name)s.")
    if known:
        words = _("The gateway knows the queue %(name)s.")
    remedy = _("Restart the consumer, or run manage.py register_queue.")
    level = Level.GOOD if known else Level.TROUBLE
    return Part(REGISTRATION, level, int(known), "", _("registered"), words % {"name": name}, remedy, fact=fact)


def _address_is_there() -> bool:
    row = installation.row()
    return row is not None and bool(row.opg_address)


def _normal() -> str:
    return _("at most %(ms)d ms") % {"ms": SLOW_MS}


def _check_now() -> str:
    return _("Check now asks it at once. Does the schedule run? It asks every minute.")


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
