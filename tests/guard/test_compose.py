"""The description of the real installation fits the program: services, queues, commands, names of settings."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

from autopay_console.kernel.queues import QUEUES

ROOT = Path(__file__).parents[2]
SERVICES = {
    *("database", "database-setup", "broker", "migrate", "web", "beat", "consumer", "sandbox"),
    *(f"worker-{queue}" for queue in QUEUES),
}
ONCE = {"database-setup", "migrate"}
FOREIGN = {"database", "database-setup", "broker"}  # their settings are other programs'
READ = re.compile(r"(?:env\.(?:text|flag|number|words|one_of)|os\.environ\.get)\(\s*\"([A-Z][A-Z0-9_]+)\"")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def read_names():
    """Names of the environment the program reads."""
    found = set()
    for package in ("autopay_console", "companies", "payments", "integration"):
        for path in (ROOT / package).rglob("*.py"):
            found |= set(READ.findall(path.read_text(encoding="utf-8")))
    return found


def words(service):
    command = service.get("command", [])
    return [str(word) for word in command] if isinstance(command, list) else command.split()


def test_all_services_are_there(compose):
    assert set(compose["services"]) == SERVICES


def test_every_name_that_is_set_is_read(compose, read_names):
    unread = {
        f"{name}: {key}"
        for name, service in compose["services"].items()
        if name not in FOREIGN
        for key in service.get("environment", {})
        if key.removesuffix("_FILE") not in read_names
    }
    assert unread == set()


def test_every_service_that_stays_has_a_health_check_a_limit_and_time_to_stop(compose):
    for name, service in compose["services"].items():
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert service["logging"]["options"]["max-size"], name
        if name not in ONCE:
            assert service["healthcheck"]["test"], name
            assert service["stop_grace_period"], name
            assert service["restart"] == "unless-stopped", name


def test_workers_have_longer_to_stop_than_a_task_may_run(compose):
    from autopay_console.celery import app

    for queue in QUEUES:
        grace = int(compose["services"][f"worker-{queue}"]["stop_grace_period"].removesuffix("s"))
        assert grace > app.conf.task_time_limit


def test_every_queue_is_served_by_its_pool(compose):
    for queue in QUEUES:
        command = words(compose["services"][f"worker-{queue}"])
        assert command[command.index("-Q") + 1] == queue


def test_commands_of_the_program_exist(compose):
    known = get_commands()
    for name, service in compose["services"].items():
        line = " ".join(words(service) + [str(word) for word in service.get("healthcheck", {}).get("test", [])])
        for command in re.findall(r"manage\.py ([a-z_]+)", line):
            assert command in known, f"{name}: {command}"


def test_what_is_named_is_declared(compose):
    for name, service in compose["services"].items():
        assert set(service.get("depends_on", {})) <= set(compose["services"]), name
        assert set(service.get("networks", [])) <= set(compose["networks"]), name
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert {one.split(":")[0] for one in service.get("volumes", [])} <= set(compose["volumes"]), name


def test_secrets_come_from_files_and_no_value_stands_in_the_description(compose):
    environment = compose["services"]["web"]["environment"]
    for name in ("SECRET_KEY", "FIELD_KEYS", "DATABASE_URL", "METRICS_TOKEN", "EMAIL_URL"):
        assert name not in environment
        assert environment[f"{name}_FILE"].startswith("/run/secrets/")


def test_only_the_web_server_is_reached_from_outside_and_only_from_the_machine_itself(compose):
    published = {name: service["ports"] for name, service in compose["services"].items() if service.get("ports")}
    assert set(published) == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in published["web"])


def test_the_sandbox_runs_only_when_asked_for(compose):
    assert compose["services"]["sandbox"]["profiles"] == ["sandbox"]


def test_the_image_runs_without_root_and_serves_with_threads():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert lines.startswith("#")
    assert re.search(r"^FROM python:3\.11-slim$", lines, re.MULTILINE)
    assert re.search(r"^USER console$", lines, re.MULTILINE)
    assert "libodbc2" in lines
    for words_of_it in ('"gthread"', '"--workers", "2"', '"--threads", "4"', "collectstatic", "--require-hashes"):
        assert words_of_it in lines


def test_the_running_page_names_every_setting(read_names):
    page = (ROOT / "docs/running.md").read_text(encoding="utf-8")
    known = {name for name in read_names if not name.startswith("SANDBOX_GATEWAY")}
    assert sorted(name for name in known if f"`{name}`" not in page) == []


def test_what_the_image_copies_is_there_and_holds_all_the_program_needs():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    sources = {word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]}
    assert sources == {"requirements.txt", "."}
    assert all((ROOT / source).exists() for source in sources)
    left_out = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    needed = {"manage.py", "autopay_console", "companies", "payments", "integration", "templates", "static", "locale"}
    assert not left_out & needed
    assert {"secrets", ".env", "var", ".git"} <= left_out  # nothing of a running installation is baked in


def test_programs_that_are_started_come_with_the_requirements(compose):
    scripts = {one.name for one in entry_points(group="console_scripts")}
    commands = [words(service) for name, service in compose["services"].items() if name not in FOREIGN]
    programs = {command[0] for command in commands if command} | {"gunicorn"}
    assert programs - {"python", "sh"} <= scripts
    assert '"gunicorn", "autopay_console.wsgi"' in (ROOT / "Dockerfile").read_text(encoding="utf-8")
