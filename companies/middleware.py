"""The company in force: chosen in the side bar, kept in the session, checked at every request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from autopay_console.kernel.once import reading
from companies import access


class CurrentCompanyMiddleware:
    """Puts `request.company` (or None) in place; roles are read at every request, so a lost role counts at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        access.attach(request)
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with reading():
            return self.get_response(request)
