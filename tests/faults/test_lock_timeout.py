"""Somebody holds the order's row for too long: the page says "try again", and nothing is half done."""

import threading

import pytest
from django.db import connection, connections, transaction

from core.tenancy import tenant_scope
from editing.models import EditOperation
from orders.locks import lock_order
from portal.services.links import portal_link_create
from tests.editing.conftest import shop_committing, stripe_client, stripe_server, stripe_server_session, stripe_settings

__all__ = ["shop_committing", "stripe_client", "stripe_server", "stripe_server_session", "stripe_settings"]


@pytest.fixture
def impatient():
    """The usual five seconds would only make the test long."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    yield
    connection.close()


def test_a_locked_order_is_503_and_then_goes_on(shop_committing, impatient, client):
    shop = shop_committing
    with tenant_scope(shop.merchant.pk):
        order = shop.order()
        link = portal_link_create(order_id=order.pk).url
    client.get(f"/m/{link.partition('/m/')[2]}")
    held, done = threading.Event(), threading.Event()

    def hold():
        with tenant_scope(shop.merchant.pk), transaction.atomic():
            lock_order(order.pk)
            held.set()
            done.wait(30)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    page = f"/m/{shop.merchant.slug}/o/{order.pk}/edit/"
    form = {"variant": str(shop.variant.pk), "quantity": "1"}
    refused = client.post(page, form)
    done.set()
    holder.join()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "Something broke on our side" in refused.content.decode()
    assert client.post(page, form).status_code == 303
    with tenant_scope(shop.merchant.pk):
        assert EditOperation.objects.get().quantity == 1
