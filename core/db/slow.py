"""Slow statements: the last hundred, without their parameters, and how many there were. Kept in Valkey, not in tables.

A statement that is fast costs two readings of a clock. Where Valkey does not answer, statements are only logged.
"""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
import structlog
from django.conf import settings

from core import clock
from core.tenancy import current_scope
from core.valkey import valkey

log = structlog.get_logger(__name__)

KEPT = 100
MAX_SQL = 2000
LAST_KEY, COUNT_KEY = "slow-queries:last", "slow-queries:count"
# A Valkey that is down or hangs is left alone for so long: queries must not wait for it one after the other.
PAUSE_SECONDS = 15.0
# Parameters are not part of the text, but hand-written SQL may hold literals.
_LITERAL = re.compile(r"'(?:[^']|'')*'")

_silent_until = 0.0


@dataclass(frozen=True, slots=True)
class SlowQuery:
    at: datetime
    milliseconds: int
    sql: str
    merchant_id: int | None


def timed(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute wrapper (Django's term): measures, and keeps what took longer than SLOW_QUERY_MS."""
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        milliseconds = (time.perf_counter() - started) * 1000
        if milliseconds >= settings.SLOW_QUERY_MS:
            keep(sql, milliseconds)


def keep(sql: Any, milliseconds: float) -> None:
    global _silent_until  # of this process; a race costs one more try
    scope = current_scope()
    text = _LITERAL.sub("'…'", sql)[:MAX_SQL] if isinstance(sql, str) else type(sql).__name__
    merchant_id = None if scope is None else scope.merchant_id
    log.warning("slow_query", milliseconds=round(milliseconds), sql=text)
    if time.monotonic() < _silent_until:
        return
    entry = {"at": clock.now().isoformat(), "ms": round(milliseconds), "sql": text, "merchant_id": merchant_id}
    try:
        with valkey().pipeline(transaction=False) as pipe:
            pipe.lpush(LAST_KEY, json.dumps(entry))
            pipe.ltrim(LAST_KEY, 0, KEPT - 1)
            pipe.incr(COUNT_KEY)
            pipe.execute()
    except redis.RedisError as error:
        _silent_until = time.monotonic() + PAUSE_SECONDS
        log.warning("slow_query_not_kept", error=str(error))


def slow_queries() -> Sequence[SlowQuery]:
    """The last ones, newest first. Raises redis.RedisError."""
    entries: Any = valkey().lrange(LAST_KEY, 0, KEPT - 1)
    return [
        SlowQuery(datetime.fromisoformat(entry["at"]), entry["ms"], entry["sql"], entry["merchant_id"])
        for entry in map(json.loads, entries)
    ]


def slow_count() -> int:
    """How many there were since Valkey was emptied. Raises redis.RedisError."""
    found: Any = valkey().get(COUNT_KEY)
    return int(found or 0)
