"""`python -m integration.sandbox`: run AutoPay central, gateway and banks until stopped."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import redis

from integration.sandbox import agreements, app, gateway
from integration.sandbox.box import Box
from integration.sandbox.wire import Problem


class Server(ThreadingMixIn, WSGIServer):
    """A thread per call; each gives its database connection back when it has answered."""

    daemon_threads = True
    request_queue_size = 128
    box: Box

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """One call."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.box.store.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no error of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(WSGIRequestHandler):
    """Keeps the path as it was sent (signatures cover it) and is silent."""

    def get_environ(self) -> dict[str, Any]:
        """WSGI environment with the raw path and the connection."""
        environ: dict[str, Any] = super().get_environ()
        environ["RAW_PATH"] = self.path
        environ["CONTENT_TYPE"] = self.headers.get("Content-Type", "")
        environ["sandbox.connection"] = self.connection
        return environ

    def address_string(self) -> str:
        """No name look-ups."""
        return str(self.client_address[0])

    def log_message(self, format: str, *args: object) -> None:
        """Calls are not logged."""


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Command line; the gateway's user and password may come from the environment."""
    parser = argparse.ArgumentParser(
        prog="sandbox", description="AutoPay central, gateway and banks for trying and testing."
    )
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, help="folder of the sandbox's own state")
    parser.add_argument("--redis", required=True, help="address of the queue service, e.g. redis://… or unix:///…")
    parser.add_argument("--seed", default="1", help="draws the outcomes of rules with a share")
    parser.add_argument(
        "--date", help="business time to stand at, YYYY-MM-DDTHH:MM; without it the wall clock is followed"
    )
    parser.add_argument("--agreements", type=Path, help="JSON file of bank agreements")
    parser.add_argument("--rules", type=Path, help="JSON file of rules; replaces those in force")
    parser.add_argument("--user", default=os.environ.get("SANDBOX_GATEWAY_USER", "gateway"))
    parser.add_argument("--password", default=os.environ.get("SANDBOX_GATEWAY_PASSWORD", "sandbox"))
    return parser.parse_args(argv)


def prepare(options: argparse.Namespace) -> Box:
    """State, agreements, rules and clock as asked for; a set clock that moved on since is left where it is."""
    options.data.mkdir(parents=True, exist_ok=True)
    broker = redis.Redis.from_url(options.redis, socket_timeout=5, socket_connect_timeout=5)
    box = app.build(options.data, broker, str(options.seed), options.user, options.password)
    if options.date and (not box.clock.is_set() or datetime.fromisoformat(options.date) > box.clock.now()):
        box.clock.set(datetime.fromisoformat(options.date))
    if options.agreements:
        agreements.load(box, json.loads(options.agreements.read_text()))
    if options.rules:
        box.rules.replace(json.loads(options.rules.read_text()))
    return box


def listen(options: argparse.Namespace, box: Box) -> Server:
    """A server that holds its port and has not answered yet."""
    server = Server((options.host, options.port), Handler)
    server.box = box
    server.set_app(app.Application(box))
    return server


def run(server: Server) -> None:
    """Answer calls and run events until the server is shut down; then finish what is in work."""
    server.box.schedule.start()
    server.box.post.start()
    server.serve_forever(poll_interval=0.05)
    server.box.schedule.stop()
    server.box.post.stop()
    server.server_close()


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; prints one line when ready."""
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(levelname)s %(message)s")
    options = arguments(argv)
    try:
        box = prepare(options)
    except (Problem, ValueError, OSError) as error:
        sys.stderr.write(f"sandbox: cannot start: {error}\n")
        return 2
    server = listen(options, box)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    address = f"http://{options.host}:{server.server_port}"
    print(f"Sandbox ready on {address}{gateway.BASE}/ (watch and steer: {address}/sandbox/)", flush=True)
    run(server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
