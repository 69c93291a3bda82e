"""The installation of docker-compose.yml as processes of this machine: its commands, environment and health checks.

What a container engine would add is put in place by hand: the image's files (what .dockerignore lets through) in a
folder of their own, volumes and secrets as folders, names of services as addresses with free ports.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from autopay_console import processes
from tests.ports import a_free_port

ROOT = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("AUTOPAY_COMPOSE_PYTHON", sys.executable))  # with nothing but requirements.txt, if named
ASKED_FOR = {"CONSOLE_HOST": "console.example.com", "MSSQL_SA_PASSWORD": "unused"}


class Installation:
    """The services of the compose file over one folder."""

    def __init__(self, folder: Path, database_url: str, secrets: dict[str, str]) -> None:
        self.folder, self.app = folder, folder / "app"
        self.services = yaml.safe_load(_filled_in((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))[
            "services"
        ]
        self.image = _steps((ROOT / "Dockerfile").read_text(encoding="utf-8"))
        self.ports = {"6379": a_free_port(), "8000": a_free_port(), "8090": a_free_port()}
        self.places = {"/run/secrets": folder / "secrets", "/srv/autopay": folder / "srv", "/state": folder / "state"}
        self.places["/dev/shm"] = folder
        for place in (*self.places.values(), folder / "data"):
            place.mkdir(exist_ok=True)
        for name, value in {**secrets, "database_url": database_url}.items():
            (folder / "secrets" / name).write_text(value)
        self.running: dict[str, processes.Running] = {}

    # --- The image ----------------------------------------------------------------------------------------------
    def build(self) -> None:
        """COPY and RUN of the Dockerfile, as far as they are about our own files."""
        ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
        shutil.copytree(ROOT, self.app, ignore=lambda at, names: _left_out(Path(at), names, ignored))
        for step in self.image["RUN"]:
            for part in (one.strip() for one in step.split("&&")):
                if "python " in part:
                    done = subprocess.run(
                        ["sh", "-c", self._here(part)], cwd=self.app, env=self._env({}), capture_output=True, text=True
                    )
                    assert done.returncode == 0, f"{part}\n{done.stderr}"

    # --- Services -----------------------------------------------------------------------------------------------
    def once(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a service that ends by itself."""
        command, env = self._command(name), self.env_of(name)
        return subprocess.run(command, cwd=self.app, env=env, capture_output=True, text=True)

    def start(self, name: str) -> None:
        """Start a service that stays."""
        env = self.env_of(name)
        foreign = [word for one in os.environ if one not in env for word in ("-u", one)]
        command = ["env", "-C", str(self.app), *foreign, *self._command(name)]
        self.running[name] = processes.start(name, command, self.folder / "log", env)

    def healthy(self, name: str) -> bool:
        """Whether the service's own health check says so, now."""
        kind, *test = self.services[name]["healthcheck"]["test"]
        assert kind == "CMD"
        test = [self._here(word) for word in test]
        if name == "broker":
            client = shutil.which("redis-cli") or shutil.which("valkey-cli") or "redis-cli"
            test[:1] = [client, "-p", str(self.ports["6379"])]
        env = self.env_of(name)
        return subprocess.run(test, cwd=self.app, env=env, capture_output=True).returncode == 0

    def wait_for(self, name: str) -> None:
        """Until it is healthy; its log is shown when it never is."""
        self.running[name].wait_until(lambda: self.healthy(name), 120, "healthy")

    def stop(self, name: str) -> int:
        """SIGTERM, and as long to end as the compose file gives; its exit code (-9: it did not end)."""
        grace = float(self.services[name]["stop_grace_period"].removesuffix("s"))
        return self.running.pop(name).stop(grace)

    # --- From the container's world to this machine's -----------------------------------------------------------
    def _command(self, name: str) -> list[str]:
        words = [self._here(str(word)) for word in self.services[name].get("command") or self.image["CMD"]]
        if name == "broker":
            words[0] = str(processes.broker_program())
            words += ["--port", str(self.ports["6379"]), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return words

    def _here(self, text: str) -> str:
        for place, folder in self.places.items():
            text = text.replace(place, str(folder))
        text = text.replace("0.0.0.0", "127.0.0.1").replace("broker:", "127.0.0.1:")
        return re.sub(r"\b(6379|8000|8090)\b", lambda found: str(self.ports[found[0]]), text)

    def env_of(self, name: str) -> dict[str, str]:
        """The whole environment of a service."""
        return self._env(self.services[name].get("environment", {}))

    def _env(self, named: dict[str, object]) -> dict[str, str]:
        image = dict(one.split("=", 1) for one in self.image["ENV"])
        env = {key: self._here(str(value)) for key, value in {**image, **named}.items()}
        path = f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"
        return {
            "PATH": path,
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            **env,
            "AUTOPAY_DATA": str(self.folder / "data"),
        }


def _filled_in(text: str) -> str:
    """`${NAME}`, `${NAME:-otherwise}` and `${NAME:?why}` as compose puts values in their place; `$$` is a dollar."""

    def value(found: re.Match[str]) -> str:
        name, sign, rest = found.groups()
        assert name in ASKED_FOR or sign == "-", f"{name} must be named"
        return ASKED_FOR.get(name, rest or "")

    return re.sub(r"\$\{(\w+)(?::([-?])([^}]*))?\}", value, text).replace("$$", "$")


def _steps(text: str) -> dict[str, list[str]]:
    """ENV, RUN and CMD of the Dockerfile."""
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*$", "", text, flags=re.MULTILINE)).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line.strip()]
    [command] = [yaml.safe_load(rest) for word, rest in steps if word == "CMD"]
    env = [one for word, rest in steps if word == "ENV" for one in rest.split()]
    return {"ENV": env, "RUN": [rest for word, rest in steps if word == "RUN"], "CMD": command}


def _left_out(at: Path, names: list[str], patterns: list[str]) -> set[str]:
    inside = at.relative_to(ROOT)
    anywhere = [one.removeprefix("**/") for one in patterns if one.startswith("**/")]
    return {
        name
        for name in names
        if str(inside / name) in patterns or any(fnmatch.fnmatch(name, pattern) for pattern in anywhere)
    }
