"""A real browser on the real policy. Every word of the browser's console is a failure."""

import os
import shutil

import pytest
from django.test import Client
from playwright.sync_api import expect

CHROMIUM = os.environ.get("AUTOPAY_CHROMIUM") or shutil.which("chromium") or ""


@pytest.fixture(scope="session")
def chromium(playwright):
    """One browser. Playwright's loop (one per process) must not make Django refuse the database."""
    if not CHROMIUM:
        pytest.skip("no Chromium (AUTOPAY_CHROMIUM or /usr/bin/chromium)")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    )
    yield browser
    browser.close()


@pytest.fixture
def sit_down(chromium, live_server):
    """`sit_down(anna)` answers a page where Anna is logged in; wide as a desk, or `width=390` as a phone."""
    contexts, said = [], []

    def logged_in(person, width=1440):
        client = Client()
        client.force_login(person)
        context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.said = said
        return page

    yield logged_in
    for context in contexts:
        for page in context.pages:  # what is cut off by closing is no fault of the page
            expect(page.locator(".htmx-request")).to_have_count(0)
        context.close()
    assert said == []
