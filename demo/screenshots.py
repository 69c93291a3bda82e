"""The pictures of README.md, taken from the running demo: each screen by the person who works there."""

from __future__ import annotations

import os
import sys
from typing import Any

from demo import names
from demo.places import ROOT

FOLDER = ROOT / "docs" / "screens"
CHROMIUM = os.environ.get("AUTOPAY_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SHOTS: list[tuple[str, str, str, dict[str, int], str]] = [
    ("home", "anna", "/", WIDE, "light"),
    ("overview", "anna", "/overview/", WIDE, "light"),
    ("payment", "anna", "/overview/1/", WIDE, "light"),
    ("suggestion", "anna", "/suggestion/", WIDE, "light"),
    ("approval", "bjorn", "/approval/", WIDE, "dark"),
    ("incoming", "anna", "/incoming/", WIDE, "light"),
    ("journal", "anna", "/journal/", WIDE, "light"),
    ("operations", "eva", "/operations/", WIDE, "dark"),
    ("enable", "dag", "/setup/enable/", WIDE, "light"),
    ("home-390", "anna", "/", NARROW, "light"),
]


def main(port: int) -> int:
    """Log each person in once and take their screens."""
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, person, path, size, scheme in SHOTS:
            context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            _log_in(page, port, person)
            page.goto(f"http://localhost:{port}{path}")
            page.wait_for_timeout(600)
            page.screenshot(path=str(FOLDER / f"{name}.png"))
            context.close()
            print(f"docs/screens/{name}.png", flush=True)
        browser.close()
    return 0


def _log_in(page: Any, port: int, person: str) -> None:
    page.goto(f"http://localhost:{port}/account/login/")
    page.fill("input[name=login]", person)
    page.fill("input[name=password]", names.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/account/login/" not in url)  # home, or operations for who has no company


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
