"""A fact is its order, seen as a whole."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from core.outbox import Event
from metrics import rules
from metrics.handlers import refresh_fact
from metrics.models import DirtyDay, OrderFact, PostPurchaseEntry
from metrics.rules import Metric, Period
from metrics.selectors import metric_summary
from metrics.services.facts import facts_refresh
from metrics.services.rebuild import metrics_rebuild
from orders.models import Order

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
DAY = NOON.date()


def d1(shop):
    originals = [5000, 6000, 7000, 8000, 4000, 10000, 7500, 7500, 2500, 5000]
    orders = [shop.order(net) for net in originals]
    shop.add(orders[1], 1500)
    (line,) = shop.add(orders[5], 2500)
    shop.refund(line, 1000)
    shop.edit_address(orders[8])
    shop.cancel(orders[9])
    shop.sweep()
    with shop.scope():
        return metric_summary(merchant_id=shop.id, period=Period(DAY, DAY))


def test_s04_d1_ppcr_from_orders(shop):
    assert d1(shop).readings[Metric.PPCR].value == Fraction(2, 9)


def test_s05_d1_ppov_from_orders(shop):
    summary = d1(shop)
    assert summary.readings[Metric.PPOV_ALL].value == Fraction(30, 575)
    assert rules.percent(summary.readings[Metric.PPOV_ENGAGED].value, 3) == Decimal("23.478")
    assert summary.readings[Metric.MODIFIED_ORDER_UPLIFT].value == Fraction(3, 16)
    assert summary.readings[Metric.SELF_SERVICE_RATE].value == Fraction(1, 9)


def test_s07_three_add_ons_engage_once(shop):
    order = shop.order(6000)
    for net in (1500, 2000, 500):
        shop.add(order, net)
    fact = shop.fact(order)
    assert (fact.is_window_engaged, fact.pp_gross_minor) == (True, 4000)


def test_a_repeated_event_changes_nothing(shop):
    order = shop.order()
    shop.add(order, 1500)
    shop.sweep()
    before = shop.fact(order)
    event = Event(1, "order.edited", shop.id, order.id, {"order_id": str(order.id)}, NOON)
    with shop.scope():
        refresh_fact(event)
        refresh_fact(event)
        assert not DirtyDay.objects.exists()
        assert PostPurchaseEntry.objects.count() == 1
    assert shop.fact(order).refreshed_at == before.refreshed_at


def test_tax_and_shipping_stay_out(shop):
    order = shop.order(5000)
    (line,) = shop.add(order, 1000, tax=200)
    shop.refund(line, 600)
    fact = shop.fact(order)
    assert (fact.original_minor, fact.pp_gross_minor, fact.pp_refunded_minor) == (5000, 1000, 500)


@pytest.mark.parametrize("fields", [{"paid": False}, {"is_test": True}, {"status": "cancelled", "cancelled_at": NOON}])
def test_ineligible_orders_are_facts_but_not_figures(shop, fields):
    order = shop.order(**fields)
    shop.add(order, 1500)
    shop.sweep()
    assert not shop.fact(order).is_eligible
    assert shop.rows() == {}
    with shop.scope():
        assert not PostPurchaseEntry.objects.exists()


def test_backfilled_orders_count(shop):
    shop.order(is_backfill=True)
    shop.sweep()
    assert [row.orders for row in shop.rows().values()] == [1]


def test_a_card_counts_once_its_redemption_is_named(shop):
    voucher, redeemed = shop.order(), shop.order()
    shop.pay_by_card(voucher, ref="")
    shop.pay_by_card(redeemed, ref="r-1")
    assert not shop.fact(voucher).is_engaged
    fact = shop.fact(redeemed)
    assert (fact.is_engaged, fact.is_window_engaged) == (True, False)


def test_an_order_that_moves_marks_both_days(shop):
    order = shop.order()
    shop.sweep()
    with shop.scope():
        Order.objects.filter(id=order.id).update(placed_at=NOON - dt.timedelta(days=3))
    shop.refreshed(order)
    with shop.scope():
        assert set(DirtyDay.objects.values_list("local_date", flat=True)) == {DAY, DAY - dt.timedelta(days=3)}
    shop.sweep()
    assert [bucket[0] for bucket in shop.rows()] == [DAY - dt.timedelta(days=3)]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2025-03-09T04:30:00+00:00", "2025-03-08"),
        ("2025-03-09T05:00:00+00:00", "2025-03-09"),
        ("2025-11-03T04:59:59+00:00", "2025-11-02"),
        ("2025-11-03T05:00:00+00:00", "2025-11-03"),
    ],
)
def test_s32_orders_fall_on_the_new_york_day(new_york, instant, day):
    order = new_york.order(at=dt.datetime.fromisoformat(instant))
    assert new_york.fact(order).local_date.isoformat() == day


def test_s33_the_day_is_frozen_until_a_rezone_and_totals_stay(shop):
    late = shop.order(at=dt.datetime(2026, 3, 10, 1, tzinfo=dt.UTC))
    shop.add(late, 1500)
    shop.sweep()
    before = rules.total(day.sums for day in _week(shop).days)
    shop.merchant.time_zone = "America/New_York"
    shop.merchant.save()
    with shop.scope():
        assert metrics_rebuild(merchant_id=shop.id)[0] == 0
        assert metrics_rebuild(merchant_id=shop.id, rezone=True)[0] == 1
    assert [bucket[0] for bucket in shop.rows()] == [dt.date(2026, 3, 9)]
    assert rules.total(day.sums for day in _week(shop).days) == before


def _week(shop):
    with shop.scope():
        return metric_summary(merchant_id=shop.id, period=Period(DAY - dt.timedelta(days=6), DAY))


def test_s34_foreign_amounts_at_the_rate_of_the_order(shop):
    order = shop.order(10000, currency="EUR", rate="1.10")
    (line,) = shop.add(order, 10000)
    shop.refund(line, 2000)
    fact = shop.fact(order)
    assert fact.home_original_minor == 11000
    assert fact.home_pp_gross_minor - fact.home_pp_refunded_minor == 8800
    yen = shop.order(6250, currency="JPY", rate="0.0067")
    assert shop.fact(yen).home_original_minor == 4188


def test_s36_refund_in_another_month_by_order_and_by_event(shop):
    january = dt.datetime(2026, 1, 20, 12, tzinfo=dt.UTC)
    february = dt.datetime(2026, 2, 3, 12, tzinfo=dt.UTC)
    order = shop.order(at=january)
    (line,) = shop.add(order, 2000, at=january)
    shop.refund(line, 2000, at=february)
    shop.sweep()
    with shop.scope():
        month = Period(dt.date(2026, 1, 1), dt.date(2026, 1, 31))
        assert metric_summary(merchant_id=shop.id, period=month).sums.pp_net_minor == 0
        by_event = dict(PostPurchaseEntry.objects.values_list("occurred_at", "amount_minor"))
    assert by_event == {january: 2000, february: -2000}


def test_cancelling_takes_the_revenue_back_on_the_day_of_the_cancel(shop):
    order = shop.order()
    shop.add(order, 2000)
    shop.cancel(order, at=NOON + dt.timedelta(days=2))
    with shop.scope():
        entries = list(PostPurchaseEntry.objects.order_by("occurred_at").values_list("amount_minor", flat=True))
    assert entries == [2000, -2000]


def test_ledger_entries_are_never_changed(shop):
    shop.add(shop.order(), 2000)
    with shop.scope(), pytest.raises(IntegrityError), transaction.atomic():
        PostPurchaseEntry.objects.update(amount_minor=1)


def test_the_database_refuses_impossible_facts(shop):
    order = shop.order()
    with shop.scope(), pytest.raises(IntegrityError, match="metrics_orderfact_engagement"), transaction.atomic():
        OrderFact.objects.filter(order=order).update(is_window_engaged=True)
    with shop.scope(), pytest.raises(IntegrityError, match="metrics_orderfact_amounts"), transaction.atomic():
        OrderFact.objects.filter(order=order).update(original_minor=-1)


def test_a_fact_of_a_foreign_order_is_not_made(shop, other_shop):
    foreign = other_shop.order()
    with shop.scope(), pytest.raises(Order.DoesNotExist):
        facts_refresh(merchant_id=shop.id, order_ids=[shop.order().id, foreign.id])


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_fact_of_a_foreign_order(make_shop):
    shop, other = make_shop("harrow"), make_shop("pine")
    fact = shop.fact(shop.order())
    foreign = other.order()
    with other.scope():
        OrderFact.objects.all().delete()
    with shop.scope(), pytest.raises(IntegrityError, match="same_merchant"):
        OrderFact.objects.filter(id=fact.id).update(order_id=foreign.id)
