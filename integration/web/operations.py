"""Operations: is money moving? Health parts, workers, the whole way tested, the queue service. Shows no amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from companies.access import ConsoleRequest, instance_view
from integration import health, health_gateway, health_traffic, selftest
from integration.health_parts import HELD, NAMES, PROBE_SECONDS, UNKNOWN, Fact, Level, Part, ago, span
from integration.models import WorkerBeat
from integration.queue import registration
from integration.queue.beating import told
from integration.web import guided_test
from integration.web.gateway_day import gateway_day

SILENT, ALIVE, REPLACED, ENDED = PROCESS_STATES = ("silent", "alive", "replaced", "ended")
KINDS = {
    registration.CONSUMER: NAMES["consumer"],
    "worker": gettext_lazy("Worker"),
    health.SCHEDULE: NAMES["schedule"],
}
TONES = {Level.GOOD: "good", Level.ATTENTION: "warn", Level.TROUBLE: "bad"}
# Where the remedy of a part is: url name, and what is asked for there. Of the set-up only for who may open it.
REMEDIES = {
    "gateway": ("enable", ""),
    "certificate": ("enable", ""),
    "registration": ("queue_service", ""),
    "queue": ("queue_service", ""),
    "consumer": ("queue_service", ""),
    "dead": ("messages", "?view=dead"),
    "parked": ("messages", "?view=parked"),
    "files": ("exchanges", "?q=kind:file"),
    "files_in": ("exchanges", "?q=direction:in"),
    "files_out": ("exchanges", "?q=direction:out"),
    "transfers": ("sending_all", ""),
    "stop": ("sending_all", ""),
    "workers": ("operations", "#workers-head"),
    "schedule": ("operations", "#workers-head"),
    "disk": ("file_kinds", ""),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A part as a line of the page."""

    name: str
    part: Part
    figure: str
    remedy_url: str

    @property
    def tone(self) -> str:
        return "" if self.part.fact == Fact.UNSEEN else TONES[self.part.level]


@require_GET
@instance_view()
def operations(request: ConsoleRequest) -> HttpResponse:
    """One screen that answers in five seconds; tiles are asked for again every five."""
    return _page(request)


@require_POST
@instance_view()
def check_now(request: ConsoleRequest) -> HttpResponse:
    """*Check now*: the gateway is asked at once, not at the schedule's next round."""
    health.check_now(request.user)
    return htmx.done(request, toast=_("The gateway was asked just now."), to="operations", refresh=("parts",))


def _page(request: ConsoleRequest) -> HttpResponse:
    parts, now = health.watch(), timezone.now()
    asked = next((one.at for one in parts if one.code == health_gateway.GATEWAY), None)
    rows = [Row(one.name, one, _figure(one), _remedy(request, one.code)) for one in parts]
    processes = [_process(one, now) for one in registration.beats()]
    context = {
        "parts": rows,
        "trouble": [one for one in rows if one.part.level == Level.TROUBLE],
        "unknown": [one for one in parts if one.fact in UNKNOWN],
        "may_ask": any(one.fact in (Fact.NOT_ASKED, Fact.OLD) for one in parts),
        "held": [one for one in parts if one.fact in HELD],
        "watch": [one for one in rows if one.tone == TONES[Level.ATTENTION]],
        "work": [(one, one.oldest and ago(now - one.oldest)) for one in health_traffic.work()],
        "workers": sorted(processes, key=lambda one: PROCESS_STATES.index(one["state"])),
        "day": gateway_day(now),
        "asked": asked,
        "asked_ago": ago(now - asked) if asked else "",
        "rhythm": PROBE_SECONDS,
        "now": now,
        "service": registration.service_state(),
        "queue_name": registration.queue_name(),
        "sandbox": settings.SANDBOX_URL,
        "may_test": request.rights.has(*guided_test.ROLES),
    }
    return htmx.render_page(request, "integration/operations.html", context, part="parts")


@require_POST
@instance_view()
def test_way(request: ConsoleRequest) -> HttpResponse:
    """*Test the whole way*: each hop with its time and, where it fails, what to do."""
    may_test = request.rights.has(*guided_test.ROLES)
    return render(request, "integration/_selftest.html", {"steps": list(selftest.run()), "may_test": may_test})


@require_GET
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready to serve: the database answers."""
    parts = {one.code: one.good for one in health.measure(("database", "broker")) if one.code in ("database", "broker")}
    good = all(parts.values())
    return JsonResponse({"ready": good, "parts": parts}, status=200 if good else 503)


@require_GET
@login_not_required
def metrics_text(request: HttpRequest) -> HttpResponse:
    """Prometheus; closed unless METRICS_TOKEN is set and sent as a bearer token."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, settings.METRICS_TOKEN):
        raise Http404
    from integration import metrics  # loads prometheus_client, which nothing else needs

    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


def _remedy(request: ConsoleRequest, code: str) -> str:
    name, query = REMEDIES.get(code, ("", ""))
    nothing_to_see = name == "exchanges" and request.rights.company is None  # files are their companies'
    if not name or nothing_to_see or (name == "enable" and not request.rights.instance_administrator):
        return ""
    return reverse(name) + query


def _figure(part: Part) -> str:
    """The measured figure with its unit in the reader's language; a dash where a figure says nothing."""
    if part.code == health_gateway.REGISTRATION:
        return _("yes") if part.value else _("no")
    if part.unit == "s":
        return span(part.value)
    if part.unit in ("ms", "%"):
        return f"{part.value} {part.unit}"
    return _counted(part.unit, part.value) or "–"


def _counted(unit: str, n: int) -> str:
    said = {
        "messages": ngettext("%(n)s message", "%(n)s messages", n),
        "processes": ngettext("%(n)s process", "%(n)s processes", n),
        "payments": ngettext("%(n)s payment", "%(n)s payments", n),
        "files": ngettext("%(n)s file", "%(n)s files", n),
        "mails": ngettext("%(n)s mail", "%(n)s mails", n),
        "days": ngettext("%(n)s day", "%(n)s days", n),
        "companies": ngettext("%(n)s company", "%(n)s companies", n),
    }
    return said[unit] % {"n": n} if unit in said else ""


def _process(beat: WorkerBeat, now: datetime) -> dict[str, Any]:
    """A process as a row; one that was killed is no alarm any more once another of its kind has taken its place."""
    age = now - beat.beat_at
    most = health.SCHEDULE_SECONDS if beat.kind == health.SCHEDULE else registration.ALIVE_SECONDS
    state = ENDED if beat.stopping else (ALIVE if age.total_seconds() <= most else SILENT)
    if state == SILENT and registration.replaced(beat):
        state = REPLACED
    kind = KINDS.get(beat.kind, beat.kind)
    return {"beat": beat, "state": state, "ago": ago(age), "kind": kind, "doing": told(beat.doing)}
