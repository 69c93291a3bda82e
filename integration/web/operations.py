"""Operations: is money moving? Health parts, workers, the whole way tested, the queue service. Shows no amounts."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import charts, htmx
from companies.access import ConsoleRequest, instance_view
from integration import health, health_traffic, metrics, selftest
from integration.health_parts import Level
from integration.models import HealthSample, WorkerBeat
from integration.queue import registration
from integration.web import guided_test

STRIP_HOURS, STRIP_MINUTES = 24, 15
TONES = {Level.GOOD: "good", Level.ATTENTION: "warn", Level.TROUBLE: "bad"}
NAMES = {
    "database": gettext_lazy("Database"),
    "broker": gettext_lazy("Broker"),
    "gateway": gettext_lazy("Gateway"),
    "queue": gettext_lazy("Queue"),
    "consumer": gettext_lazy("Consumer"),
    "workers": gettext_lazy("Workers"),
    "schedule": gettext_lazy("Schedule"),
    "certificate": gettext_lazy("Certificate"),
    "disk": gettext_lazy("Disk"),
    "registration": gettext_lazy("Registration"),
    "dead": gettext_lazy("Given up"),
    "parked": gettext_lazy("Parked"),
    "files": gettext_lazy("Refused bank files"),
    "transfers": gettext_lazy("Files without answer"),
    "files_in": gettext_lazy("Files in today"),
    "files_out": gettext_lazy("Files out today"),
    "mail": gettext_lazy("Mail"),
}
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
    "disk": ("file_kinds", ""),
}


@require_GET
@instance_view()
def operations(request: ConsoleRequest) -> HttpResponse:
    """One screen that answers in five seconds; tiles are asked for again every five."""
    parts = health.measure()
    context = {
        "parts": [(_name(one.code), one, TONES[one.level], _remedy(request, one.code)) for one in parts],
        "trouble": [one for one in parts if one.level == Level.TROUBLE],
        "watch": [one for one in parts if one.level == Level.ATTENTION],
        "work": health_traffic.work(),
        "workers": WorkerBeat.objects.order_by("kind", "name"),
        "strip": _gateway_strip(),
        "now": timezone.now(),
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
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


def _name(code: str) -> str:
    return str(NAMES.get(code, code.replace("_", " ").capitalize()))


def _remedy(request: ConsoleRequest, code: str) -> str:
    name, query = REMEDIES.get(code, ("", ""))
    if not name or (name == "enable" and not request.rights.instance_administrator):
        return ""
    return reverse(name) + query


def _gateway_strip() -> charts.Chart:
    """24 hours of the gateway, a bar for each quarter: up, down, or nothing measured."""
    now = timezone.now()
    start = now - timedelta(hours=STRIP_HOURS)
    slots = STRIP_HOURS * 60 // STRIP_MINUTES
    states = ["none"] * slots
    samples = HealthSample.objects.filter(part="gateway", at__gte=start).order_by("at").values_list("at", "good")
    for at, good in samples:
        place = min(slots - 1, int((at - start).total_seconds() // (STRIP_MINUTES * 60)))
        states[place] = "down" if not good or states[place] == "down" else "ok"
    down = states.count("down")
    title = _("Gateway in the last 24 hours: %(down)s of %(all)s quarters with trouble") % {"down": down, "all": slots}
    return charts.strip(states, title)
