"""What is old goes: in small batches, found by an index made for it, so that no purge holds up the shop.

A run is bounded; what is left waits for the next one, and the oldest go first. How long each kind is kept is a setting,
RETENTION_… in docs/configuration.md, except where a promise fixes it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection

from core import clock
from core.tenancy import platform_scope

log = structlog.get_logger(__name__)

BATCH = 1000
MAX_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Purge:
    """`pick` selects the places (ctid) of up to %(limit)s rows from before %(before)s, the oldest first.

    With `empties`, that column is emptied and the row stays.
    """

    name: str
    keep: Callable[[], timedelta]
    table: str
    pick: str
    empties: str = ""

    @property
    def sql(self) -> str:
        # Places and not keys: a list of keys may be joined by reading the whole table.
        act = f"UPDATE {self.table} SET {self.empties} = ''" if self.empties else f"DELETE FROM {self.table}"  # noqa: S608
        return f"{act} WHERE ctid = ANY(ARRAY({self.pick}))"


def days(setting: str) -> Callable[[], timedelta]:
    return lambda: timedelta(days=getattr(settings, setting))


def oldest(table: str, column: str, where: str = "TRUE") -> str:
    """The usual `pick`. Rows that somebody has locked wait for the next run."""
    return (
        f"SELECT ctid FROM {table} WHERE {where} AND {column} < %(before)s "  # noqa: S608 - all of it is ours
        f"ORDER BY {column} LIMIT %(limit)s FOR UPDATE SKIP LOCKED"
    )


def purge(what: Purge, *, seconds: float = MAX_SECONDS) -> int:
    """Returns how many rows went. Each batch is a transaction of its own, so a kill costs one."""
    before = clock.now() - what.keep()
    deadline = time.monotonic() + seconds
    count = 0
    with platform_scope(f"purge {what.name}"):
        while (gone := _batch(what, before)) and time.monotonic() < deadline:
            count += gone
    count += gone
    if count:
        log.info("purged", what=what.name, rows=count)
    return count


def _batch(what: Purge, before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(what.sql, {"before": before, "limit": BATCH})
        count: int = cursor.rowcount
        return count


OUTBOX_DONE = Purge(
    "dispatched events",
    days("RETENTION_EVENT_DAYS"),
    "core_outboxevent",
    oldest("core_outboxevent", "finished_at", "state = 'done'"),
)
OUTBOX_DEAD = Purge(
    "events that were given up",
    days("RETENTION_DEAD_EVENT_DAYS"),
    "core_outboxevent",
    oldest("core_outboxevent", "finished_at", "state = 'dead'"),
)
INBOUND_BODIES = Purge(
    "bodies of webhooks",
    days("RETENTION_WEBHOOK_BODY_DAYS"),
    "core_inboundwebhook",
    oldest("core_inboundwebhook", "received_at", "body <> ''"),
    empties="body",
)
INBOUND_ROWS = Purge(
    "webhooks",
    days("RETENTION_WEBHOOK_DAYS"),
    "core_inboundwebhook",
    oldest("core_inboundwebhook", "received_at"),
)
IDEMPOTENCY_KEYS = Purge(
    "idempotency keys",
    lambda: timedelta(hours=24),  # the API's promise
    "core_idempotencyrecord",
    oldest("core_idempotencyrecord", "created_at"),
)
SESSIONS = Purge("sessions", timedelta, "django_session", oldest("django_session", "expire_date"))
