"""Every row lock of this room. Order: orders by source and external id, then their windows, customers by source and
external id, new rows in the same order, products by source and external id, variants by id."""

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from orders.errors import OrderNotFound
from orders.models import Customer, EditWindow, Order, Product, Variant

# What a shop calls a thing: source and external id.
Key = tuple[str, str]


def lock_order(order_id: uuid.UUID) -> Order:
    """The order, locked until the transaction ends. Raises OrderNotFound."""
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    return order


def lock_orders(which: Q) -> QuerySet[Order]:
    """All orders that match; they are locked when they are read."""
    return Order.objects.select_for_update().filter(which).order_by("source", "external_id")


def lock_window(order_id: uuid.UUID) -> EditWindow | None:
    """The order's window, locked; None when it never had one."""
    return lock_windows([order_id]).get(order_id)


def lock_windows(order_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, EditWindow]:
    """Windows by order, of those that have one."""
    locked = EditWindow.objects.select_for_update().filter(order_id__in=list(order_ids))
    return {window.order_id: window for window in locked.order_by("order_id")}


def lock_customers(keys: Iterable[Key]) -> dict[Key, Customer]:
    """NO KEY: their keys never change, so new orders may refer to them meanwhile."""
    which = with_keys(keys)
    if which is None:
        return {}
    locked = Customer.objects.select_for_update(no_key=True).filter(which).order_by("source", "external_id")
    return {(customer.source, customer.external_id): customer for customer in locked}


def lock_products(keys: Iterable[Key]) -> dict[Key, Product]:
    """NO KEY: other products may name them as their complement meanwhile."""
    which = with_keys(keys)
    if which is None:
        return {}
    locked = Product.objects.select_for_update(no_key=True).filter(which).order_by("source", "external_id")
    return {(product.source, product.external_id): product for product in locked}


def lock_variants(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Variant]:
    """NO KEY: their keys never change, so order lines may refer to them meanwhile."""
    locked = Variant.objects.select_for_update(of=("self",), no_key=True)
    variants = locked.select_related("product").filter(pk__in=list(ids))
    return {variant.pk: variant for variant in variants.order_by("pk")}


def with_keys(keys: Iterable[Key], *, source: str = "source") -> Q | None:
    """The condition that finds rows by what their shops call them; None for no keys. `source` is the column's name."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for name, external_id in keys:
        by_source[name].append(external_id)
    which: Q | None = None
    for name, external_ids in by_source.items():
        here = Q((source, name), external_id__in=external_ids)
        which = here if which is None else which | here
    return which
