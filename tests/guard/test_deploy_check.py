"""A production installation that has what docs/running.md asks for passes Django's own check without a warning."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def check(tmp_path, **more):
    production = {
        "AUTOPAY_MODE": "production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "FIELD_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "ALLOWED_HOSTS": "console.example.com",
        "CSRF_TRUSTED_ORIGINS": "https://console.example.com",
        "PUBLIC_URL": "https://console.example.com",
        "BEHIND_PROXY": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/console.sqlite3",
        "REDIS_URL": "redis://broker:6379/0",
        "AUTOPAY_VAR": str(tmp_path),
        "EMAIL_URL": "smtp+tls://mail.example.com:587",
        "METRICS_TOKEN": secrets.token_urlsafe(32),
        "DJANGO_SETTINGS_MODULE": "autopay_console.settings",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **production, **more},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_whole_installation_passes_without_a_warning(tmp_path):
    answer = check(tmp_path)
    assert answer.returncode == 0, answer.stderr


def test_what_is_missing_is_named_in_a_sentence(tmp_path):
    answer = check(tmp_path, METRICS_TOKEN="")
    assert answer.returncode == 1
    assert "METRICS_TOKEN is not set" in answer.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AUTOPAY_MODE", "prod", "AUTOPAY_MODE is 'prod'; use production, demo or test."),
        ("DATABASE_URL", "mysql://user:hidden-word@server/autopay", "DATABASE_URL begins with 'mysql'"),
        ("EMAIL_URL", "user:hidden-word@mail.example.com", "EMAIL_URL is no mail address"),
        ("SECRET_KEY", "", "Set SECRET_KEY"),
    ],
)
def test_a_slip_in_the_configuration_stops_the_start_with_a_sentence_and_no_secret(tmp_path, name, value, said):
    answer = check(tmp_path, **{name: value})
    assert answer.returncode == 1
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "hidden-word" not in answer.stderr
