"""How the house is, in figures that cost little however large the tables are: counts stop at a cap, sizes are asked of
the catalogue, the rest stands in Valkey."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from redis import RedisError

from connectors.models import ImportRun
from core import clock, pulse
from core.db.slow import slow_count
from core.models import Alert, InboundWebhook, OutboxEvent
from core.valkey import valkey
from messaging.models import Message

# Nobody needs to know more exactly how long a queue is; the count stops here.
CAP = 10_000
# Celery's default queue, and where its transport keeps what workers have taken and not finished.
QUEUE_KEY, TAKEN_KEY = "celery", "unacked"
MERCHANTS_SHOWN = 10
IMPORTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Outbox:
    pending: int
    lag_seconds: float
    oldest_at: datetime | None
    dead: int


@dataclass(frozen=True, slots=True)
class Pulses:
    """None where Valkey does not answer; ages are None too where there never was a sign of life."""

    queue: int | None
    taken: int | None
    beat_age: float | None
    worker_age: float | None
    slow_queries: int | None
    is_valkey_up: bool


@dataclass(frozen=True, slots=True)
class DeadLetters:
    merchant_id: int
    slug: str
    name: str
    count: int
    oldest_at: datetime


def capped(rows: QuerySet[Any]) -> int:
    """How many there are, up to CAP + 1."""
    return rows.order_by()[: CAP + 1].count()


def outbox() -> Outbox:
    events = OutboxEvent.objects
    waiting = events.filter(state=OutboxEvent.State.PENDING).order_by("next_attempt_at", "id")
    # Of those that are due first: who was tried and failed waits for a later attempt.
    found = waiting[: CAP + 1].aggregate(
        pending=Count("pk"), due_at=Min("next_attempt_at"), oldest_at=Min("occurred_at")
    )
    lag = (clock.now() - found["due_at"]).total_seconds() if found["due_at"] else 0.0
    dead = capped(events.filter(state=OutboxEvent.State.DEAD))
    return Outbox(found["pending"], max(lag, 0.0), found["oldest_at"], dead)


def pulses() -> Pulses:
    try:
        client = valkey()
        queue: Any = client.llen(QUEUE_KEY)
        taken: Any = client.hlen(TAKEN_KEY)
        return Pulses(queue, taken, pulse.beat_age(), pulse.worker_age(), slow_count(), is_valkey_up=True)
    except RedisError:
        return Pulses(None, None, None, None, None, is_valkey_up=False)


def dead_letters() -> Sequence[DeadLetters]:
    """Merchants with given-up events, most of them first."""
    dead = OutboxEvent.objects.filter(state=OutboxEvent.State.DEAD).order_by()
    by_merchant = dead.values("merchant_id", "merchant__slug", "merchant__name")
    counted = by_merchant.annotate(count=Count("id"), oldest_at=Min("occurred_at")).order_by("-count")
    return [
        DeadLetters(one["merchant_id"], one["merchant__slug"], one["merchant__name"], one["count"], one["oldest_at"])
        for one in counted[:MERCHANTS_SHOWN]
    ]


def inbound_waiting() -> int:
    return capped(InboundWebhook.objects.filter(state=InboundWebhook.State.RECEIVED))


def messages_queued() -> int:
    return capped(Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.SENDING]))


def messages_failed() -> int:
    return capped(Message.objects.filter(state=Message.State.FAILED))


def imports_under_way() -> Sequence[ImportRun]:
    driven = ImportRun.objects.filter(state__in=ImportRun.DRIVEN)
    return list(driven.select_related("merchant").order_by("created_at")[:IMPORTS_SHOWN])


def imports_by_state() -> dict[str, int]:
    """Of the runs that a worker has something to do with; what has ended is counted by nobody."""
    counted = ImportRun.objects.filter(state__in=ImportRun.DRIVEN).order_by().values("state").annotate(n=Count("pk"))
    found = dict(counted.values_list("state", "n"))
    return {state.value: found.get(state.value, 0) for state in ImportRun.DRIVEN}


def open_alerts() -> QuerySet[Alert]:
    return Alert.objects.filter(resolved_at=None).order_by("-raised_at", "-pk")


def alerts_by_kind() -> dict[str, int]:
    counted = Alert.objects.filter(resolved_at=None).order_by().values("kind").annotate(n=Count("pk"))
    return dict(counted.values_list("kind", "n"))
