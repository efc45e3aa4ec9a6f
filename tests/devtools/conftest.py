"""Fixtures of the Stripe server's own tests."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.devtools.stripe_fixtures import stripe_client, stripe_server, stripe_server_session

__all__ = ["stripe_client", "stripe_server", "stripe_server_session"]
PATIENCE = 10.0


@dataclass
class Received:
    path: str
    signature: str
    body: bytes


@dataclass
class Receiver:
    """A merchant's webhook address: keeps what arrives and answers with the queued statuses, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    inbox: "queue.Queue[Received]" = field(default_factory=queue.Queue)

    def next(self, timeout: float = PATIENCE) -> Received:
        return self.inbox.get(timeout=timeout)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = found.statuses.pop(0) if found.statuses else 200
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            found.inbox.put(Received(self.path, self.headers["Stripe-Signature"], body))

        def log_message(self, *_):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hooks?shop=1"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()
