"""Stripe's events at our door, and what a worker makes of them."""

import json

import pytest
from django.test import Client

from core import clock
from core.inbound import inbound_replay
from core.models import InboundWebhook, OutboxEvent
from core.outbox import Event
from core.tenancy import tenant_scope
from merchants.services.merchants import merchant_create
from payments.errors import RailSilent
from payments.handlers import apply_webhook
from payments.models import PaymentIntentRecord
from payments.rules import PaymentState
from payments.services.accounts import stripe_account_setup
from payments.services.charges import payment_capture, payment_void
from payments.services.inbound import webhook_process
from tests.payments.conftest import SECRET, sign

URL = "/m/harrow-pine/webhooks/stripe"


@pytest.fixture
def account(shop):
    return stripe_account_setup(merchant_id=shop.merchant.pk, webhook_secret=SECRET)


@pytest.fixture
def post(account, client):
    def send(body, *, secret=SECRET, age=0, url=URL):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = sign(raw, secret, age=age)
        return client.post(url, raw, content_type="application/json", headers={"Stripe-Signature": signature})

    return send


def event(intent_id, *, kind="payment_intent.amount_capturable_updated", number=1, metadata=None, status="whatever"):
    subject = {"id": intent_id, "object": "payment_intent", "status": status, "metadata": metadata or {}}
    return {"id": f"evt_{number}", "object": "event", "type": kind, "data": {"object": subject}}


def process_all():
    for webhook in InboundWebhook.objects.order_by("received_at"):
        webhook_process(inbound_id=webhook.pk)


def announced():
    return OutboxEvent.objects.filter(name="payment.updated").count()


def test_a_signed_event_is_stored_and_queued(post):
    response = post(event("pi_1"))
    assert response.status_code == 200
    [webhook] = InboundWebhook.objects.all()
    assert (webhook.source, webhook.external_id, webhook.topic, webhook.state) == (
        "stripe", "evt_1", "payment_intent.amount_capturable_updated", "received",
    )  # fmt: skip
    [queued] = OutboxEvent.objects.filter(name="inbound.stripe")
    assert queued.payload == {"inbound_id": str(webhook.pk)}


def test_s28_the_same_event_twice_is_stored_once(post):
    assert [post(event("pi_1")).status_code for _ in range(3)] == [200, 200, 200]
    assert InboundWebhook.objects.count() == 1
    assert OutboxEvent.objects.filter(name="inbound.stripe").count() == 1


@pytest.mark.parametrize("how", [{"secret": "whsec_forged"}, {"age": 301}, {"age": -360}])
def test_s04_s29_forged_and_replayed_events_are_refused(post, how):
    response = post(event("pi_1"), **how)
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "webhook_signature_invalid"
    assert not InboundWebhook.objects.exists()


def test_a_body_that_was_changed_on_the_way_is_refused(account, client):
    header = sign(json.dumps(event("pi_1")).encode())
    response = client.post(
        URL, json.dumps(event("pi_2")), content_type="application/json", headers={"Stripe-Signature": header}
    )
    assert response.status_code == 401


def test_no_signature_and_no_account(shop, client):
    assert client.post(URL, b"{}", content_type="application/json").status_code == 401
    assert not InboundWebhook.objects.exists()


def test_another_merchants_secret_opens_no_door(post, client):
    stranger = merchant_create(slug="stranger", name="Stranger", currency="USD")
    stripe_account_setup(merchant_id=stranger.pk, webhook_secret="whsec_stranger")
    assert post(event("pi_1"), url="/m/stranger/webhooks/stripe").status_code == 401
    assert post(event("pi_1"), secret="whsec_stranger").status_code == 401


def test_the_secret_before_is_accepted_while_a_new_one_rolls_out(shop, post):
    stripe_account_setup(merchant_id=shop.merchant.pk, webhook_secret="whsec_next")
    assert post(event("pi_1")).status_code == 200
    assert post(event("pi_1", number=2), secret="whsec_next").status_code == 200
    stripe_account_setup(merchant_id=shop.merchant.pk, webhook_secret="whsec_third")
    assert post(event("pi_1", number=3)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"evt"',
        b"{}",
        b'{"id": 5, "type": "x"}',
        b'{"id": "evt_1"}',
        b'{"id": "\\u0000", "type": "x"}',
    ],
)
def test_a_signed_body_that_is_no_event_is_malformed(post, body):
    response = post(body)
    assert response.status_code == 400
    assert response.json()["code"] == "webhook_malformed"
    assert not InboundWebhook.objects.exists()


def test_invalid_utf8_is_malformed(account, client):
    body = b'{"id": "\xff"}'
    response = client.post(URL, body, content_type="application/json", headers={"Stripe-Signature": sign(body)})
    assert response.status_code == 400


def test_a_large_body_is_refused_before_it_is_looked_at(post):
    response = post(b'{"id": "' + b"x" * 1_048_576 + b'"}')
    assert response.status_code == 413
    assert post(b"x" * 10_000_000).status_code == 413
    assert not InboundWebhook.objects.exists()


