"""HTTP around the engine: threads, keep-alive, this machine only."""

import socket
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from devtools.stripe.control import control
from devtools.stripe.engine import Answer, Engine, Request
from devtools.stripe.pages import bank
from devtools.stripe.store import Store
from devtools.stripe.webhooks import Background, Pace

_MAXIMUM_BODY = 1_000_000


class NotLoopbackError(ValueError):
    """The server moves pretend money without real keys, so it never listens to other machines."""


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, state: Path, pace: Pace) -> None:
        if not ip_address(host).is_loopback:
            raise NotLoopbackError(f"{host} is not a loopback address.")
        super().__init__((host, port), Handler)
        self.store = Store(state)
        self.engine = Engine(self.store)
        self.background = Background(self.store, self.engine.faults, pace)
        self.connections: set[socket.socket] = set()
        self.background.start()

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a fault of ours and printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def shut(self) -> None:
        """Stop in order: no new requests, no more webhooks, then the file."""
        self.engine.stopping.set()
        self.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        self.server_close()
        self.background.stop()
        self.store.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "devtools-stripe"
    sys_version = ""
    server: Server

    def setup(self) -> None:
        super().setup()
        # Small answers must not wait for the client's acknowledgement.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Tests and bin/run want a quiet server; /_devtools/state tells what happened."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAXIMUM_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._send(Answer(413, "", content_type="text/plain"))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, urlsplit(self.path), headers, self.rfile.read(int(length)), self.server.url)
        answer = self._answer(request)
        self.server.background.wake()
        if answer.hang_ms is not None:
            self.server.engine.stopping.wait(answer.hang_ms / 1000)
            self.close_connection = True
            return
        self._send(answer)

    def _answer(self, request: Request) -> Answer:
        engine = self.server.engine
        path = request.url.path
        if path == "/healthz":
            return Answer(200, "ok", content_type="text/plain")
        if path.startswith("/_devtools/"):
            return control(engine, request)
        if path.startswith("/_bank/"):
            return bank(engine, request)
        return engine.answer(request)

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
