"""Error pages: what happened, that nothing was changed, what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from structlog.contextvars import get_contextvars


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The browser sent something no page of ours sends."""
    return _page(request, "400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A member of the company without the role for this."""
    return _page(request, "403.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere."""
    return _page(request, "403_csrf.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such page, or one of a company the person does not belong to: the two must look the same."""
    return _page(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our own mistake. The reference leads operations to the log lines of this request.

    Rendered without the request, because asking who is logged in would fail again while the database is down.
    """
    return HttpResponse(render_to_string("500.html", {"reference": reference()}), status=500)


def reference() -> str:
    """The request's id as people read it out: first eight figures."""
    return str(get_contextvars().get("request_id") or "")[:8]


def _page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    return render(request, template, {"reference": reference()}, status=status)
