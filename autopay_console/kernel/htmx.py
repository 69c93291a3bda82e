"""Whole page or part of it: one view answers both, and says which to caches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

STOP_POLLING = 286


def target_of(request: HttpRequest) -> str:
    """Id of the element htmx wants to fill; empty for a whole page (also when the browser goes back in history)."""
    details = getattr(request, "htmx", None)
    if not details or details.history_restore_request:
        return ""
    return str(details.target or "")


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    part: str | Iterable[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Render the page, or only the named part when htmx asks for the element with that id.

    A part is a `{% partialdef name inline %}` of the template, wrapped in an element with `id="name"`.
    """
    parts = (part,) if isinstance(part, str) else tuple(part)
    target = target_of(request)
    name = f"{template}#{target}" if target in parts else template
    return _varying(render(request, name, dict(context or {}), status=status))


def render_dialog(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a `components/dialog.html` child inside the page's dialog, or as a page of its own without htmx."""
    inside = target_of(request) == "dialog"
    frame = "components/_dialog_bare.html" if inside else "components/_dialog_page.html"
    return _varying(render(request, template, {**(context or {}), "frame": frame}, status=status))


def done(
    request: HttpRequest,
    *,
    toast: str = "",
    tone: str = "good",
    undo: str = "",
    refresh: Iterable[str] = (),
    to: str = "home",
    go: bool = False,
) -> HttpResponse:
    """A change succeeded: close the dialog, say so, ask for the named parts again (`refresh-<part>` on the body).

    Without htmx, or with `go`, the browser goes to `to` (url name or address) and the message stands there.
    """
    if not getattr(request, "htmx", False) or go:
        if toast:
            messages.add_message(request, messages.INFO, toast, extra_tags=tone)
        return redirect(_address(request, to))
    response: HttpResponse = HttpResponse(status=204)
    trigger_client_event(response, "close-dialog")
    if toast:
        trigger_client_event(response, "toast", {"text": str(toast), "tone": tone, "undo": undo})
    for name in refresh:
        trigger_client_event(response, f"refresh-{name}")
    return _varying(response)


def poll_over(response: HttpResponse) -> HttpResponse:
    """Answer a tile for the last time: htmx swaps it in and stops asking."""
    response.status_code = STOP_POLLING
    return response


def whole_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A redirect must move the browser, never land inside a part of the page.

    A login page asked for by a fragment comes back to the page the person was on, and says that the session ended.
    """
    if not isinstance(response, HttpResponseRedirect):
        return response
    if not getattr(request, "htmx", False):
        return response if request.method in ("GET", "HEAD") else _not_to_the_act(request, response)
    moved = HttpResponse(status=204)
    moved["HX-Redirect"] = _back_to_page(request, response.url)
    for name, cookie in response.cookies.items():
        moved.cookies[name] = cookie
    return _varying(moved)


def _not_to_the_act(request: HttpRequest, response: HttpResponseRedirect) -> HttpResponse:
    """After the login a browser asks by GET, which an act does not know: back to the page its button stood on."""
    login, came = urlsplit(response.url), urlsplit(request.headers.get("Referer", ""))
    if login.path == resolve_url(settings.LOGIN_URL) and login.query.startswith("next="):
        here = came if came.netloc == request.get_host() else urlsplit(resolve_url("home"))
        response["Location"] = _to_page(request, login, here)
    return response


def _back_to_page(request: HttpRequest, address: str) -> str:
    here = getattr(request, "htmx", None)
    return _to_page(request, urlsplit(address), urlsplit(here.current_url or "") if here else urlsplit(""))


def _to_page(request: HttpRequest, parts: SplitResult, page: SplitResult) -> str:
    if page.path and parts.query.startswith("next="):
        back = page._replace(scheme="", netloc="", fragment="").geturl()
        query = {"next": back} | ({"ended": request.method} if parts.path == resolve_url(settings.LOGIN_URL) else {})
        return parts._replace(query=urlencode(query, safe="/")).geturl()
    return parts.geturl()


def _address(request: HttpRequest, to: str) -> str:
    if to.startswith("/") and not url_has_allowed_host_and_scheme(to, {request.get_host()}):
        return "home"
    return to


def _varying(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response
