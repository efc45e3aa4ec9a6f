"""What this room tells the others about orders."""

import uuid
from collections.abc import Sequence

from core import outbox
from core.ids import uuid7
from core.outbox import News
from orders.models import Order

# So many ids of orders in one event of history.
BACKFILL_CHUNK = 500


def announce(order: Order, event: str) -> None:
    """Publish an event of the order. `backfill` tells subscribers that it is history and triggers nothing."""
    outbox.publish_all([order_news(order, event)])


def order_news(order: Order, event: str) -> News:
    payload = {"order_id": str(order.pk), "version": order.version, "backfill": order.is_backfill}
    return News(event, "order", order.pk, payload)


def window_news(event: str, order_id: uuid.UUID) -> News:
    return News(event, "order", order_id, {"order_id": str(order_id)})


def backfill_news(orders: Sequence[Order]) -> list[News]:
    """History arrives by the hundred and is told of together."""
    ids = [str(order.pk) for order in orders]
    return [
        News("orders.backfilled", "orders", uuid7(), {"order_ids": ids[start : start + BACKFILL_CHUNK]})
        for start in range(0, len(ids), BACKFILL_CHUNK)
    ]
