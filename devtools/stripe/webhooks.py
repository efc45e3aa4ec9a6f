"""Signed webhooks, delivered by a background thread until the receiver answers 2xx."""

import hashlib
import hmac
import http.client
import sqlite3
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from devtools.stripe.call import Call, dumps
from devtools.stripe.errors import Json
from devtools.stripe.faults import Faults
from devtools.stripe.rendering import public
from devtools.stripe.resources import refunds
from devtools.stripe.store import Store

_MAXIMUM_WAIT = 3600.0
_KEEP_TRYING = 3 * 24 * 3600


@dataclass(frozen=True)
class Pace:
    """Seconds before the first retry (doubled each time) and seconds a receiver has to answer."""

    backoff: float = 1.0
    timeout: float = 10.0


def sign(secret: str, timestamp: int, payload: bytes) -> str:
    signed = str(timestamp).encode() + b"." + payload
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


class Background(threading.Thread):
    """Delivers webhooks and moves refunds on when their time has come."""

    def __init__(self, store: Store, faults: Faults, pace: Pace) -> None:
        super().__init__(name="stripe-background", daemon=True)
        self._store = store
        self._faults = faults
        self._pace = pace
        self._wakeup = threading.Event()
        self._stopping = False

    def wake(self) -> None:
        self._wakeup.set()

    def stop(self) -> None:
        self._stopping = True
        self._wakeup.set()
        self.join()

    def run(self) -> None:
        while not self._stopping:
            self._wakeup.clear()
            if not (self._settle_refund() or self._deliver_one()):
                self._wakeup.wait(self._seconds_until_next())

    def _seconds_until_next(self) -> float | None:
        rows = self._store.run(
            "SELECT MIN(due_at) AS due_at FROM (SELECT due_at FROM delivery WHERE state IN ('due', 'held') "
            "UNION ALL SELECT due_at FROM later)"
        )
        return None if rows[0]["due_at"] is None else max(0.0, rows[0]["due_at"] - time.time())

    def _settle_refund(self) -> bool:
        with self._store.transaction():
            rows = self._store.run("SELECT * FROM later WHERE due_at <= ? ORDER BY due_at LIMIT 1", time.time())
            if not rows:
                return False
            self._store.run("DELETE FROM later WHERE seq = ?", rows[0]["seq"])
            call = Call(self._store, self._faults, rows[0]["account"], {}, "")
            if call.get("refund", rows[0]["refund"])["status"] not in ("failed", rows[0]["status"]):
                refunds.settle(call, rows[0]["refund"], rows[0]["status"], rows[0]["reason"])
        return True

    def _deliver_one(self) -> bool:
        rows = self._store.run(
            "SELECT * FROM delivery WHERE state IN ('due', 'held') AND due_at <= ? ORDER BY due_at, seq LIMIT 1",
            time.time(),
        )
        if not rows:
            return False
        delivery = rows[0]
        event = self._store.find(delivery["account"], "event", delivery["event"])
        endpoint = self._store.find(delivery["endpoint_account"], "webhook_endpoint", delivery["endpoint"])
        if event is None or endpoint is None or endpoint["status"] != "enabled":
            self._store.run("UPDATE delivery SET state = 'abandoned' WHERE seq = ?", delivery["seq"])
            return True
        try:
            status, error = self._post(event, endpoint), None
        except (OSError, http.client.HTTPException) as problem:
            status, error = None, repr(problem)
        if status is not None and 200 <= status < 300:
            self._delivered(delivery, event, status)
        else:
            self._failed(delivery, event, status, error)
        return True

    def _post(self, event: Json, endpoint: Json) -> int:
        payload = dumps(public(event)).encode()
        target = urlsplit(endpoint["url"])
        connection_class = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
        connection = connection_class(target.hostname or "", target.port, timeout=self._pace.timeout)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": sign(endpoint["_secret"], int(time.time()), payload),
        }
        try:
            path = (target.path or "/") + (f"?{target.query}" if target.query else "")
            connection.request("POST", path, payload, headers)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def _delivered(self, delivery: sqlite3.Row, event: Json, status: int) -> None:
        with self._store.transaction():
            self._store.run(
                "UPDATE delivery SET state = 'delivered', attempts = attempts + 1, status = ?, error = NULL "
                "WHERE seq = ?",
                status,
                delivery["seq"],
            )
            # An event held back for reordering follows the first one that overtook it.
            self._store.run(
                "UPDATE delivery SET state = 'due', due_at = 0 WHERE state = 'held' AND endpoint = ? AND seq < ?",
                delivery["endpoint"],
                delivery["seq"],
            )
            current = self._store.find(delivery["account"], "event", event["id"])
            if current is not None:
                current["pending_webhooks"] = max(0, current["pending_webhooks"] - 1)
                self._store.save(delivery["account"], current)

    def _failed(self, delivery: sqlite3.Row, event: Json, status: int | None, error: str | None) -> None:
        wait = min(self._pace.backoff * 2 ** min(delivery["attempts"], 20), _MAXIMUM_WAIT)
        state = "gave_up" if self._store.now() - event["created"] > _KEEP_TRYING else "due"
        self._store.run(
            "UPDATE delivery SET state = ?, attempts = attempts + 1, due_at = ?, status = ?, error = ? WHERE seq = ?",
            state,
            time.time() + wait,
            status,
            error,
            delivery["seq"],
        )
