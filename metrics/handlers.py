"""Orders report changes, the facts follow. Each handler reads the orders as they are now: a repeat changes nothing."""

import uuid

from core.outbox import Event, subscribe
from metrics.services.facts import facts_refresh

# Whatever can change eligibility, amounts or engagement.
_EVENTS = ("order.placed", "order.paid", "order.updated", "order.edited", "order.cancelled", "order.refunded")


def refresh_fact(event: Event) -> None:
    facts_refresh(merchant_id=event.merchant_id, order_ids=[event.aggregate_id], occurred_at=event.occurred_at)


for _event in _EVENTS:
    subscribe(_event, name="metrics.refresh_fact")(refresh_fact)


@subscribe("orders.backfilled", name="metrics.refresh_facts")
def refresh_facts(event: Event) -> None:
    """History arrives by the hundred."""
    order_ids = [uuid.UUID(order_id) for order_id in event.payload["order_ids"]]
    facts_refresh(merchant_id=event.merchant_id, order_ids=order_ids, occurred_at=event.occurred_at)
