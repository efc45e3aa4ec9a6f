"""The summary: null where nothing is known, one read of the roll-up, honest about its age."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core import clock
from core.ids import uuid7
from core.outbox import publish
from metrics.models import MetricDay
from metrics.rules import Band, Metric, Period
from metrics.selectors import metric_summary, today_counters
from metrics.selectors.today import day_bounds

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
DAY = NOON.date()
MONTH = Period(DAY - dt.timedelta(days=29), DAY)


def summarise(shop, period=MONTH, **filters):
    with shop.scope():
        return metric_summary(merchant_id=shop.id, period=period, **filters)


def test_s08_no_orders_is_null_not_zero(shop, at):
    summary = summarise(shop)
    assert summary.n == 0
    assert summary.aov_minor is None
    assert summary.pp_revenue_change is None
    assert all(reading.value is None and reading.band is None for reading in summary.readings.values())
    assert summary.as_of == at
    assert len(summary.days) == len(summary.previous_days) == 30


def test_period_beside_the_one_before(shop):
    for at in (NOON, NOON - dt.timedelta(days=29)):
        shop.add(shop.order(10000, at), 2000)
    shop.add(shop.order(10000, NOON - dt.timedelta(days=30)), 1000)
    for _ in range(3):
        shop.order(10000, NOON - dt.timedelta(days=31))
    shop.sweep()
    summary = summarise(shop)
    reading = summary.readings[Metric.PPCR]
    assert (reading.value, reading.previous, reading.band) == (1, pytest.approx(0.25), Band.EXCELLENT)
    assert summary.sums.pp_net_minor == 4000
    assert summary.pp_revenue_change == 3
    assert [day.sums.orders for day in summary.days] == [1] + [0] * 28 + [1]


def test_all_currencies_in_the_merchants_or_one_in_its_own(shop):
    shop.add(shop.order(10000), 1000)
    shop.add(shop.order(10000, currency="EUR", rate="1.5"), 1000)
    shop.sweep()
    everything, euros = summarise(shop), summarise(shop, currency="EUR")
    assert (everything.currency, everything.n, everything.sums.original_minor) == ("USD", 2, 25000)
    assert (euros.currency, euros.n, euros.sums.original_minor) == ("EUR", 1, 10000)
    assert everything.sums.pp_net_minor == 2500


def test_one_channel(shop):
    shop.order(1000)
    shop.order(2000, channel="app")
    shop.sweep()
    assert summarise(shop, channel="app").sums.original_minor == 2000
    assert summarise(shop, channel="kiosk").n == 0


def test_another_shops_orders_are_not_seen(shop, other_shop):
    shop.order()
    other_shop.order()
    shop.sweep()
    other_shop.sweep()
    assert summarise(shop).n == 1


def test_as_of_is_the_oldest_change_that_still_waits(shop):
    with clock.frozen(NOON):
        order = shop.order()
    with clock.frozen(NOON + dt.timedelta(minutes=5)):
        assert summarise(shop).as_of == NOON
        shop.sweep()
        assert summarise(shop).as_of == NOON + dt.timedelta(minutes=5)
        with shop.scope():
            publish("order.updated", aggregate_type="order", aggregate_id=order.id)
    with clock.frozen(NOON + dt.timedelta(minutes=6)):
        assert summarise(shop).as_of == NOON + dt.timedelta(minutes=5)


def test_history_that_waits_is_not_in_the_figures_yet(shop):
    with clock.frozen(NOON), shop.scope(), transaction.atomic():
        publish("orders.backfilled", aggregate_type="orders", aggregate_id=uuid7(), payload={"order_ids": []})
    with clock.frozen(NOON + dt.timedelta(minutes=5)):
        assert summarise(shop).as_of == NOON


def test_a_summary_takes_four_reads_and_only_the_periods_rows(shop):
    for back in range(0, 90, 3):
        shop.order(at=NOON - dt.timedelta(days=back))
        shop.order(at=NOON - dt.timedelta(days=back), channel="app")
    shop.sweep()
    with shop.scope(), connection.cursor() as cursor:
        cursor.execute("ANALYZE metrics_metricday")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            metric_summary(merchant_id=shop.id, period=MONTH)
        rollup = [q["sql"] for q in queries if '"metrics_metricday"' in q["sql"]]
        assert len(queries) == 4
        assert len(rollup) == 1
        assert not any("metrics_orderfact" in q["sql"] for q in queries)
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {rollup[0]}")
        scan = _scan(cursor.fetchone()[0][0]["Plan"])
        stored = MetricDay.objects.filter(local_date__range=(MONTH.before().first, MONTH.last)).count()
    assert scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) <= stored


def _scan(plan):
    while "Plans" in plan and "Relation Name" not in plan:
        plan = plan["Plans"][0]
    return plan


# Today


def test_today_counts_what_happened_since_midnight_in_the_shop(new_york):
    midnight = dt.datetime(2026, 3, 10, 4, tzinfo=dt.UTC)
    yesterday = new_york.order(10000, midnight - dt.timedelta(seconds=1))
    new_york.order(10000, midnight)
    new_york.order(10000, midnight - dt.timedelta(days=7, hours=-3))
    new_york.add(yesterday, 1500, at=midnight - dt.timedelta(seconds=1))
    new_york.add(yesterday, 900, at=midnight + dt.timedelta(minutes=5))
    new_york.order(10000, midnight, paid=False)
    with clock.frozen(midnight + dt.timedelta(hours=8)), new_york.scope():
        today = today_counters(merchant_id=new_york.id)
    assert today.day == DAY
    assert (today.orders, today.orders_week_before) == (1, 1)
    assert (today.added_minor, today.added_orders, today.edits) == (900, 1, 1)


def test_s32_days_are_23_and_25_hours_long_when_clocks_change():
    hours = []
    for day in (dt.date(2025, 3, 9), dt.date(2025, 11, 2), dt.date(2025, 6, 1)):
        starts, ends = day_bounds(day, "America/New_York")
        hours.append((ends.astimezone(dt.UTC) - starts.astimezone(dt.UTC)).total_seconds() / 3600)
    assert hours == [23, 25, 24]
