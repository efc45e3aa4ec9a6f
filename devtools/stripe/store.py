"""Everything the server knows, in one SQLite file: it survives a restart and kill -9."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devtools.stripe.errors import Json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (account, id));
CREATE INDEX IF NOT EXISTS object_kind ON object (account, kind, seq);
CREATE INDEX IF NOT EXISTS object_customer ON object (account, kind, json_extract(body, '$.customer'), seq);
CREATE INDEX IF NOT EXISTS object_intent ON object (account, kind, json_extract(body, '$.payment_intent'), seq);
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, endpoint TEXT NOT NULL, fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL,
    PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, event TEXT NOT NULL, endpoint_account TEXT NOT NULL,
    endpoint TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at REAL NOT NULL,
    status INTEGER, error TEXT);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due_at);
CREATE TABLE IF NOT EXISTS later (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, refund TEXT NOT NULL, status TEXT NOT NULL,
    reason TEXT NOT NULL, due_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS fault (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_WIPE = (
    "DELETE FROM object",
    "DELETE FROM idempotency",
    "DELETE FROM delivery",
    "DELETE FROM later",
    "DELETE FROM fault",
    "DELETE FROM setting",
)
FILE_NAME = "stripe.sqlite3"


class Store:
    """One connection behind one lock: requests apply one after the other, each wholly or not at all."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(directory / FILE_NAME, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # WAL with NORMAL survives the death of the process; only a power cut could lose the last commits.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
        self._clock_offset = float(self.setting("clock_offset") or 0)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth:
                yield
                return
            self._depth = 1
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            else:
                self._connection.execute("COMMIT")
            finally:
                self._depth = 0

    def run(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    # Clock: it can be moved ahead, so that tests see idempotency keys expire.

    def now(self) -> int:
        return int(time.time() + self._clock_offset)

    def advance_clock(self, seconds: float) -> None:
        self._clock_offset += seconds
        self.save_setting("clock_offset", str(self._clock_offset))

    def setting(self, name: str) -> str | None:
        rows = self.run("SELECT value FROM setting WHERE name = ?", name)
        return str(rows[0]["value"]) if rows else None

    def save_setting(self, name: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, value)

    # Objects. Names that begin with an underscore are the server's own and are never shown.

    def find(self, account: str, kind: str, identifier: str) -> Json | None:
        rows = self.run("SELECT body FROM object WHERE account = ? AND kind = ? AND id = ?", account, kind, identifier)
        return json.loads(rows[0]["body"]) if rows else None

    def save(self, account: str, body: Json) -> None:
        self.run(
            "INSERT INTO object (account, kind, id, created, body) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (account, id) DO UPDATE SET body = excluded.body",
            account,
            body["object"],
            body["id"],
            body["created"],
            json.dumps(body),
        )

    def delete(self, account: str, identifier: str) -> None:
        self.run("DELETE FROM object WHERE account = ? AND id = ?", account, identifier)

    def newest_first(self, account: str, kind: str, where: Mapping[str, Any] | None = None) -> list[Json]:
        """All objects of a kind, filtered on customer or payment intent by index and on the rest in Python."""
        rest = dict(where or {})
        if "customer" in rest:
            rows = self.run(
                "SELECT body FROM object WHERE account = ? AND kind = ? AND json_extract(body, '$.customer') = ? "
                "ORDER BY seq DESC",
                account,
                kind,
                rest.pop("customer"),
            )
        elif "payment_intent" in rest:
            rows = self.run(
                "SELECT body FROM object WHERE account = ? AND kind = ? "
                "AND json_extract(body, '$.payment_intent') = ? ORDER BY seq DESC",
                account,
                kind,
                rest.pop("payment_intent"),
            )
        else:
            rows = self.run("SELECT body FROM object WHERE account = ? AND kind = ? ORDER BY seq DESC", account, kind)
        bodies = [json.loads(row["body"]) for row in rows]
        return [body for body in bodies if all(body.get(name) == value for name, value in rest.items())]

    def wipe(self) -> None:
        """Forget everything, as if just installed."""
        with self.transaction():
            for statement in _WIPE:
                self.run(statement)
        self._clock_offset = 0.0
