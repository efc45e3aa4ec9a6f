"""Every row lock of this room. Order: order, then its window, then variants by id."""

import uuid
from collections.abc import Iterable

from orders.errors import OrderNotFound
from orders.models import EditWindow, Order, Variant


def lock_order(order_id: uuid.UUID) -> Order:
    """The order, locked until the transaction ends. Raises OrderNotFound."""
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    return order


def lock_window(order_id: uuid.UUID) -> EditWindow | None:
    """The order's window, locked; None when it never had one."""
    return EditWindow.objects.select_for_update().filter(order_id=order_id).first()


def lock_variants(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Variant]:
    """NO KEY: their keys never change, so order lines may refer to them meanwhile."""
    locked = Variant.objects.select_for_update(of=("self",), no_key=True)
    variants = locked.select_related("product").filter(pk__in=list(ids))
    return {variant.pk: variant for variant in variants.order_by("pk")}