def test_only_posts_and_no_csrf_token_needed(post, client):
    assert client.get(URL).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    header = sign(json.dumps(event("pi_1")).encode())
    sent = strict.post(
        URL, json.dumps(event("pi_1")), content_type="application/json", headers={"Stripe-Signature": header}
    )
    assert sent.status_code == 200


# What becomes of them


def test_what_the_event_says_does_not_matter_the_intent_is_fetched(shop, order, post):
    held = shop.authorise(order)
    shop.client.v1.payment_intents.capture(held.provider_intent_id)
    post(event(held.provider_intent_id, kind="payment_intent.payment_failed", status="requires_payment_method"))
    process_all()
    assert PaymentIntentRecord.objects.get(pk=held.intent_id).status == PaymentState.SUCCEEDED
    assert InboundWebhook.objects.get().state == "processed"
    assert announced() == 1


def test_s27_a_webhook_that_is_quicker_than_the_answer(shop, order, post):
    shop.server.fault("timeout_after_apply", method="POST", path="/v1/payment_intents")
    lost = shop.authorise(order)
    [intent] = shop.intents()["data"]
    post(event(intent["id"], metadata=intent["metadata"]))
    process_all()
    record = PaymentIntentRecord.objects.get(pk=lost.intent_id)
    assert (record.status, record.provider_intent_id) == (PaymentState.REQUIRES_CAPTURE, intent["id"])
    assert announced() == 1
    assert shop.authorise(order).state is PaymentState.REQUIRES_CAPTURE
    assert shop.intents()["count"] == 1


def test_s28_duplicates_and_reordering_change_nothing(shop, order, post):
    held = shop.authorise(order)
    payment_capture(intent_id=held.intent_id)
    kinds = ["payment_intent.succeeded", "payment_intent.amount_capturable_updated", "payment_intent.created"]
    for number, kind in enumerate(kinds):
        post(event(held.provider_intent_id, kind=kind, number=number))
    process_all()
    process_all()
    record = PaymentIntentRecord.objects.get(pk=held.intent_id)
    assert (record.status, record.captured_minor) == (PaymentState.SUCCEEDED, 1225)
    assert announced() == 0


def test_replay_from_the_admin_is_harmless(shop, order, post):
    held = shop.authorise(order)
    post(event(held.provider_intent_id))
    process_all()
    inbound_replay(InboundWebhook.objects.get())
    for row in OutboxEvent.objects.filter(name="inbound.stripe"):
        apply_webhook(Event(row.id, row.name, row.merchant_id, row.aggregate_id, row.payload, row.occurred_at))
    assert PaymentIntentRecord.objects.get().status == PaymentState.REQUIRES_CAPTURE


def test_s25_an_intent_that_was_to_be_voided_is_voided_when_its_webhook_comes(shop, order, post):
    shop.server.fault("timeout_after_apply", method="POST", path="/v1/payment_intents")
    lost = shop.authorise(order)
    shop.server.fault("error_before_apply", method="GET", path="/v1/payment_intents", count=1)
    assert payment_void(intent_id=lost.intent_id).state is PaymentState.UNKNOWN
    [intent] = shop.intents()["data"]
    post(event(intent["id"], metadata=intent["metadata"]))
    process_all()
    assert shop.intents()["statuses"] == {"canceled": 1}
    assert PaymentIntentRecord.objects.get().status == PaymentState.CANCELLED


@pytest.mark.parametrize(
    "subject",
    [
        {"object": "payment_intent", "id": "pi_of_somebody"},
        {"object": "payment_intent", "id": "pi_x", "metadata": "strange"},
        {"object": "charge", "id": "ch_1"},
        {},
    ],
)
def test_events_about_others_are_put_aside(shop, post, subject):
    post({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": subject}})
    process_all()
    assert InboundWebhook.objects.get().state == "ignored"


def test_a_mark_that_is_no_id_is_put_aside(shop, post):
    metadata = {"merchant": str(shop.merchant.pk), "payment": "not-a-uuid"}
    post(event("pi_x", metadata=metadata))
    process_all()
    assert InboundWebhook.objects.get().state == "ignored"


def test_s48_our_payment_at_another_merchants_door_is_not_kept_there(shop, order, post):
    held = shop.authorise(order)
    stranger = merchant_create(slug="stranger", name="Stranger", currency="USD")
    stripe_account_setup(merchant_id=stranger.pk, webhook_secret="whsec_stranger")
    metadata = {"merchant": str(shop.merchant.pk), "payment": str(held.intent_id)}
    sent = post(event("pi_x", metadata=metadata), secret="whsec_stranger", url="/m/stranger/webhooks/stripe")
    assert sent.status_code == 200
    with tenant_scope(stranger.pk):
        assert not InboundWebhook.objects.exists()


def test_while_stripe_does_not_answer_the_event_waits(shop, order, post, settings):
    held = shop.authorise(order)
    shop.client.v1.payment_intents.capture(held.provider_intent_id)
    post(event(held.provider_intent_id))
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    [queued] = OutboxEvent.objects.filter(name="inbound.stripe")
    with pytest.raises(RailSilent):
        apply_webhook(Event(1, queued.name, queued.merchant_id, queued.aggregate_id, queued.payload, clock.now()))
    assert InboundWebhook.objects.get().state == "received"
