"""The window closes exactly once, whoever closes it, and waits for who was let in."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from core import clock
from core.ids import uuid7
from core.models import OutboxEvent
from core.tenancy import tenant_scope
from orders.errors import EditUnderWay, OrderAlreadyFulfilling, WindowClosed
from orders.inputs import LineFulfilment
from orders.models import EditWindow, Order
from orders.services import windows
from orders.services.lifecycle import order_cancel, order_fulfilment_update
from orders.services.revisions import SYSTEM
from orders.services.windows import window_admit, window_close, window_extend, window_leave, windows_sweep
from tests.factories import LineInputFactory, paid_order

HOURS_3 = timedelta(hours=3)


def state(order):
    return EditWindow.objects.get(order=order).state


def admit(order, edit_id=None):
    with transaction.atomic():
        return window_admit(order_id=order.pk, edit_id=edit_id or uuid7())


def releases(order):
    return OutboxEvent.objects.filter(aggregate_id=order.pk, name="order.released").count()


def test_the_sweep_closes_what_is_due_and_nothing_else(scope, at):
    due, later = paid_order(), paid_order(at=at + timedelta(minutes=5))
    with clock.frozen(at + HOURS_3):
        assert windows_sweep() == 1
        assert windows_sweep() == 0
    assert (state(due), state(later), releases(due)) == ("released", "open", 1)


def test_one_second_decides(scope, at):
    order = paid_order()
    with clock.frozen(at + HOURS_3 - timedelta(seconds=1)):
        edit_id = admit(order).edit_id
        window_leave(edit_id=edit_id)
    with clock.frozen(at + HOURS_3), pytest.raises(WindowClosed):
        admit(order)


def test_the_release_waits_for_who_was_let_in(scope, at):
    order = paid_order()
    edit_id = admit(order).edit_id
    with clock.frozen(at + HOURS_3):
        assert windows_sweep() == 0
        assert state(order) == "closing"
        window_leave(edit_id=edit_id)
        assert windows_sweep() == 1
    assert state(order) == "released"


def test_windows_that_wait_for_an_edit_do_not_keep_others_from_closing(scope, at, monkeypatch):
    monkeypatch.setattr(windows, "SWEEP_BATCH", 1)
    held, free = paid_order(), paid_order(at=at + timedelta(minutes=1))
    admit(held)
    with clock.frozen(at + timedelta(hours=4)):
        assert [windows_sweep(), windows_sweep()] == [0, 1]
    assert (state(held), state(free)) == ("closing", "released")


def test_one_edit_at_a_time(scope, at):
    order = paid_order()
    admit(order)
    with pytest.raises(EditUnderWay):
        admit(order)


def test_fulfilment_pre_empts_at_once(scope, at):
    order = paid_order(lines=(LineInputFactory(external_id="1", quantity=2),))
    admit(order)
    order_fulfilment_update(
        order_id=order.pk, actor=SYSTEM, lines=[LineFulfilment(external_id="1", fulfilled_quantity=1)]
    )
    assert state(order) == "preempted"
    with pytest.raises(WindowClosed):
        admit(order)
    with pytest.raises(OrderAlreadyFulfilling):
        order_cancel(order_id=order.pk, actor=SYSTEM)


def test_cancelling_ends_the_window_and_twice_changes_nothing(scope, at):
    order = paid_order()
    order_cancel(order_id=order.pk, actor=SYSTEM)
    order_cancel(order_id=order.pk, actor=SYSTEM)
    assert state(order) == "cancelled"
    assert OutboxEvent.objects.filter(aggregate_id=order.pk, name="order.cancelled").count() == 1


def test_staff_close_and_extend(scope, at):
    order = paid_order()
    assert window_extend(order_id=order.pk, by=timedelta(hours=1)).closes_at == at + timedelta(hours=4)
    window = window_close(order_id=order.pk)
    assert (window.state, window.close_reason, window.closed_at) == ("released", "staff", at)
    with pytest.raises(WindowClosed):
        window_extend(order_id=order.pk, by=timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_release_each_order_once(merchant):
    opened = clock.now()
    with tenant_scope(merchant.pk):
        orders = [paid_order(at=opened) for _ in range(10)]
    barrier = threading.Barrier(2)
    released = []

    def sweep():
        with clock.frozen(opened + HOURS_3):
            barrier.wait()
            released.append(windows_sweep())
        connections.close_all()

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(released) == 10
    with tenant_scope(merchant.pk):
        assert [releases(order) for order in orders] == [1] * 10
        assert Order.objects.count() == 10


def test_one_window_that_cannot_be_closed_does_not_keep_the_others_open(scope, at):
    """The sweep finds the earliest first, so the broken one is the first it meets."""
    broken, sound = paid_order(), paid_order(at=at + timedelta(seconds=1))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION test_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = 'check_violation'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER test_refuse BEFORE UPDATE ON orders_editwindow FOR EACH ROW "
            f"WHEN (OLD.order_id = '{broken.pk}') EXECUTE FUNCTION test_refuse()"
        )
    with clock.frozen(at + HOURS_3 + timedelta(seconds=1)):
        assert windows_sweep() == 1
    assert (state(broken), state(sound), releases(sound)) == ("open", "released", 1)
