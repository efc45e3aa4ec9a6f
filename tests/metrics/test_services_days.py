"""The roll-up equals its facts, whatever happened in whatever order."""

import datetime as dt
import os
import random

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.models import Alert
from metrics.models import DirtyDay, MetricDay, OrderFact
from metrics.services.days import days_mark, days_reconcile, days_sweep, raw_buckets
from metrics.services.rebuild import metrics_rebuild, rollups_reconcile
from orders.models import Order, OrderLine

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
DAY = NOON.date()
SEEDS, EVENTS = ([1], 10_000) if os.environ.get("PRO_TEST_FULL") else ([1, 2], 400)


def test_marking_twice_is_marking_once(shop):
    with shop.scope():
        days_mark(merchant_id=shop.id, days=[DAY, DAY])
        first = DirtyDay.objects.get()
        days_mark(merchant_id=shop.id, days=[DAY])
        again = DirtyDay.objects.get()
    assert again.marked_at == first.marked_at
    assert again.touched_at >= first.touched_at


def test_buckets_by_day_currency_and_channel(shop):
    shop.order(1000)
    shop.order(2000)
    shop.order(3000, channel="app")
    shop.order(4000, currency="EUR", rate="2")
    shop.order(5000, at=NOON + dt.timedelta(days=1))
    assert shop.sweep() == 2
    originals = {bucket: (row.orders, row.original_minor) for bucket, row in shop.rows().items()}
    assert originals == {
        (DAY, "USD", "web"): (2, 3000),
        (DAY, "USD", "app"): (1, 3000),
        (DAY, "EUR", "web"): (1, 4000),
        (DAY + dt.timedelta(days=1), "USD", "web"): (1, 5000),
    }
    assert shop.rows()[(DAY, "EUR", "web")].home_original_minor == 8000


def test_a_bucket_without_orders_disappears(shop):
    order = shop.order()
    shop.sweep()
    shop.cancel(order)
    shop.sweep()
    assert shop.rows() == {}


def test_s35_a_late_order_changes_only_its_bucket(shop):
    late = NOON - dt.timedelta(days=45)
    for at in (NOON, late, late - dt.timedelta(days=1)):
        shop.order(at=at)
    shop.order(at=late, channel="app")
    shop.sweep()
    before = shop.rows()
    order = shop.order(7000, at=late)
    with shop.scope():
        assert list(DirtyDay.objects.values_list("local_date", flat=True)) == [late.date()]
    shop.sweep()
    after = shop.rows()
    bucket = (late.date(), "USD", "web")
    assert after[bucket].orders == before[bucket].orders + 1
    others = set(before) - {bucket}
    assert all(_figures(after[b]) == _figures(before[b]) for b in others)
    # Replayed, nothing is marked, so nothing is written.
    shop.refreshed(order)
    assert shop.sweep() == 0
    assert {b: r.computed_at for b, r in shop.rows().items()} == {b: r.computed_at for b, r in after.items()}


def _figures(row):
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name != "computed_at"}


def _live(shop, rng, orders, lines):
    """One random event of a shop's life, followed by its refresh."""
    action = rng.choice(["order", "order", "add", "add", "refund", "cancel", "replay", "sweep"])
    if action == "order" or not orders:
        at = NOON - dt.timedelta(hours=rng.randrange(24 * 5))
        currency, rate = rng.choice([("USD", "1"), ("EUR", "1.1234"), ("JPY", "0.0067")])
        paid, channel = rng.random() < 0.9, rng.choice(["web", "app"])
        orders.append(shop.order(rng.randrange(9000), at, paid=paid, currency=currency, rate=rate, channel=channel))
    elif action == "add":
        lines += shop.add(rng.choice(orders), rng.randrange(3000), tax=rng.randrange(500))
    elif action == "refund" and lines:
        line = rng.choice(lines)
        shop.refund(line, rng.randrange(line.total_minor - line.refunded_minor + 1))
    elif action == "cancel" and rng.random() < 0.3:
        shop.cancel(rng.choice(orders))
    elif action == "replay":
        shop.refreshed(rng.choice(orders))
    elif action == "sweep":
        shop.sweep()


