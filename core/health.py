"""/healthz: the process answers. /readyz: it can do its work, that is, its servers answer and their clocks agree.

/readyz?full=1 also asks whether beat and a worker live. Load balancers leave that out: pages are served without them.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from core.clock import now

CHECK_SECONDS = 2.0
MAX_CLOCK_SKEW_MS = 500
# Policies bind neither superusers nor such roles: the second tenancy wall would be gone without a sound.
IS_UNBOUND_SQL = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
BEAT_KEY = "beat:last"
MAX_BEAT_SECONDS = 60

# Few threads: when a server hangs, further checks wait here and time out rather than pile up connections.
_checkers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="readyz")


class NotReady(Exception):
    """A check failed. The message is shown to whoever asks, so it holds no addresses or credentials."""


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return _uncached(JsonResponse({"status": "ok"}))


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    checks = CHECKS | ({"worker": check_worker} if request.GET.get("full") == "1" else {})
    started = {name: _checkers.submit(_closing_connection, check) for name, check in checks.items()}
    deadline = time.monotonic() + CHECK_SECONDS
    results = {name: _result(future, deadline) for name, future in started.items()}
    ready = all(result["ok"] for result in results.values())
    body = {"status": "ready" if ready else "not ready", "checks": results}
    return _uncached(JsonResponse(body, status=200 if ready else 503))


def _uncached(response: JsonResponse) -> JsonResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


def _result(future: "Future[str]", deadline: float) -> dict[str, Any]:
    try:
        return {"ok": True, "detail": future.result(max(0.0, deadline - time.monotonic()))}
    except FutureTimeoutError:
        future.cancel()
        return {"ok": False, "detail": f"No answer within {CHECK_SECONDS:g} s."}
    except NotReady as error:
        return {"ok": False, "detail": str(error)}
    except (DatabaseError, redis.RedisError) as error:
        return {"ok": False, "detail": f"{type(error).__name__}."}


def _closing_connection(check: Callable[[], str]) -> str:
    try:
        return check()
    finally:
        connection.close()


def check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute(IS_UNBOUND_SQL)
        if cursor.fetchone() != (False,):
            raise NotReady("The role of DATABASE_URL may see past row-level security. Use a plain role.")
    return "Answers."


def check_clock() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the connection is made outside the measurement
        before = now()
        cursor.execute("SELECT clock_timestamp()")
        database_time: datetime = cursor.fetchone()[0]
        after = now()
    skew_ms = round((database_time - (before + (after - before) / 2)).total_seconds() * 1000)
    if abs(skew_ms) >= MAX_CLOCK_SKEW_MS:
        raise NotReady(
            f"This clock and the database's are {abs(skew_ms)} ms apart; less than {MAX_CLOCK_SKEW_MS} is fine."
        )
    return f"{abs(skew_ms)} ms from the database's."


def check_migrations() -> str:
    missing = missing_migrations()
    if missing:
        app, name = missing[0]
        raise NotReady(f"{len(missing)} not applied, the first is {app}.{name}. Run manage.py migrate.")
    return "All applied."


def missing_migrations() -> list[tuple[str, str]]:
    """(app, name) of those that this code has and the database has not."""
    return sorted(_known_migrations() - set(MigrationRecorder(connection).applied_migrations()))


@lru_cache(maxsize=1)
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Of the code that runs; it does not change while the process lives."""
    return frozenset(MigrationLoader(None).graph.nodes)


def check_redis() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=CHECK_SECONDS / 2, socket_timeout=CHECK_SECONDS / 2
    )
    with client:
        client.ping()
    return "Answers."


def check_worker() -> str:
    last = cache.get(BEAT_KEY)
    if last is None:
        raise NotReady("Beat or the worker has not run yet.")
    seconds = round((now() - datetime.fromisoformat(last)).total_seconds())
    if seconds > MAX_BEAT_SECONDS:
        raise NotReady(f"Beat or the worker last ran {seconds} s ago.")
    return f"Ran {seconds} s ago."


CHECKS: dict[str, Callable[[], str]] = {
    "database": check_database,
    "migrations": check_migrations,
    "clock": check_clock,
    "redis": check_redis,
}
