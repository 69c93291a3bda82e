"""The console in the person's own language; redirects that never land inside a part of a page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from autopay_console.kernel import htmx

Answer = Callable[[HttpRequest], HttpResponse]


class PersonLanguageMiddleware:
    """A logged-in person's language wins over the browser's."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.known = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "") if request.user.is_authenticated else ""
        if language in self.known:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return self.get_response(request)


class WholePageMiddleware:
    """Turns a redirect that answers htmx into one that moves the browser (login, confirmation of identity)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return htmx.whole_page(request, self.get_response(request))