@pytest.mark.parametrize("seed", SEEDS)
def test_s37_rollup_equals_raw_after_random_events(shop, other_shop, seed):
    for net in (1000, 2000):
        other_shop.add(other_shop.order(net), 300)
    other_shop.sweep()
    untouched = other_shop.rows()
    rng = random.Random(seed)
    orders: list[Order] = []
    lines: list[OrderLine] = []
    for _ in range(EVENTS):
        _live(shop, rng, orders, lines)
    shop.sweep()
    raw = shop.raw()
    assert len(raw) > 10
    assert shop.rollup() == raw
    with shop.scope():
        assert days_reconcile(merchant_id=shop.id, first=DAY - dt.timedelta(days=30), last=DAY) == []
    after = other_shop.rows()
    assert {b: _figures(r) for b, r in after.items()} == {b: _figures(r) for b, r in untouched.items()}
    assert {b: r.computed_at for b, r in after.items()} == {b: r.computed_at for b, r in untouched.items()}


def test_one_sweep_serves_every_shop(shop, other_shop):
    shop.order()
    other_shop.order()
    assert days_sweep() == 2
    assert len(shop.rows()) == len(other_shop.rows()) == 1


def test_reconcile_finds_drift_and_the_next_sweep_mends_it(shop):
    shop.order(1000)
    shop.order(2000, at=NOON - dt.timedelta(days=1))
    shop.sweep()
    with shop.scope():
        MetricDay.objects.filter(local_date=DAY).update(original_minor=1)
        (difference,) = days_reconcile(merchant_id=shop.id, first=DAY - dt.timedelta(days=9), last=DAY)
    assert difference.bucket[0] == DAY
    assert difference.stored == {**shop.raw()[difference.bucket], "original_minor": 1}
    assert difference.raw == shop.raw()[difference.bucket]
    assert shop.sweep() == 1
    assert shop.rollup() == shop.raw()


def test_nightly_reconcile_covers_every_shop(shop, other_shop, at):
    shop.order()
    other_shop.order()
    days_sweep()
    with other_shop.scope():
        MetricDay.objects.all().delete()
    assert rollups_reconcile() == 1
    assert "did not match their orders: 1." in Alert.objects.get(kind="metrics_reconcile", resolved_at=None).message
    assert days_sweep() == 1
    assert other_shop.rollup() == other_shop.raw()
    assert rollups_reconcile() == 0
    assert not Alert.objects.filter(kind="metrics_reconcile", resolved_at=None).exists()


def test_rebuild_makes_lost_facts_again(shop):
    order = shop.order()
    shop.add(order, 1500)
    shop.order(at=NOON - dt.timedelta(days=40))
    shop.sweep()
    before = shop.rollup()
    with shop.scope():
        MetricDay.objects.all().delete()
        OrderFact.objects.filter(order=order).delete()
        assert metrics_rebuild(merchant_id=shop.id) == (1, 2)
    assert shop.rollup() == before


def test_a_day_is_computed_from_the_index_alone(shop):
    for back in range(40):
        shop.order(at=NOON - dt.timedelta(days=back))
    with shop.scope(), connection.cursor() as cursor:
        cursor.execute("ANALYZE metrics_orderfact")
        # In a table this small the choice hangs on the last vacuum; the question is whether the index suffices.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        with CaptureQueriesContext(connection) as queries:
            raw_buckets(OrderFact.objects.filter(merchant_id=shop.id, local_date=DAY))
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan using metrics_orderfact_day" in plan


def test_the_database_refuses_impossible_sums(shop):
    shop.order()
    shop.sweep()
    for change in ({"engaged_orders": 2}, {"orders": 0}, {"pp_refunded_minor": 5}, {"engaged_original_minor": 99999}):
        with shop.scope(), pytest.raises(IntegrityError, match="metrics_metricday"), transaction.atomic():
            MetricDay.objects.update(**change)
