"""What people wait for before anything happens: a check, a worker, the first page; beside a bare Django project."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from autopay_console import processes
from bench.measure import Measured
from bench.place import Place

TITLE = "Start: check, worker and first page, in processor seconds (floor: a bare Django project)"
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
    check = _run(["manage.py", "check"], folder, env)
    first = _run(["-c", _PAGE.format(path=page)], folder, env)
    broker = processes.start_broker(place.folder / f"broker-{celery}")
    try:
        (place.folder / "bare" / "bare_celery.py").write_text(_CELERY.format(broker=broker.url))
        worker = _worker(place, folder, {**env, "REDIS_URL": broker.url}, celery)
    finally:
        broker.stop()
    details = {"manage.py check": check, "first page": first, "worker": worker}
    seconds = sum(details.values())
    return Measured(1, seconds, seconds, details=details)


def _used() -> float:
    """Processor seconds of the processes that were started here and have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _run(arguments: list[str], folder: Path, env: dict[str, str]) -> float:
    """The second of two runs, so that bytecode and files are warm."""
    for _ in range(2):
        before = _used()
        subprocess.run(
            [sys.executable, *arguments], cwd=folder, env={**os.environ, **env}, check=True, capture_output=True
        )
    return _used() - before


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
    for number in range(2):
        before = _used()
        options = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        worker = processes.start(f"worker-{celery}-{number}", [*command, *options], place.folder / "log", env)
        try:
            worker.wait_until(lambda: " ready." in worker.tail(50), 60, "ready")  # noqa: B023  (used at once)
        finally:
            worker.stop(10)
    return _used() - before
