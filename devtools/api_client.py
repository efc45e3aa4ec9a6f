"""A small caller of our own API, for demo and replay. It waits while the server restarts or asks for patience."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

WAIT_AND_TRY_AGAIN = frozenset({429, 502, 503, 504})


class Unreachable(Exception):
    """No answer within the patience given."""


class Refused(Exception):
    """The API said no. `problem` is its own explanation."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        fields = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in problem.get("errors", {}).items())
        super().__init__(f"{status} {problem.get('detail', '')} {fields}".strip())


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """One connection, kept open. Asks again on a lost connection: what it carries may safely be sent twice."""

    def __init__(self, base: str, *, patience: float = 60.0, wait: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{base!r} is not an http address.")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=30)
        self._path = parts.path.rstrip("/")
        self._base = base
        self._patience = patience
        self._wait = wait

    def request(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        waited, pause = 0.0, 0.2
        while True:
            reply = self._once(method, self._path + path, body, headers)
            if reply is not None and reply.status not in WAIT_AND_TRY_AGAIN:
                return reply
            asked = reply.headers.get("Retry-After", "") if reply is not None else ""
            delay = float(asked) if asked.isdigit() else pause
            if waited + delay > self._patience:
                if reply is not None:
                    return reply
                raise Unreachable(f"{self._base} does not answer.")
            self._wait(delay)
            waited, pause = waited + delay, min(pause * 2, 5.0)

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply | None:
        try:
            self._connection.request(method, path, body, dict(headers))
            response = self._connection.getresponse()
            return Reply(response.status, dict(response.headers), response.read())
        except (OSError, HTTPException):
            self._connection.close()
            return None


class ApiClient:
    def __init__(
        self, base: str, key: str, *, patience: float = 60.0, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._line = Line(base.rstrip("/") + "/api/v1", patience=patience, wait=wait)
        self._key = key

    def post(self, path: str, payload: dict[str, Any], *, idempotency_key: str = "") -> tuple[int, dict[str, Any]]:
        """Status and body of a success. Raises Refused, Unreachable."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        return _answer(self._line.request("POST", path, json.dumps(payload).encode(), headers))

    def get(self, path: str) -> dict[str, Any]:
        return _answer(self._line.request("GET", path, None, {"Authorization": f"Bearer {self._key}"}))[1]


def body_of(reply: Reply) -> dict[str, Any]:
    """Raises Refused when the answer is no JSON."""
    try:
        body: dict[str, Any] = json.loads(reply.body)
    except ValueError:
        problem = {"detail": "The answer is no JSON. Is this the right address?"}
        raise Refused(reply.status, problem) from None
    return body


def _answer(reply: Reply) -> tuple[int, dict[str, Any]]:
    body = body_of(reply)
    if reply.status >= 300:
        raise Refused(reply.status, body)
    return reply.status, body
