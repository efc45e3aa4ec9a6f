"""The sweep that takes up edits, beside somebody who holds a row: the others go on, and this one goes on later."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from core import clock
from core.tenancy import tenant_scope
from editing.models import EditSession
from editing.services.resume import edits_resume
from orders.models import Order
from tests.editing.conftest import (
    shop_committing,
    stripe_client,
    stripe_server,
    stripe_server_session,
    stripe_settings,
)

__all__ = ["shop_committing", "stripe_client", "stripe_server", "stripe_server_session", "stripe_settings"]


@pytest.fixture
def held(shop_committing):
    """The first of two orders, its row held by another transaction until `release` is set."""
    with tenant_scope(shop_committing.merchant.pk):
        orders = [shop_committing.order(), shop_committing.order()]
    locked, release = threading.Event(), threading.Event()

    def hold():
        with tenant_scope(shop_committing.merchant.pk), transaction.atomic():
            Order.objects.select_for_update().get(pk=orders[0].pk)
            locked.set()
            release.wait(timeout=30)
        connection.close()

    with tenant_scope(shop_committing.merchant.pk):
        for order in orders:
            shop_committing.commit(order, shop_committing.quoted(order))
    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(timeout=10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")

    def let_go():
        release.set()
        holder.join(timeout=10)

    yield orders, let_go
    let_go()


def test_an_edit_that_meets_a_locked_row_does_not_stop_the_others(shop_committing, held):
    orders, let_go = held
    edits_resume()
    with tenant_scope(shop_committing.merchant.pk):
        assert [EditSession.objects.get(order=order).state for order in orders] == ["committing", "applied"]
    let_go()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        edits_resume()
    with tenant_scope(shop_committing.merchant.pk):
        assert set(EditSession.objects.values_list("state", flat=True)) == {"applied"}
        assert [intent["amount_received"] for intent in shop_committing.intents()] == [2640, 2640]
