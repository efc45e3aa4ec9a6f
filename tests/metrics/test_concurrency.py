"""Real threads and real commits: sweeps and orders get in each other's way and lose nothing."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from metrics.models import DirtyDay
from metrics.services.days import days_drain, days_mark, days_sweep
from metrics.services.facts import facts_refresh

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
DAY = NOON.date()
pytestmark = pytest.mark.django_db(transaction=True)


def in_thread(work):
    """Run on a connection of its own and close it."""

    def run(*args):
        try:
            return work(*args)
        finally:
            connection.close()

    return run


def test_two_sweeps_at_once_share_the_days(make_shop):
    shop = make_shop("harrow")
    for back in range(20):
        shop.order(at=NOON - dt.timedelta(days=back))
    start = Barrier(2)

    def sweep():
        start.wait()
        return days_sweep()

    with ThreadPoolExecutor(2) as pool:
        done = [future.result() for future in [pool.submit(in_thread(sweep)) for _ in range(2)]]
    assert sum(done) == 20
    assert shop.rollup() == shop.raw()
    with shop.scope():
        assert not DirtyDay.objects.exists()


def test_a_day_marked_by_an_open_transaction_is_left_to_the_next_sweep(make_shop):
    shop = make_shop("harrow")
    shop.order()
    marked, swept = Event(), Event()

    def mark():
        with shop.scope(), transaction.atomic():
            days_mark(merchant_id=shop.id, days=[DAY])
            marked.set()
            assert swept.wait(10)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(in_thread(mark))
        assert marked.wait(10)
        assert days_sweep() == 0
        swept.set()
        future.result()
    assert days_sweep() == 1


def test_an_order_that_arrives_while_its_day_is_computed_is_not_lost(make_shop):
    shop = make_shop("harrow")
    shop.order(1000)
    with ThreadPoolExecutor(1) as pool:
        with shop.scope(), transaction.atomic():
            days_drain(merchant_id=shop.id, limit=1)
            future = pool.submit(in_thread(shop.order), 2000)
            # Its fact is written, and its mark waits for this transaction, which removed the mark before.
            wait_for_a_blocked_connection()
        future.result()
    assert shop.rollup() != shop.raw()
    days_sweep()
    assert shop.rollup() == shop.raw()


def wait_for_a_blocked_connection():
    deadline = time.monotonic() + 10
    blocked = False
    while not blocked:
        assert time.monotonic() < deadline
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees its first look for ever
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock')"
            )
            (blocked,) = cursor.fetchone()


def test_parallel_refreshes_of_one_order_leave_the_last_state(make_shop):
    shop = make_shop("harrow")
    order = shop.order(6000)
    lines = [shop.add(order, 1000)[0] for _ in range(4)]
    start = Barrier(4)

    def refund(line):
        start.wait()
        shop.refund(line, 250)

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(in_thread(refund), line) for line in lines]:
            future.result()
    assert shop.fact(order).pp_refunded_minor == 1000
    days_sweep()
    assert shop.rollup() == shop.raw()


def test_batches_that_share_orders_wait_for_each_other_and_never_in_a_circle(make_shop):
    shop = make_shop("harrow")
    orders = [shop.unseen_order(at=NOON - dt.timedelta(days=i % 7)) for i in range(60)]
    batches = [orders, orders[::-1], orders[:40], orders[:20:-1]]
    start = Barrier(len(batches))

    def refresh(batch):
        start.wait()
        with shop.scope():
            return facts_refresh(merchant_id=shop.id, order_ids=[order.id for order in batch])

    with ThreadPoolExecutor(len(batches)) as pool:
        done = [future.result() for future in [pool.submit(in_thread(refresh), batch) for batch in batches]]
    assert sum(done) == 60
    assert days_sweep() == 7
    assert shop.rollup() == shop.raw()
