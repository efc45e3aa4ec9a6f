"""The database busy or gone: 503 with Retry-After, nothing half done, and the same request works later."""

import threading

import pytest
from django.db import connection, transaction

from core.models import IdempotencyRecord
from core.tenancy import tenant_scope
from orders.models import Order
from tests.order_bodies import order_body

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at")]


@pytest.fixture
def locked_order(api, merchant):
    """An order whose row another transaction holds until the test ends."""
    order_id = api.post("/orders", order_body()).json()["id"]
    held, release = threading.Event(), threading.Event()

    def hold():
        with tenant_scope(merchant.pk), transaction.atomic():
            Order.objects.select_for_update().get(pk=order_id)
            held.set()
            release.wait(timeout=30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(timeout=10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    yield order_id, release, holder
    release.set()
    holder.join(timeout=10)


def test_a_row_that_stays_locked_is_503_and_can_be_repeated_with_the_same_key(api, merchant, locked_order):
    order_id, release, holder = locked_order
    answer = api.post(f"/orders/{order_id}/cancel", Idempotency_Key="k1")
    assert answer.status_code == 503
    assert answer.json()["code"] == "busy"
    assert int(answer.headers["Retry-After"]) > 0
    with tenant_scope(merchant.pk):
        assert not IdempotencyRecord.objects.exists()
    release.set()
    holder.join(timeout=10)
    assert api.post(f"/orders/{order_id}/cancel", Idempotency_Key="k1").status_code == 200


def test_an_upsert_of_a_locked_order_is_503_and_changes_nothing(api, locked_order):
    order_id, _, _ = locked_order
    answer = api.post("/orders", order_body(version=2, number="new"))
    assert answer.status_code == 503
    assert api.get(f"/orders/{order_id}").json()["number"] == "1001"


@pytest.fixture
def no_database():
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    yield
    connection.settings_dict["PORT"] = port
    connection.close()


def test_without_a_database_the_api_is_503(api, no_database):
    api.client.raise_request_exception = False
    for answer in (api.get("/orders"), api.post("/orders", order_body())):
        assert answer.status_code == 503
        assert answer.json()["code"] == "unavailable"
        assert int(answer.headers["Retry-After"]) > 0


def test_without_a_database_the_process_still_says_that_it_lives(client, no_database):
    assert client.get("/healthz").status_code == 200
