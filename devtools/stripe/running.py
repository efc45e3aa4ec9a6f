"""Run the server for a test: in a thread, or as a process that can be killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from devtools.stripe.errors import Json
from devtools.stripe.server import Server
from devtools.stripe.webhooks import Pace

API_KEY = "sk_test_devtools"
_ROOT = Path(__file__).resolve().parents[2]


class StripeServer:
    """A context manager: `with StripeServer() as stripe: stripe.url`.

    The state directory is temporary unless given; the port is free unless given and stays over `restart()`.
    """

    api_key = API_KEY

    def __init__(
        self, state: Path | None = None, *, port: int = 0, process: bool = False, webhook_backoff: float = 0.05
    ) -> None:
        self._is_temporary = state is None
        self.state = state or Path(tempfile.mkdtemp(prefix="devtools-stripe-"))
        self._port = port
        self._as_process = process
        self._backoff = webhook_backoff
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._is_temporary:
            shutil.rmtree(self.state, ignore_errors=True)

    def start(self) -> None:
        if self._as_process:
            self._start_process()
        else:
            self._server = Server("127.0.0.1", self._port, self.state, Pace(backoff=self._backoff, timeout=5.0))
            self._thread = threading.Thread(
                target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="stripe-server", daemon=True
            )
            self._thread.start()
            self.url = self._server.url
        self._port = urlsplit(self.url).port or 0

    def _start_process(self) -> None:
        command = [sys.executable, "-m", "devtools.stripe", "--port", str(self._port), "--state", str(self.state)]
        command += ["--webhook-backoff", str(self._backoff)]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None  # noqa: S101 - for the type checker: stdout is a pipe
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"devtools.stripe did not start (exit code {self._process.wait()}).")
        self.url = line.split()[-1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.shut()
            self._server = None
        if self._process is not None:
            self._end_process(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, as by the machine. Only for `process=True`."""
        self._end_process(signal.SIGKILL)

    def _end_process(self, number: signal.Signals) -> None:
        if self._process is None:
            raise RuntimeError("The server does not run as a process.")
        os.kill(self._process.pid, number)
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def restart(self) -> None:
        if self._server is not None or self._process is not None:
            self.stop()
        self.start()

    # What tests ask of the server itself.

    def control(self, method: str, path: str, body: Json | None = None) -> Json:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request(method, f"/_devtools/{path}", None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            answer: Json = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(answer["error"]["message"])
        return answer

    def fault(self, kind: str, **options: Any) -> Json:
        return self.control("POST", "faults", {"kind": kind, **options})

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def set_card(self, payment_method: str, behaviour: str, account: str = "") -> None:
        """Change what the bank thinks of a saved card; the names are in cards.BEHAVIOURS."""
        self.control("POST", f"cards/{payment_method}", {"behaviour": behaviour, "account": account})

    def settle_refund(self, refund: str, status: str, account: str = "", failure_reason: str = "unknown") -> Json:
        body = {"status": status, "account": account, "failure_reason": failure_reason}
        return self.control("POST", f"refunds/{refund}", body)

    def reset(self) -> None:
        """Forget everything: objects, keys, events, faults, the moved clock."""
        self.control("POST", "reset", {})

    def advance_clock(self, seconds: int) -> None:
        self.control("POST", "clock", {"advance_seconds": seconds})

    def payment_intents(self, account: str = "", **metadata: str) -> Json:
        """Count, statuses and sums of the intents that carry this metadata."""
        query = {"account": account, **{f"metadata[{name}]": value for name, value in metadata.items()}}
        return self.control("GET", f"payment_intents?{urlencode(query)}")

    def summary(self) -> Json:
        return self.control("GET", "state")

    def deliveries(self) -> list[Json]:
        data: list[Json] = self.control("GET", "deliveries")["data"]
        return data
