"""Facts of many orders at once: the same facts as one by one, in as many statements as for one."""

import datetime as dt
import itertools
import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from core.outbox import dispatch_due, publish
from core.tenancy import tenant_scope
from metrics.models import DirtyDay, OrderFact, PostPurchaseEntry
from metrics.services.facts import facts_refresh
from metrics.services.rebuild import metrics_rebuild
from orders.models import Order
from tests.metrics.conftest import Shop

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
_names = itertools.count()


def statements_of(shop, order_ids):
    with shop.scope(), CaptureQueriesContext(connection) as queries:
        facts_refresh(merchant_id=shop.id, order_ids=order_ids)
    return len(queries)


def test_as_many_statements_for_two_hundred_as_for_one(shop):
    orders = [shop.unseen_order(at=NOON - dt.timedelta(days=i % 30)) for i in range(201)]
    for order in orders[:50]:
        shop.write_lines(order, 1500)
    assert statements_of(shop, [orders[0].id]) == statements_of(shop, [order.id for order in orders[1:]]) <= 12


def test_known_orders_among_new_ones_are_counted_once(shop):
    known, new = shop.order(), shop.unseen_order()
    with shop.scope():
        assert facts_refresh(merchant_id=shop.id, order_ids=[known.id, new.id, new.id]) == 1
        assert facts_refresh(merchant_id=shop.id, order_ids=[known.id, new.id]) == 0
        assert OrderFact.objects.count() == 2


def test_history_that_comes_in_becomes_facts_and_days(shop):
    orders = [shop.unseen_order(at=NOON - dt.timedelta(days=back), is_backfill=True) for back in range(5)]
    with shop.scope():
        publish(
            "orders.backfilled",
            aggregate_type="orders",
            aggregate_id=uuid.uuid4(),
            payload={"order_ids": [str(order.id) for order in orders]},
        )
    assert dispatch_due() == 1
    assert shop.sweep() == 5
    assert sum(row.orders for row in shop.rows().values()) == 5


def test_what_history_earned_is_entered_when_it_was_placed(shop):
    """An import of last year's orders must not look like today's revenue."""
    old = NOON - dt.timedelta(days=400)
    order = shop.unseen_order(at=old, is_backfill=True)
    shop.write_lines(order, 1500)
    shop.refreshed(order, NOON)
    with shop.scope():
        assert PostPurchaseEntry.objects.get().occurred_at == old


def test_a_rebuild_goes_page_by_page(shop, monkeypatch):
    monkeypatch.setattr("metrics.services.rebuild._PAGE", 3)
    for _ in range(7):
        shop.unseen_order()
    with shop.scope():
        assert metrics_rebuild(merchant_id=shop.id) == (7, 1)
        assert metrics_rebuild(merchant_id=shop.id) == (0, 1)


@st.composite
def changed_orders(draw):
    """One order's life: how it was placed, what was added and refunded, whether it was cancelled."""
    return {
        "net": draw(st.integers(0, 9000)),
        "days_back": draw(st.integers(0, 4)),
        "money": draw(st.sampled_from([("USD", "1"), ("EUR", "1.1234"), ("JPY", "0.0067")])),
        "paid": draw(st.booleans()),
        "backfill": draw(st.booleans()),
        "edits": draw(st.lists(st.lists(st.integers(0, 3000), max_size=2), max_size=2)),
        "refunded": draw(st.integers(0, 3000)),
        "card": draw(st.sampled_from([None, "", "r-1"])),
        "cancelled": draw(st.booleans()),
    }


class BulkEqualsOneByOne(HypothesisTestCase):
    @given(
        before=st.lists(changed_orders(), min_size=1, max_size=6),
        after=st.lists(changed_orders(), max_size=6),
    )
    def test_bulk_equals_one_by_one(self, before, after):
        """Two shops live the same lives; one is refreshed order by order, the other all at once, twice each."""
        single, bulk = (Shop(f"shop-{next(_names)}", time_zone="America/New_York") for _ in range(2))
        orders = {shop: [shop.unseen_order(**_placed(life)) for life in before] for shop in (single, bulk)}
        for lives in (before, after):
            for shop in (single, bulk):
                for order, life in zip(orders[shop], lives, strict=False):
                    _live(shop, order, life)
            for order in orders[single]:
                single.refreshed(order)
            with bulk.scope():
                facts_refresh(merchant_id=bulk.id, order_ids=[order.id for order in orders[bulk]])
            assert _figures(single, orders[single]) == _figures(bulk, orders[bulk])


def _placed(life):
    currency, rate = life["money"]
    at = NOON - dt.timedelta(days=life["days_back"], hours=life["net"] % 24)
    backfill = life["backfill"]
    return {"at": at, "net": life["net"], "paid": life["paid"], "currency": currency, "rate": rate} | (
        {"is_backfill": True} if backfill else {}
    )


def _live(shop, order, life):
    with shop.scope():
        for nets in life["edits"]:
            shop.write_lines(order, *nets)
        # Of lines of one amount the first that was written, in both shops.
        line = max(order.lines.all(), key=lambda line: (line.total_minor, -line.position), default=None)
        if line is not None:
            line.refunded_minor = min(life["refunded"], line.total_minor)
            line.save()
        if life["card"] is not None and not order.tenders.exists():
            order.tenders.create(kind="gift_card", amount_minor=5, captured_minor=5, redemption_ref=life["card"])
        status = {"status": "cancelled", "cancelled_at": NOON} if life["cancelled"] else {"status": "open"}
        Order.objects.filter(id=order.id).update(**status)


def _figures(shop, orders):
    """Facts, ledger and marks without what identifies shop and row."""
    with tenant_scope(shop.id):
        facts = {fact.order_id: fact for fact in OrderFact.objects.all()}
        entries = PostPurchaseEntry.objects.order_by("id")
        by_order = {order.id: [] for order in orders}
        for entry in entries:
            by_order[entry.order_id].append((entry.occurred_at, entry.amount_minor, entry.home_amount_minor))
        marks = sorted(DirtyDay.objects.values_list("local_date", flat=True))
        unlike = {"id", "merchant", "order", "refreshed_at"}
        names = [field.name for field in OrderFact._meta.concrete_fields if field.name not in unlike]
        rows = [[getattr(facts[order.id], name) for name in names] for order in orders]
        return rows, [by_order[order.id] for order in orders], marks
