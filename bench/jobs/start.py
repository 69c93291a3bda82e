"""What people wait for before anything happens: a check, a worker, the first page; beside a bare Django project."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from autopay_console import processes
from bench.measure import Measured
from bench.place import Place

TITLE = "Start: check, worker and first page (floor: a bare Django project)"
UNIT = "starts"
TARGET = None
SIZES = (1,)
_ROOT = Path(__file__).resolve().parents[2]
_SETTINGS = """
SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bare_urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
"""
_URLS = """
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse("<p>Hello</p>"))]
"""
_CELERY = "from celery import Celery\n\napp = Celery('bare', broker={broker!r})\n"
_MANAGE = """
import sys

from django.core.management import execute_from_command_line

execute_from_command_line(sys.argv)
"""
_PAGE = """
import django
django.setup()
from django.test import Client
answer = Client().get({path!r})
assert answer.status_code == 200, answer.status_code
"""


def prepare(place: Place, items: int) -> None:
    """The bare project."""
    folder = place.folder / "bare"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bare_settings.py").write_text(_SETTINGS)
    (folder / "bare_urls.py").write_text(_URLS)
    (folder / "manage.py").write_text(_MANAGE)


def product(place: Place, items: int) -> Measured:
    """The console."""
    return _all(place, _ROOT, place.env(), "autopay_console.celery", "/account/login/")


def floor(place: Place, items: int) -> Measured:
    """Django with sessions and one line of HTML; Celery without tasks."""
    folder = place.folder / "bare"
    return _all(
        place, folder, {"DJANGO_SETTINGS_MODULE": "bare_settings", "PYTHONPATH": str(folder)}, "bare_celery", "/"
    )


def _all(place: Place, folder: Path, env: dict[str, str], celery: str, page: str) -> Measured:
    check = _timed(["manage.py", "check"], folder, env)
    first = _timed(["-c", _PAGE.format(path=page)], folder, env)
    broker = processes.start_broker(place.folder / f"broker-{celery}")
    try:
        (place.folder / "bare" / "bare_celery.py").write_text(_CELERY.format(broker=broker.url))
        worker = _worker(place, folder, {**env, "REDIS_URL": broker.url}, celery)
    finally:
        broker.stop()
    seconds = check + first + worker
    return Measured(1, seconds, details={"manage.py check": check, "first page": first, "worker": worker})


def _timed(arguments: list[str], folder: Path, env: dict[str, str]) -> float:
    """The second of two runs, so that bytecode and files are warm."""
    for _ in range(2):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments], cwd=folder, env={**os.environ, **env}, check=True, capture_output=True
        )
        seconds = time.perf_counter() - begun
    return seconds


def _worker(place: Place, folder: Path, env: dict[str, str], celery: str) -> float:
    command = [
        sys.executable,
        "-m",
        "celery",
        "--workdir",
        str(folder),
        "-A",
        celery,
        "worker",
        "-P",
        "solo",
        "-l",
        "INFO",
    ]
    seconds = 0.0
    for number in range(2):
        begun = time.perf_counter()
        options = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        worker = processes.start(f"worker-{celery}-{number}", [*command, *options], place.folder / "log", env)
        try:
            worker.wait_until(lambda: " ready." in worker.tail(50), 60, "ready")  # noqa: B023  (used at once)
            seconds = time.perf_counter() - begun
        finally:
            worker.stop(10)
    return seconds
