"""What happens to an order besides edits: cancelled, fulfilled, delivered."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from core import clock
from orders.errors import FulfilmentExceedsOrder, OrderAlreadyFulfilling, OrderCancelled, UnknownLine
from orders.inputs import LineFulfilment
from orders.locks import lock_order, lock_window
from orders.models import EditWindow, Order, OrderLine
from orders.services.events import announce
from orders.services.revisions import Actor, revision_write
from orders.services.windows import end_window


def order_cancel(*, order_id: uuid.UUID, actor: Actor) -> Order:
    """Cancel the whole order and its window; cancelling twice changes nothing.

    Money is not moved here: the shop refunds what it captured, an edit under way is undone by its saga.
    Raises OrderNotFound, OrderAlreadyFulfilling.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        if order.status == Order.Status.CANCELLED:
            return order
        if order.fulfilment_started_at is not None:
            raise OrderAlreadyFulfilling
        order.status = Order.Status.CANCELLED
        order.cancelled_at = clock.now()
        revision_write(order, list(order.lines.all()), reason="cancelled", actor=actor)
        _end_window(order, EditWindow.Reason.CANCELLED)
        announce(order, "order.cancelled")
        return order


def order_fulfilment_update(
    *,
    order_id: uuid.UUID,
    actor: Actor,
    started_at: datetime | None = None,
    fulfilled_at: datetime | None = None,
    delivered_at: datetime | None = None,
    lines: Iterable[LineFulfilment] = (),
) -> Order:
    """Record progress in the warehouse; the first sign of it ends the window. Times once set stay.

    Raises OrderNotFound, OrderCancelled, UnknownLine, FulfilmentExceedsOrder.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        if order.status == Order.Status.CANCELLED:
            raise OrderCancelled
        order_lines = list(order.lines.all())
        touched = _set_quantities(order_lines, lines)
        starts = started_at or fulfilled_at or delivered_at or (clock.now() if touched else None)
        news = _set_times(order, starts, fulfilled_at or delivered_at, delivered_at)
        if not news and not touched:
            return order
        revision_write(order, order_lines, reason="fulfilment", actor=actor)
        if order.fulfilment_started_at is not None:
            _end_window(order, EditWindow.Reason.FULFILMENT_STARTED)
        for event in news or ["order.updated"]:
            announce(order, event)
        return order


def _set_quantities(order_lines: list[OrderLine], updates: Iterable[LineFulfilment]) -> bool:
    by_external = {line.external_id: line for line in order_lines}
    touched = False
    for update in updates:
        line = by_external.get(update.external_id)
        if line is None:
            raise UnknownLine(external_id=update.external_id)
        if update.fulfilled_quantity + update.in_progress_quantity > line.quantity:
            raise FulfilmentExceedsOrder(external_id=update.external_id, ordered=line.quantity)
        line.fulfilled_quantity = update.fulfilled_quantity
        line.in_progress_quantity = update.in_progress_quantity
        line.save(update_fields=["fulfilled_quantity", "in_progress_quantity"])
        touched = True
    return touched


def _set_times(
    order: Order, started_at: datetime | None, fulfilled_at: datetime | None, delivered_at: datetime | None
) -> list[str]:
    news = []
    for field, at, event in (
        ("fulfilment_started_at", started_at, "order.fulfilment_started"),
        ("fulfilled_at", fulfilled_at, "order.fulfilled"),
        ("delivered_at", delivered_at, "order.delivered"),
    ):
        if at is not None and getattr(order, field) is None:
            setattr(order, field, at)
            news.append(event)
    return news


def _end_window(order: Order, reason: str) -> None:
    window = lock_window(order.pk)
    if window is not None and window.state in EditWindow.LIVE:
        end_window(window, reason)
