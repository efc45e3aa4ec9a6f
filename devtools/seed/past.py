"""History as a shop that moves to us would send it: finished orders, which open no window and trigger nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from core import clock, outbox
from devtools.demo.history import as_past
from devtools.demo.spec import OrderPlan
from devtools.seed.inputs import order_input
from devtools.seed.progress import Progress
from orders.services.ingest import order_upsert

BATCH = 20


def is_past(plan: OrderPlan) -> bool:
    """Orders that were edited, or still wait to be packed, go the way of live orders instead."""
    return plan.edit is None and (plan.fulfilment_started_at is not None or plan.cancelled_at is not None)


def share_of(plans: Sequence[OrderPlan], index: int, count: int) -> list[OrderPlan]:
    """The part of one of `count` processes. A shopper's orders stay together, so no two processes meet at a row."""
    return [plan for plan in plans if int(plan.person.external_id[-4:]) % count == index]


def _last_change(plan: OrderPlan) -> datetime:
    times = (plan.placed_at, plan.fulfilment_started_at, plan.fulfilled_at, plan.delivered_at, plan.cancelled_at)
    return max(at for at in times if at is not None) + timedelta(minutes=1)


def past_seed(plans: Sequence[OrderPlan], seed: int, progress: Progress) -> None:
    for start in range(0, len(plans), BATCH):
        batch = plans[start : start + BATCH]
        with transaction.atomic():
            for plan in batch:
                with clock.frozen(_last_change(plan)):
                    order_upsert(data=order_input(as_past(plan, seed)))
        outbox.dispatch_due(limit=8 * BATCH)
        progress.step(len(batch))
