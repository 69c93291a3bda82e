"""The API's operations as views: each logged, and open to keys instead of logged-in people."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt

from integration import traffic
from integration.api.site import api
from integration.choices import Direction, Outcome
from integration.models import ApiKey

log = structlog.get_logger(__name__)


def logged(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Every call of a known key stands in the traffic log; knocks without one only in the program's log."""

    @wraps(view)
    def call(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        started = monotonic()
        response = view(request, *args, **kwargs)
        key: ApiKey | None = getattr(request, "api_key", None)
        if key is None:
            log.info("api_call_without_key", path=request.path, status=response.status_code)
            return response
        good = response.status_code < 400
        traffic.record(
            Direction.IN,
            "api",
            Outcome.REPEAT
            if response.get("Idempotency-Replayed")
            else (Outcome.OK if good else Outcome.REFUSED if response.status_code < 500 else Outcome.FAILED),
            company=key.company,
            address=f"{request.method} {request.get_full_path()}",
            status_code=response.status_code,
            milliseconds=int((monotonic() - started) * 1000),
            size=len(response.content),
            reference=request.headers.get("Idempotency-Key", ""),
            count=getattr(request, "api_count", None),
            text=f"{key.name} ({key.prefix}…)",
            by_service=False,
        )
        return response

    return csrf_exempt(login_not_required(call))


VIEWS = {one.name: logged(one.callback) for one in api.urls[0] if isinstance(one, URLPattern)}
root = VIEWS["api-root"]
openapi = VIEWS["openapi-json"]
supplier_entries = VIEWS["supplier_entries"]
customer_entries = VIEWS["customer_entries"]
statuses = VIEWS["statuses"]
vouchers = VIEWS["vouchers"]
