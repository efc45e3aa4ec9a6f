"""Real threads, real commits: whoever is at work at once, one charge comes of it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.tenancy import tenant_scope
from payments.errors import PaymentStateConflict
from payments.models import PaymentIntentRecord
from payments.rules import PaymentState
from payments.services.accounts import stripe_account_setup
from payments.services.charges import payment_capture, payment_refresh, payment_void
from payments.services.inbound import webhook_receive
from tests.payments.conftest import SECRET, sign

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 6


@pytest.fixture
def together(shop):
    """Run the calls at the same moment, each in its own thread and connection; returns results or errors."""

    def run(*calls):
        gate = threading.Barrier(len(calls))

        def one(call):
            with tenant_scope(shop.merchant.pk):
                try:
                    gate.wait(timeout=10)
                    return call()
                except PaymentStateConflict as error:
                    return error
                finally:
                    connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(one, calls))

    return run


def test_many_authorise_the_same_attempt(shop, order, together):
    shop.server.fault("slow", method="POST", path="/v1/payment_intents", delay_ms=150, count=THREADS)
    outcomes = together(*[lambda: shop.authorise(order)] * THREADS)
    assert {outcome.state for outcome in outcomes} <= {PaymentState.REQUIRES_CAPTURE, PaymentState.UNKNOWN}
    assert shop.authorise(order).state is PaymentState.REQUIRES_CAPTURE
    assert shop.intents()["count"] == 1
    assert PaymentIntentRecord.objects.count() == 1


def test_many_go_on_after_a_stored_failure(shop, order, together):
    shop.server.fault("error_before_apply", method="POST", path="/v1/payment_intents")
    shop.authorise(order)
    for _ in range(3):
        together(*[lambda: shop.authorise(order)] * THREADS)
    assert shop.authorise(order).state is PaymentState.REQUIRES_CAPTURE
    assert shop.intents()["count"] == 1


def test_many_capture(shop, order, together):
    held = shop.authorise(order)
    shop.server.fault("slow", method="POST", path="/v1/payment_intents/*/capture", delay_ms=100, count=THREADS)
    together(*[lambda: payment_capture(intent_id=held.intent_id)] * THREADS)
    assert payment_capture(intent_id=held.intent_id).state is PaymentState.SUCCEEDED
    assert shop.intents()["captured"] == {"usd": 1225}


def test_capture_against_void_is_one_of_both(shop, order, together):
    held = shop.authorise(order)
    together(lambda: payment_capture(intent_id=held.intent_id), lambda: payment_void(intent_id=held.intent_id))
    end = payment_void(intent_id=held.intent_id)
    assert end.state in (PaymentState.SUCCEEDED, PaymentState.CANCELLED)
    captured = {"usd": 1225} if end.state is PaymentState.SUCCEEDED else {"usd": 0}
    assert shop.intents()["captured"] == captured


def test_authorise_against_void_leaves_no_money_held(shop, order, together):
    shop.server.fault("timeout_after_apply", method="POST", path="/v1/payment_intents", delay_ms=50)
    lost = shop.authorise(order)
    together(lambda: shop.authorise(order), lambda: payment_void(intent_id=lost.intent_id))
    assert payment_void(intent_id=lost.intent_id).state is PaymentState.CANCELLED
    assert shop.intents()["statuses"] == {"canceled": 1}


def test_refreshes_meet_a_capture(shop, order, together):
    held = shop.authorise(order)
    refresh = [lambda: payment_refresh(intent_id=held.intent_id)] * 3
    together(lambda: payment_capture(intent_id=held.intent_id), *refresh)
    record = PaymentIntentRecord.objects.get(pk=held.intent_id)
    assert (record.status, record.captured_minor) == (PaymentState.SUCCEEDED, 1225)


def test_the_same_webhook_at_once_is_stored_once(shop, together):
    stripe_account_setup(merchant_id=shop.merchant.pk, webhook_secret=SECRET)
    body = b'{"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {}}}'
    stored = together(*[lambda: webhook_receive(body=body, signature=sign(body))] * THREADS)
    assert sorted(stored) == [False] * (THREADS - 1) + [True]
