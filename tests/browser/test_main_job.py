"""The whole way by hand: an accountant and two approvers in a browser, the real worker, consumer and bank behind it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo import names

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.xdist_group("demo")]
ROOT = Path(__file__).parents[2]
READY = 150  # seconds; a first start makes the database


class Demo:
    """The demo's town without its job: console and sandbox as processes."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://localhost:{port}"
        environment = {
            name: value for name, value in os.environ.items() if name not in ("AUTOPAY_MODE", "DATABASE_URL")
        }
        environment |= {"AUTOPAY_VAR": str(folder), "PYTHONUNBUFFERED": "1"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.log = folder.with_suffix(".log")
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "demo", "--no-job", "--port", str(port)],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.sandbox = self.said("The sandbox is at ").rstrip("/")

    def said(self, words):
        end = time.monotonic() + READY
        while time.monotonic() < end and self.process.poll() is None:
            for line in self.log.read_text().splitlines():
                if words in line:
                    return line.partition(words)[2].strip()
            time.sleep(0.2)
        raise AssertionError(self.log.read_text()[-2000:])

    def pass_time(self):
        """Let the banks work until nothing is planned any more."""
        for _ in range(12):
            request = urllib.request.Request(
                f"{self.sandbox}/clock",
                data=json.dumps({"advance": {"days": 1}}).encode(),
                headers={"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                if json.loads(answer.read())["next"] is None:
                    return

    def stop(self):
        self.process.terminate()
        self.process.wait(40)


@pytest.fixture
def demo(tmp_path):
    running = Demo(tmp_path / "var")
    yield running
    running.stop()


@pytest.fixture
def log_in(chromium, demo):
    contexts = []

    def logged_in(person):
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=demo.url)
        contexts.append(context)
        page = context.new_page()
        page.goto("/account/login/")
        page.fill("input[name=login]", person)
        page.fill("input[name=password]", names.PASSWORD)
        page.press("input[name=password]", "Enter")
        expect(page.locator("h1")).to_contain_text("What waits")
        return page

    yield logged_in
    for context in contexts:
        context.close()


def suggest(page):
    page.goto("/suggestion/")
    page.keyboard.press("n")
    expect(page.locator("#preview")).to_contain_text("suppliers")
    page.get_by_role("button", name="OK, make the payment").click()
    expect(page.locator("h1")).to_have_text("Payment 1")


def take_out_what_stops(page):
    page.get_by_role("button", name="Take the 1 line out").click()
    expect(page.locator("main")).not_to_contain_text("stops the upload")


def accept_and_upload(page):
    page.keyboard.press("u")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Upload payment 1")
    for box in dialog.locator("input[name=accepted]").all():
        box.check()
    dialog.get_by_role("button", name="Upload").click()
    expect(page.locator("h1")).to_have_text("Payment 1 is uploaded")


def sign(page):
    page.goto("/approval/")
    page.get_by_label("Select payment 1").check()
    page.keyboard.press("a")
    dialog = page.locator("#dialog")
    dialog.get_by_label("I have checked what stands out above").check()
    dialog.get_by_role("button", name="Approve 1 payment").click()
    expect(dialog).to_contain_text("One result for each payment.")


def test_an_accountant_and_two_approvers_take_a_payment_to_a_posted_voucher(demo, log_in):
    anna = log_in("anna")
    suggest(anna)
    take_out_what_stops(anna)
    accept_and_upload(anna)
    for person in ("bjorn", "cecilie"):
        sign(log_in(person))
    wait_for(anna, "/overview/1/", "Bank said 70 of 70")
    demo.pass_time()
    wait_for(anna, "/overview/1/", "Posted 65 of 65")  # two rejected, three came back
    wait_for(anna, "/journal/", "Posted")


def wait_for(page, path, words, seconds=60):
    """Look again until the page says it: the worker and the bank need their time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        page.goto(path)
        if words in page.locator("main").inner_text():
            return
        page.wait_for_timeout(500)
    raise AssertionError(page.locator("main").inner_text()[:1500])
