"""Days are marked when their facts change and computed again from all their facts, never incremented.

A mark locks its row until the marking transaction ends, and a sweep skips locked rows and removes a row before it
computes. So a day is computed by one sweep at a time, and a fact committed meanwhile leaves a new mark behind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Count, Q, QuerySet, Sum

from core import clock
from core.tenancy import platform_scope, tenant_scope
from metrics.models import DirtyDay, MetricDay, OrderFact

log = structlog.get_logger(__name__)

_BUCKET = ("local_date", "currency", "channel")
_ENGAGED = Q(is_window_engaged=True)
# Every column stands in the index metrics_orderfact_day, so a day is computed without touching the table.
_SUMS: dict[str, Any] = {
    "orders": Count("local_date"),
    "engaged_orders": Count("local_date", filter=Q(is_engaged=True)),
    "window_engaged_orders": Count("local_date", filter=_ENGAGED),
    "self_service_orders": Count("local_date", filter=Q(is_self_served=True)),
    "original_minor": Sum("original_minor"),
    "engaged_original_minor": Sum("original_minor", filter=_ENGAGED, default=0),
    "pp_gross_minor": Sum("pp_gross_minor"),
    "pp_refunded_minor": Sum("pp_refunded_minor"),
    "home_original_minor": Sum("home_original_minor"),
    "home_engaged_original_minor": Sum("home_original_minor", filter=_ENGAGED, default=0),
    "home_pp_gross_minor": Sum("home_pp_gross_minor"),
    "home_pp_refunded_minor": Sum("home_pp_refunded_minor"),
}

Bucket = tuple[date, str, str]
DAYS_PER_SWEEP = 400


def days_mark(*, merchant_id: int, days: Iterable[date]) -> None:
    """Put days into the queue; marking twice is marking once. Call it last in the transaction of the change."""
    at = clock.now()
    # Sorted, so that two transactions that mark the same days wait for each other in one order.
    marks = [DirtyDay(merchant_id=merchant_id, local_date=d, marked_at=at, touched_at=at) for d in sorted(set(days))]
    DirtyDay.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["merchant", "local_date"], update_fields=["touched_at"]
    )


def days_sweep() -> int:
    """Compute the marked days of every merchant; returns how many. A shop whose days fail does not stop the others."""
    with platform_scope("metrics sweep"):
        merchants = list(DirtyDay.objects.order_by("merchant_id").values_list("merchant_id", flat=True).distinct())
    done = 0
    for merchant_id in merchants:
        with tenant_scope(merchant_id):
            try:
                done += days_drain(merchant_id=merchant_id, limit=DAYS_PER_SWEEP)
            except DatabaseError as error:  # its marks stay
                log.error("metrics_sweep_failed", exc_info=error)
    return done


def days_drain(*, merchant_id: int, limit: int) -> int:
    """Compute up to `limit` marked days of one merchant, the latest first, each in its own transaction."""
    done = 0
    while done < limit and _drain_one(merchant_id):
        done += 1
    return done


def _drain_one(merchant_id: int) -> bool:
    with transaction.atomic():
        marked = DirtyDay.objects.select_for_update(skip_locked=True).filter(merchant_id=merchant_id)
        mark = marked.order_by("-local_date").first()
        if mark is None:
            return False
        mark.delete()
        _recompute(merchant_id, mark.local_date)
    return True


def _recompute(merchant_id: int, day: date) -> None:
    at = clock.now()
    facts = OrderFact.objects.filter(merchant_id=merchant_id, local_date=day)
    fresh = raw_buckets(facts)
    stored = MetricDay.objects.filter(merchant_id=merchant_id, local_date=day)
    gone = [row.id for row in stored if (row.local_date, row.currency, row.channel) not in fresh]
    if gone:
        stored.filter(id__in=gone).delete()
    MetricDay.objects.bulk_create(
        [
            MetricDay(merchant_id=merchant_id, **dict(zip(_BUCKET, bucket, strict=True)), **sums, computed_at=at)
            for bucket, sums in fresh.items()
        ],
        update_conflicts=True,
        unique_fields=["merchant", *_BUCKET],
        update_fields=[*_SUMS, "computed_at"],
    )


def raw_buckets(facts: QuerySet[OrderFact]) -> dict[Bucket, dict[str, int]]:
    """The sums that the roll-up must show, straight from the facts."""
    # The prefix keeps the annotations apart from the columns of the same name.
    annotations = {f"sum_{name}": expression for name, expression in _SUMS.items()}
    rows = facts.filter(is_eligible=True).order_by(*_BUCKET).values(*_BUCKET).annotate(**annotations)
    return {
        (row["local_date"], row["currency"], row["channel"]): {name: row[f"sum_{name}"] for name in _SUMS}
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """A bucket whose stored sums are not what its facts say; None where one side has no such bucket."""

    bucket: Bucket
    stored: dict[str, int] | None
    raw: dict[str, int] | None


def days_reconcile(*, merchant_id: int, first: date, last: date) -> list[Difference]:
    """Compare the roll-up with the facts and mark every day that differs. Days that wait in the queue are left out."""
    span = {"merchant_id": merchant_id, "local_date__range": (first, last)}
    with transaction.atomic():
        waiting = set(DirtyDay.objects.filter(**span).values_list("local_date", flat=True))
        stored = {
            (row.local_date, row.currency, row.channel): {name: getattr(row, name) for name in _SUMS}
            for row in MetricDay.objects.filter(**span)
        }
        raw = raw_buckets(OrderFact.objects.filter(**span))
        differences = [
            Difference(bucket, stored.get(bucket), raw.get(bucket))
            for bucket in sorted(stored.keys() | raw.keys())
            if bucket[0] not in waiting and stored.get(bucket) != raw.get(bucket)
        ]
        days_mark(merchant_id=merchant_id, days={difference.bucket[0] for difference in differences})
    return differences
