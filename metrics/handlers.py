"""Orders report changes, the facts follow. Each handler reads the order as it is now, so a repeat changes nothing."""

from core.outbox import Event, subscribe
from metrics.services.facts import fact_refresh

# Whatever can change eligibility, amounts or engagement. Backfilled orders report their arrival too.
_EVENTS = ("order.placed", "order.paid", "order.updated", "order.edited", "order.cancelled", "order.refunded")


def refresh_fact(event: Event) -> None:
    fact_refresh(merchant_id=event.merchant_id, order_id=event.aggregate_id, occurred_at=event.occurred_at)


for _event in _EVENTS:
    subscribe(_event, name="metrics.refresh_fact")(refresh_fact)
