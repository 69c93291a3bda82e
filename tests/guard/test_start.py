"""What a process loads before anybody asked for anything, and what an address loads that is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import allauth.urls
import pytest
from django.urls import URLPattern, get_resolver

from autopay_console import checks
from autopay_console.kernel.pages import Page, every_page, pages_of
from companies.web import urls_account
from integration.api.views import VIEWS
from integration.web import urls_api
from payments.interpretation import Role
from payments.templatetags import journal

ROOT = Path(__file__).resolve().parents[2]
# libraries that take long to load, and what alone needs them
AT_START = {
    "celery": "the first task that is sent",
    "kombu": "the first task that is sent",
    "redis": "the first connection to the broker",
    "requests": "the first call of the gateway",
    "paramiko": "a bank that takes files by SFTP",
    "ninja": "a call of the API",
    "pydantic": "a call of the API",
    "fido2": "a passkey",
    "cryptography": "a stored secret",
    "schwifty": "an account number that is checked",
    "lxml": "a message that is read or written",
    "holidays": "a bank day that is asked for",
    "xlsxwriter": "a workbook",
    "openpyxl": "a workbook that is taken in",
    "fpdf": "a paper",
    "prometheus_client": "the metrics",
}
_LOADED = "import sys; print('\\n'.join(sorted(sys.modules)))"
_ASKED = "resolve(reverse('account_login'))"
_START = f"import django; django.setup(); {_LOADED}"
_FIRST_PAGE = f"import django; django.setup(); from django.urls import reverse, resolve; {_ASKED}; {_LOADED}"


def loaded_by(program: str) -> set[str]:
    """Packages in memory after the program, in a process of its own."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "autopay_console.settings", "AUTOPAY_MODE": "test"}
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return {line.partition(".")[0] for line in answer.stdout.split()}


@pytest.mark.parametrize("program", [_START, _FIRST_PAGE], ids=["start", "address of the first page"])
def test_nothing_slow_is_loaded_before_somebody_needs_it(program):
    found = loaded_by(program) & set(AT_START)
    assert not found, f"loaded at start, but only for: {[AT_START[one] for one in found]}"


@pytest.mark.parametrize(
    "program",
    [
        "import django; django.setup(); import autopay_console.celery",
        "import autopay_console.celery, django; django.setup()",
    ],
    ids=["page that sends a task", "worker"],
)
def test_memory_is_tidied_once_all_is_loaded(program):
    assert "on" in loaded_by(f"{program}; import gc; print('on' if gc.isenabled() else 'off')")


def test_every_page_has_its_view():
    pages = list(every_page(get_resolver()))
    assert len(pages) > 200
    assert all(callable(page.load()) for page in pages)


@pytest.mark.parametrize("view", ["setup.nothing_of_the_kind", "no_module.rows"])
def test_the_check_finds_an_address_without_a_view(view):
    [problem] = pages_of("companies.web")("nowhere/", view, name="nowhere").check()
    assert (problem.id, view in problem.msg) == ("autopay.E005", True)


def test_the_check_of_an_installation_finds_a_view_that_does_not_load(monkeypatch):
    page = pages_of("companies.web")("nowhere/", "setup.nothing_of_the_kind", name="nowhere")
    monkeypatch.setattr(checks, "every_page", lambda resolver: [page])
    [problem] = checks.every_view_loads(None)
    assert problem.id == "autopay.E006"
    assert "companies.web.setup.nothing_of_the_kind does not load: ImportError" in problem.msg


def test_the_check_of_this_console_finds_nothing():
    assert get_resolver().check() == checks.every_view_loads(None) == []


def test_what_a_view_says_about_itself_is_read_from_the_view():
    page = pages_of("autopay_console")("healthz", "own.healthz", name="healthz")
    found = page.resolve("healthz")
    assert found is not None and found.func.login_required is False
    assert page.resolve("health") is None


def described(patterns) -> set[tuple[str, str | None, object]]:
    """Address, name and view class of each pattern."""

    def walk(some, before=""):
        for one in some:
            route = before + str(one.pattern)
            if isinstance(one, URLPattern):
                view = one.load() if isinstance(one, Page) else one.callback
                yield route, one.name, getattr(view, "view_class", view)
            else:
                yield from walk(one.url_patterns, route)

    return set(walk(patterns))


def test_login_has_all_addresses_that_allauth_has():
    old_names = {one for one in described(allauth.urls.urlpatterns) if one[0].startswith("social/")}
    assert described(urls_account.urlpatterns) == described(allauth.urls.urlpatterns) - old_names


def test_every_role_of_a_reference_has_its_look():
    assert set(journal.ROLES) == set(Role)


def test_every_operation_of_the_api_has_an_address():
    assert {page.name: page.load() for page in urls_api.OPERATIONS} == VIEWS
