"""Addresses whose view is loaded when somebody asks for it, so that the first page does not wait for all others.

    page = pages_of("payments.web")
    urlpatterns = [page("overview/", "overview.overview", name="overview")]

Names are known at once, for links. What Django reads from a view (who may see it, whether forms need a token) it reads
from the view itself: only that is ever handed on.

`manage.py check` finds an address whose view is not there. That every view also loads is proven where a moment more
does not matter: by `check --deploy` before an installation starts, and by the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from importlib.abc import InspectLoader
from importlib.util import find_spec
from threading import RLock
from typing import Any

from django.core.checks import CheckMessage, Error
from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern
from django.utils.module_loading import import_string

from autopay_console.kernel.memory import without_looking_for_cycles

_LOADING = RLock()  # one thread at a time: two that load modules which know each other could hold each other up


class Page(URLPattern):
    """One address; its view is named by where it stands."""

    def __init__(self, route: str, view: str, values: dict[str, Any] | None, name: str) -> None:
        super().__init__(RoutePattern(route, name=name, is_endpoint=True), _not_loaded, values, name)
        self.lookup_str = view

    def load(self) -> Callable[..., Any]:
        """The view; raises ImportError when there is none."""
        if self.callback is _not_loaded:
            with _LOADING, without_looking_for_cycles():  # loading leaves no garbage
                self.callback = import_string(self.lookup_str)
        return self.callback

    def resolve(self, path: str) -> ResolverMatch | None:
        """As Django does it, with the view in place."""
        if self.pattern.match(path) is None:
            return None
        self.load()
        return super().resolve(path)

    def check(self) -> list[CheckMessage]:
        """The view stands where the address says; its module is looked into, not run."""
        module, _, name = self.lookup_str.rpartition(".")
        found = super().check()
        if name not in _names_in(module):
            found.append(
                Error(f"The address {self.pattern} has no view: there is no {self.lookup_str}.", id="autopay.E005")
            )
        return found


def pages_of(package: str) -> Callable[..., Page]:
    """`page(route, "module.view", values, name=…)` for views below this package; otherwise like Django's `path`."""

    def page(route: str, view: str, values: dict[str, Any] | None = None, *, name: str) -> Page:
        return Page(route, f"{package}.{view}", values, name)

    return page


def every_page(resolver: URLResolver) -> Iterator[Page]:
    """All pages of the site, from Django's `get_resolver()`."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from every_page(one)
        elif isinstance(one, Page):
            yield one


@lru_cache(maxsize=256)
def _names_in(module: str) -> frozenset[str]:
    """What a module calls by name at its top, from its bytecode; of a loader that only runs modules, by running it."""
    spec = find_spec(module)
    if spec is None:
        return frozenset()
    if not isinstance(spec.loader, InspectLoader):
        return frozenset(dir(import_module(module)))
    code = spec.loader.get_code(module)
    return frozenset(code.co_names if code else ())


def _not_loaded(*args: object, **values: object) -> None:
    raise RuntimeError("A page was asked for before its view was loaded.")
