"""Credit notes without an order: to the newest earlier order that can bear them, once, to the penny."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.models import OutboxEvent
from core.tenancy import tenant_scope
from orders.inputs import CreditInput
from orders.models import Order, OrderLine, OrderRefund
from orders.rules import credit_take, credit_units
from orders.services.credits import credits_apply
from orders.services.ingest import orders_upsert
from tests.conftest import NOON
from tests.factories import CustomerInputFactory, LineInputFactory, MerchantFactory, OrderInputFactory

DAY = timedelta(days=1)


def past(name, days_ago, *lines, **changes):
    """An order so many days before noon; lines are (sku, quantity, unit price)."""
    made = tuple(
        LineInputFactory(external_id=str(n), sku=sku, quantity=quantity, unit_price_minor=price)
        for n, (sku, quantity, price) in enumerate(lines)
    )
    fields = {"customer": CustomerInputFactory(external_id="c1"), "is_backfill": True, "version": None, **changes}
    return OrderInputFactory(external_id=name, placed_at=NOON - days_ago * DAY, lines=made, **fields)


def credit(name, quantity=1, sku="A", price=100, **changes):
    fields = {"customer_external_id": "c1", "refunded_at": NOON, **changes}
    return CreditInput(external_id=name, sku=sku, unit_price_minor=price, quantity=quantity, **fields)


def given_back():
    """By order: quantity and amount of its lines together, and shipping."""
    return {
        order.external_id: (
            sum(line.refunded_quantity for line in order.lines.all()),
            sum(line.refunded_minor for line in order.lines.all()),
            order.shipping_refunded_minor,
        )
        for order in Order.objects.all()
    }


def outcomes(*credits):
    return [result.outcome.value for result in credits_apply(source="custom", credits=credits)]


def test_of_orders_of_the_same_moment_the_last_by_the_shops_id_bears_it(scope, at):
    names = [f"n{number:02}" for number in range(12)]
    orders_upsert(items=[past(name, 5, ("A", 1, 100)) for name in reversed(names)])
    assert outcomes(credit("k1"), credit("k2")) == ["applied", "applied"]
    assert [name for name, (quantity, _, _) in given_back().items() if quantity] in (["n10", "n11"], ["n11", "n10"])


def test_the_newest_earlier_order_that_suffices_alone_bears_it(scope, at):
    orders_upsert(items=[past("old", 9, ("A", 5, 100)), past("new", 5, ("A", 2, 100))])
    assert outcomes(credit("k1", 3), credit("k2", 2)) == ["applied", "applied"]
    assert given_back() == {"old": (3, 300, 0), "new": (2, 200, 0)}
    refund = OrderRefund.objects.get(external_id="k1")
    assert (refund.order.external_id, refund.amount_minor, refund.refunded_at) == ("old", 300, NOON)


@pytest.mark.parametrize(
    "change",
    [
        {"sku": "B"},
        {"price": 101},
        {"customer_external_id": "c2"},
        {"customer_external_id": "nobody"},
        {"refunded_at": NOON - 5 * DAY},
        {"quantity": 3},
        {"quantity": 0},
        {"quantity": -1},
    ],
)
def test_what_matches_no_order_is_not_applied(scope, at, change):
    other = past("other", 4, ("A", 5, 100), customer=CustomerInputFactory(external_id="c2"))
    items = [past("o", 5, ("A", 2, 100)), *([other] if change.get("customer_external_id") != "c2" else [])]
    orders_upsert(items=items)
    assert outcomes(credit("k1", **change)) == ["unmatched"]
    assert sum(sum(sums) for sums in given_back().values()) == 0
    assert not OrderRefund.objects.exists()


def test_where_none_suffices_alone_it_is_spread_from_the_newest_on(scope, at):
    orders_upsert(items=[past("old", 9, ("A", 2, 100)), past("new", 5, ("A", 2, 100), ("A", 1, 100))])
    assert outcomes(credit("k1", 4)) == ["applied"]
    assert given_back() == {"old": (1, 100, 0), "new": (3, 300, 0)}
    assert {row.order.external_id: len(row.lines) for row in OrderRefund.objects.all()} == {"old": 1, "new": 2}


def test_what_one_takes_the_next_does_not_see(scope, at):
    orders_upsert(items=[past("o", 5, ("A", 2, 100))])
    assert outcomes(credit("k1", 2), credit("k2", 1)) == ["applied", "unmatched"]


def test_twice_changes_nothing_and_says_so(scope, at):
    items = [past("o", 5, ("A", 2, 100), shipping_minor=500)]
    orders_upsert(items=items)
    credits = [credit("k1"), credit("k2", sku="", price=500, is_shipping=True), credit("k1")]
    assert outcomes(*credits) == ["applied", "applied", "known"]
    before = list(Order.objects.values())
    results = credits_apply(source="custom", credits=credits)
    assert [(result.outcome, result.amount_minor) for result in results] == [
        ("known", 100),
        ("known", 500),
        ("known", 100),
    ]
    assert list(Order.objects.values()) == before
    assert [result.applied for result in orders_upsert(items=items)] == [False]


def test_shipping_goes_to_the_newest_order_with_as_much_shipping_left(scope, at):
    orders_upsert(
        items=[past("old", 9, ("A", 1, 100), shipping_minor=900), past("new", 5, ("A", 1, 100), shipping_minor=400)]
    )
    shipping = {"sku": "", "is_shipping": True}
    assert outcomes(credit("k1", price=300, **shipping), credit("k2", price=300, **shipping)) == ["applied"] * 2
    assert outcomes(credit("k3", price=601, **shipping)) == ["unmatched"]
    assert given_back() == {"old": (0, 0, 300), "new": (0, 0, 300)}


def test_a_discounted_line_bears_no_more_than_was_paid(scope, at):
    data = past("o", 5, ("A", 2, 100))
    orders_upsert(items=[replace(data, lines=(replace(data.lines[0], discount_minor=150),), total_minor=50)])
    assert outcomes(credit("k1", 1)) == ["unmatched"]


def test_an_order_has_one_revision_and_history_one_event_for_all_its_credits(scope, at):
    orders_upsert(items=[past("o", 5, ("A", 9, 100)), past("live", 4, ("B", 9, 100), is_backfill=False, version=1)])
    OutboxEvent.objects.all().delete()
    assert outcomes(credit("k1"), credit("k2"), credit("k3", sku="B")) == ["applied"] * 3
    order = Order.objects.get(external_id="o")
    assert list(order.revisions.values_list("reason", "version")) == [("refunded", 2), ("ingested", 1)]
    names = list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))
    assert sorted(names) == ["order.refunded", "order.updated", "orders.backfilled"]


def test_as_few_statements_for_fifty_credits_as_for_two(scope, at):
    orders_upsert(items=[past(f"o{n}", 5, ("A", 5, 100)) for n in range(60)])
    made = []
    for name, count in (("a", 2), ("b", 50)):
        with CaptureQueriesContext(connection) as queries:
            assert set(outcomes(*(credit(f"{name}{n}") for n in range(count)))) == {"applied"}
        made.append(len(queries))
    assert made[0] == made[1]


@given(st.integers(1, 20), st.lists(st.integers(0, 10), max_size=6))
def test_a_credit_is_taken_whole_or_not_at_all(quantity, units):
    taken = credit_take(quantity, units)
    if taken is None:
        assert sum(units) < quantity
        return
    assert sum(taken) == quantity
    assert all(0 <= took <= left for took, left in zip(taken, units, strict=True))
    if any(left >= quantity for left in units):
        assert sum(1 for took in taken if took) == 1


def test_free_goods_count_by_quantity_alone():
    assert credit_units(0, 3, 0) == 3
    assert credit_units(100, 3, 250) == 2


goods = st.tuples(st.sampled_from("AB"), st.integers(1, 4))
order = st.tuples(st.integers(1, 9), st.lists(goods, min_size=1, max_size=3))
taken_back = st.tuples(st.sampled_from("ABC"), st.integers(1, 6), st.integers(0, 9))


@clock.frozen(NOON)
@pytest.mark.django_db
@given(orders=st.lists(order, min_size=1, max_size=4), credits=st.lists(taken_back, max_size=8))
def test_credits_conserve_amounts(orders, credits):
    with tenant_scope(MerchantFactory().pk):
        orders_upsert(
            items=[
                past(f"o{n}", days, *((sku, quantity, 100) for sku, quantity in lines))
                for n, (days, lines) in enumerate(orders)
            ]
        )
        sent = [
            credit(f"k{n}", quantity, sku=sku, refunded_at=NOON - days * DAY)
            for n, (sku, quantity, days) in enumerate(credits)
        ]
        results = credits_apply(source="custom", credits=sent)
        applied = sum(result.amount_minor for result in results)
        assert applied == sum(
            each.amount_minor for each, result in zip(sent, results, strict=True) if result.outcome == "applied"
        )
        assert applied == sum(refund.amount_minor for refund in OrderRefund.objects.all())
        assert applied == sum(order.refunded_minor for order in Order.objects.all())
        assert all(line.refunded_quantity <= line.quantity for line in OrderLine.objects.all())
