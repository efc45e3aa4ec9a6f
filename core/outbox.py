"""Domain events: written with the change, dispatched after commit by a worker, at least once, in order per aggregate.

A subscriber must be idempotent. A killed worker's events go on when its lease ends; a broker that is down costs
only the wait until beat sweeps again, because the rows, not the messages, are the queue.
"""

import time
import traceback
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from core import clock
from core.logs import scrub
from core.models import OutboxEvent
from core.tenancy import platform_scope, require_merchant_id, tenant_scope

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=45)
MAX_ATTEMPTS = 12
BATCH = 20
DISPATCH_TASK = "core.outbox_dispatch"
# A broker that is down or hangs is left alone for so long: whoever waits for an answer must not wait for it again.
BROKER_PAUSE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Event:
    """What a subscriber is given. `payload` holds ids only."""

    id: int
    name: str
    merchant_id: int
    aggregate_id: uuid.UUID
    payload: dict[str, Any]
    occurred_at: datetime


Handler = Callable[[Event], None]
_subscribers: dict[str, dict[str, Handler]] = {}


def subscribe(event: str, *, name: str) -> Callable[[Handler], Handler]:
    """Register a handler for `event` under a stable `name` (`metrics.refresh_fact`), remembered per event row."""

    def register(handler: Handler) -> Handler:
        existing = _subscribers.setdefault(event, {}).setdefault(name, handler)
        if existing is not handler:
            raise ValueError(f"Two subscribers of {event} are named {name}.")
        return handler

    return register


@dataclass(frozen=True, slots=True)
class News:
    """An event that is to be published."""

    name: str
    aggregate_type: str
    aggregate_id: uuid.UUID
    payload: dict[str, Any]


def publish(
    event: str, *, aggregate_type: str, aggregate_id: uuid.UUID, payload: dict[str, Any] | None = None
) -> OutboxEvent:
    """Write an event of the open tenant scope; call it inside the transaction that changes the aggregate."""
    return publish_all([News(event, aggregate_type, aggregate_id, payload or {})])[0]


def publish_all(news: Sequence[News]) -> list[OutboxEvent]:
    """Write many events at once, in their order."""
    if not news:
        return []
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            f"{news[0].name} must be published within the change's transaction."
        )
    at, merchant_id = clock.now(), require_merchant_id()
    rows = OutboxEvent.objects.bulk_create(
        OutboxEvent(
            merchant_id=merchant_id,
            name=item.name,
            aggregate_type=item.aggregate_type,
            aggregate_id=item.aggregate_id,
            payload=item.payload,
            occurred_at=at,
            next_attempt_at=at,
        )
        for item in news
    )
    if not any(entry[1] is _kick for entry in connection.run_on_commit):
        transaction.on_commit(_kick)
    return rows


def _kick() -> None:
    tell_worker(DISPATCH_TASK)


_silent_until = 0.0


def tell_worker(task: str) -> None:
    """Ask a worker to look at its rows now. If the broker is down, beat's sweep finds the rows instead."""
    global _silent_until  # of this process; a race costs one more try
    if time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(task, retry=False)
    except OperationalError as error:
        _silent_until = time.monotonic() + BROKER_PAUSE_SECONDS
        log.warning("broker_unreachable", task=task, error=str(error))


def dispatch_due(limit: int = 1000) -> int:
    """Dispatch up to `limit` due events of all merchants; returns how many subscribers' turns ended well."""
    owner = uuid.uuid4()
    done = 0
    while done < limit:
        batch = _claim(owner, min(BATCH, limit - done))
        if not batch:
            break
        for row in batch:
            done += _dispatch(row, owner)
    return done


# OFFSET 0 keeps the planner from joining: what is due is walked in order and each looked up by its aggregate, so that
# a claim costs as much as it takes, however much waits. While few wait that holds whatever the statistics say; where
# thousands do and nothing is known of them, the index by state looks as good, so who publishes in bulk analyses.
_CLAIM_SQL = """
    SELECT id FROM core_outboxevent AS event
    WHERE state = 'pending' AND next_attempt_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)
      AND NOT EXISTS (
        SELECT 1 FROM core_outboxevent AS earlier
        WHERE earlier.state = 'pending' AND earlier.merchant_id = event.merchant_id
          AND earlier.aggregate_type = event.aggregate_type AND earlier.aggregate_id = event.aggregate_id
          AND earlier.id < event.id OFFSET 0)
    ORDER BY next_attempt_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""


def _claim(owner: uuid.UUID, limit: int) -> list[OutboxEvent]:
    """Lease the heads of up to `limit` aggregates' queues."""
    at = clock.now()
    with platform_scope("outbox dispatch"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM_SQL, {"now": at, "limit": limit})
            ids = [row[0] for row in cursor.fetchall()]
        rows = OutboxEvent.objects.filter(id__in=ids)
        rows.update(lease_owner=owner, lease_until=at + LEASE)
        return list(rows.order_by("id"))


def _dispatch(row: OutboxEvent, owner: uuid.UUID) -> int:
    with tenant_scope(row.merchant_id):
        # A slow batch may have outlived its lease; whoever holds it now goes on.
        mine = OutboxEvent.objects.filter(id=row.id, lease_owner=owner, state=OutboxEvent.State.PENDING)
        if not mine.update(lease_until=clock.now() + LEASE):
            return 0
        event = Event(row.id, row.name, row.merchant_id, row.aggregate_id, row.payload, row.occurred_at)
        for name, handler in _subscribers.get(row.name, {}).items():
            if name in row.handled:
                continue
            try:
                handler(event)
            except Exception as error:  # the one place that must outlive any handler
                _fail(row, owner, name, error)
                return 0
            row.handled.append(name)
            mine.update(handled=row.handled)
        mine.update(state=OutboxEvent.State.DONE, finished_at=clock.now(), lease_owner=None, lease_until=None)
    return 1


def _fail(row: OutboxEvent, owner: uuid.UUID, handler: str, error: Exception) -> None:
    attempts = row.attempts + 1
    dead = attempts >= MAX_ATTEMPTS
    log.error("outbox_handler_failed", event_id=row.id, event_name=row.name, handler=handler, exc_info=error)
    OutboxEvent.objects.filter(id=row.id, lease_owner=owner).update(
        attempts=attempts,
        state=OutboxEvent.State.DEAD if dead else OutboxEvent.State.PENDING,
        finished_at=clock.now() if dead else None,
        next_attempt_at=clock.now() + backoff(attempts),
        last_error=f"{handler}: {_told(error)}"[:2000],
        lease_owner=None,
        lease_until=None,
    )


def _told(error: Exception) -> str:
    """What the error says, as far as it may be kept and PostgreSQL can: no secrets, no NUL, no half characters."""
    text = str(scrub("".join(traceback.format_exception_only(error)).strip()))
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def backoff(attempts: int) -> timedelta:
    """2, 4, 8 … seconds, at most an hour: twelve attempts span a little over an hour."""
    return timedelta(seconds=min(2**attempts, 3600))


def replay(row: OutboxEvent) -> None:
    """Put a dead event back into its queue; subscribers that were done with it are not asked again."""
    OutboxEvent.objects.filter(id=row.id, state=OutboxEvent.State.DEAD).update(
        state=OutboxEvent.State.PENDING, attempts=0, next_attempt_at=clock.now(), finished_at=None
    )
