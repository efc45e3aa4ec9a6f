"""Whatever shops say, and in whatever order: a batch does what its orders would have done one by one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.models import OutboxEvent
from core.tenancy import tenant_scope
from orders.models import Customer, EditWindow, Order
from orders.services.ingest import orders_upsert
from tests.conftest import NOON
from tests.factories import (
    CustomerInputFactory,
    LineInputFactory,
    MerchantFactory,
    OrderInputFactory,
    TenderInputFactory,
)

# What a shop may say about one of three orders; some of it is refused.
told = st.fixed_dictionaries(
    {
        "which": st.integers(0, 2),
        "version": st.sampled_from([None, 1, 2, 3]),
        "quantities": st.lists(st.integers(0, 3), min_size=1, max_size=3),
        "refunded": st.integers(0, 2),
        "fulfilled": st.booleans(),
        "paid": st.booleans(),
        "cancelled": st.booleans(),
        "backfill": st.booleans(),
        "customer": st.sampled_from([None, "c1", "c2"]),
        "city": st.sampled_from(["Portland", "Salem"]),
        "card": st.sampled_from([None, "4242", "1111"]),
    }
)


def as_input(said, at=NOON):
    lines = tuple(
        LineInputFactory(
            external_id=str(n),
            quantity=quantity,
            refunded_quantity=min(said["refunded"], quantity),
            refunded_minor=5000 * min(said["refunded"], quantity),
            fulfilled_quantity=quantity if said["fulfilled"] else 0,
        )
        for n, quantity in enumerate(said["quantities"])
    )
    card = said["card"]
    sent = OrderInputFactory(
        external_id=f"o{said['which']}",
        version=said["version"],
        placed_at=at,
        paid_at=at if said["paid"] else None,
        cancelled_at=at if said["cancelled"] else None,
        lines=lines,
        customer=CustomerInputFactory(external_id=said["customer"], first_name=said["city"])
        if said["customer"]
        else None,
        tenders=(TenderInputFactory(last4=card),) if card else (),
        is_backfill=said["backfill"],
    )
    return replace(sent, shipping_address=replace(sent.shipping_address, city=said["city"]))


def everything():
    """Whatever a batch leaves behind, without ids."""
    orders = {}
    for order in Order.objects.order_by("external_id"):
        named = ("status", "version", "external_version", "total_minor", "refunded_minor", "checkout_total_minor")
        times = ("paid_at", "cancelled_at", "fulfilment_started_at", "is_backfill")
        window = EditWindow.objects.filter(order=order).values_list("state", "closed_at", "close_reason")
        orders[order.external_id] = (
            [getattr(order, name) for name in (*named, *times)],
            order.customer and order.customer.external_id,
            order.shipping_address.city,
            list(order.lines.values_list("external_id", "quantity", "refunded_minor", "fulfilled_quantity")),
            list(order.tenders.values_list("last4", "position")),
            list(window),
            list(order.revisions.values_list("version", "reason", "total_minor")),
            list(OutboxEvent.objects.filter(aggregate_id=order.pk).order_by("id").values_list("name", flat=True)),
        )
    return orders, list(Customer.objects.order_by("external_id").values_list("external_id", "first_name"))


def outcome(result):
    return result.code if hasattr(result, "code") else (result.created, result.applied, result.reason)


@clock.frozen(NOON)
@pytest.mark.django_db
@given(said=st.lists(told, min_size=1, max_size=8))
def test_a_batch_is_the_same_as_one_after_the_other(said):
    items = [as_input(each) for each in said]
    with tenant_scope(MerchantFactory().pk):
        together = [outcome(result) for result in orders_upsert(items=items)]
        state = everything()
    with tenant_scope(MerchantFactory().pk):
        alone = [outcome(orders_upsert(items=[item])[0]) for item in items]
        assert (together, state) == (alone, everything())


@clock.frozen(NOON)
@pytest.mark.django_db
@given(said=st.lists(told, min_size=1, max_size=5, unique_by=lambda each: str(each["which"])))
def test_a_batch_twice_changes_nothing(said):
    items = [as_input(each) for each in said]
    with tenant_scope(MerchantFactory().pk):
        orders_upsert(items=items)
        state = everything()
        again = orders_upsert(items=items)
        assert everything() == state
        assert not any(getattr(result, "applied", False) for result in again)
