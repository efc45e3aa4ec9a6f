"""Idempotency keys: the first answer of a key is its answer for 24 hours."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from devtools.stripe.errors import ApiError, Json
from devtools.stripe.store import Store

KEPT_SECONDS = 24 * 3600
_MAXIMUM_LENGTH = 255


@dataclass(frozen=True)
class Saved:
    status: int
    body: str
    request_id: str


def fingerprint(params: Json) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


class IdempotencyKeys:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._in_flight: set[tuple[str, str]] = set()

    @contextmanager
    def claim(self, account: str, key: str) -> Iterator[None]:
        """Only one request at a time may work under a key."""
        if len(key) > _MAXIMUM_LENGTH:
            raise ApiError(400, f"Idempotency keys must be at most {_MAXIMUM_LENGTH} characters.")
        with self._lock:
            if (account, key) in self._in_flight:
                raise ApiError(
                    409,
                    "There is currently another in-progress request using this Idempotent Key (that probably means you "
                    f"submitted twice, and the other request is still going through): {key}. Please try again later.",
                    code="idempotency_key_in_use",
                )
            self._in_flight.add((account, key))
        try:
            yield
        finally:
            with self._lock:
                self._in_flight.discard((account, key))

    def find(self, account: str, key: str, endpoint: str, params: Json) -> Saved | None:
        rows = self._store.run("SELECT * FROM idempotency WHERE account = ? AND key = ?", account, key)
        if not rows or rows[0]["created"] <= self._store.now() - KEPT_SECONDS:
            return None
        row = rows[0]
        if row["endpoint"] != endpoint:
            raise _misused(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for "
                f"('{endpoint}' vs '{row['endpoint']}'). Try using a key other than '{key}' if you meant to execute a "
                "different request."
            )
        if row["fingerprint"] != fingerprint(params):
            raise _misused(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
        return Saved(row["status"], row["body"], row["request_id"])

    def keep(self, account: str, key: str, endpoint: str, params: Json, saved: Saved) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO idempotency "
            "(account, key, endpoint, fingerprint, status, body, request_id, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            account,
            key,
            endpoint,
            fingerprint(params),
            saved.status,
            saved.body,
            saved.request_id,
            self._store.now(),
        )


def _misused(message: str) -> ApiError:
    return ApiError(400, message, kind="idempotency_error")
