"""Webhooks: signed, retried until 2xx, and out of order, twice or lost on demand."""

import json
import time
from typing import Any

import pytest
import stripe

from devtools.stripe.running import StripeServer
from tests.devtools.conftest import PATIENCE
from tests.devtools.shopper import captured, customer_with
from tests.devtools.stripe_fixtures import client_for

MAIN_JOB = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.amount_capturable_updated",
    "charge.captured",
    "payment_intent.succeeded",
]


def listen(client: Any, receiver, events: list[str] | None = None, **params) -> Any:
    endpoint = client.v1.webhook_endpoints.create(
        params={"url": receiver.url, "enabled_events": events or ["*"], **params}
    )
    return endpoint.secret


def types(receiver, count: int) -> list[str]:
    return [json.loads(receiver.next().body)["type"] for _ in range(count)]


def settled(server: StripeServer, state: str, count: int) -> list[dict[str, Any]]:
    """Wait until so many deliveries are in that state."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = [row for row in server.deliveries() if row["state"] == state]
        if len(found) >= count:
            return found
    raise AssertionError(f"{server.deliveries()}")


def test_the_official_client_accepts_the_signature(stripe_client, receiver):
    secret = listen(stripe_client, receiver, ["payment_intent.succeeded"])
    intent = captured(stripe_client)
    arrived = receiver.next()
    assert arrived.path == "/hooks?shop=1"
    event = stripe_client.construct_event(arrived.body, arrived.signature, secret)
    assert (event.type, event.data.object.id) == ("payment_intent.succeeded", intent.id)
    assert (event.livemode, event.pending_webhooks) == (False, 1)
    assert event.request.id.startswith("req_")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe_client.construct_event(arrived.body + b" ", arrived.signature, secret)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe_client.construct_event(arrived.body, arrived.signature, "whsec_other")


def test_events_arrive_in_order_when_nothing_goes_wrong(stripe_client, receiver):
    listen(stripe_client, receiver, MAIN_JOB)
    captured(stripe_client)
    assert types(receiver, 5) == MAIN_JOB


def test_a_delivery_is_repeated_until_2xx(stripe_client, stripe_server, receiver):
    receiver.statuses = [500, 302, 404]
    listen(stripe_client, receiver, ["customer.created"])
    stripe_client.v1.customers.create()
    arrived = [json.loads(receiver.next().body)["id"] for _ in range(4)]
    assert len(set(arrived)) == 1
    [row] = settled(stripe_server, "delivered", 1)
    assert (row["attempts"], row["status"]) == (4, 200)
    assert stripe_client.v1.events.retrieve(arrived[0]).pending_webhooks == 0


def test_a_receiver_that_is_down_gets_it_later(stripe_client, stripe_server, receiver):
    stripe_client.v1.webhook_endpoints.create(
        params={"url": "http://127.0.0.1:9/closed", "enabled_events": ["customer.created"]}
    )
    stripe_client.v1.customers.create()
    deadline = time.monotonic() + PATIENCE
    while stripe_server.deliveries()[0]["attempts"] < 2:
        assert time.monotonic() < deadline
    assert stripe_server.deliveries()[0]["state"] == "due"
    endpoint = stripe_client.v1.webhook_endpoints.list().data[0]
    stripe_client.v1.webhook_endpoints.update(endpoint.id, params={"url": receiver.url})
    assert types(receiver, 1) == ["customer.created"]


def test_duplicates_reorders_and_losses_on_demand(stripe_client, stripe_server, receiver):
    listen(stripe_client, receiver, MAIN_JOB)
    stripe_server.fault("duplicate_webhook", event="payment_intent.created")
    stripe_server.fault("drop_webhook", event="charge.")
    stripe_server.fault("reorder_webhook", event="payment_intent.amount_capturable_updated", delay_ms=60_000)
    captured(stripe_client)
    assert types(receiver, 5) == [
        "payment_intent.created",
        "payment_intent.created",
        "charge.captured",
        "payment_intent.amount_capturable_updated",
        "payment_intent.succeeded",
    ]
    assert [row["type"] for row in settled(stripe_server, "dropped", 1)] == ["charge.succeeded"]


def test_a_held_event_arrives_alone_after_its_delay(stripe_client, stripe_server, receiver):
    listen(stripe_client, receiver, ["customer.created"])
    stripe_server.fault("reorder_webhook", event="customer.created", delay_ms=30)
    stripe_client.v1.customers.create()
    assert types(receiver, 1) == ["customer.created"]


def test_accounts_hear_only_of_themselves(stripe_client, stripe_server, receiver):
    there = {"stripe_account": "acct_shop"}
    listen(stripe_client, receiver, ["customer.created"])
    stripe_client.v1.customers.create(options=there)
    here = stripe_client.v1.customers.create()
    assert json.loads(receiver.next().body)["data"]["object"]["id"] == here.id
    listen(stripe_client, receiver, ["customer.deleted"], connect=True)
    theirs = stripe_client.v1.customers.create(options=there)
    stripe_client.v1.customers.delete(here.id)
    stripe_client.v1.customers.delete(theirs.id, options=there)
    event = json.loads(receiver.next().body)
    assert (event["type"], event["account"], event["data"]["object"]["id"]) == (
        "customer.deleted",
        "acct_shop",
        theirs.id,
    )
    assert len(stripe_server.deliveries()) == 2


def test_the_secret_is_shown_once_and_endpoints_come_and_go(stripe_client, stripe_server, receiver):
    made = stripe_client.v1.webhook_endpoints.create(
        params={"url": receiver.url, "enabled_events": ["*"], "description": "ours", "metadata": {"shop": "1"}}
    )
    assert made.secret.startswith("whsec_")
    again = stripe_client.v1.webhook_endpoints.retrieve(made.id)
    assert "secret" not in again.to_dict()
    assert [endpoint.id for endpoint in stripe_client.v1.webhook_endpoints.list().data] == [made.id]
    off = stripe_client.v1.webhook_endpoints.update(made.id, params={"disabled": True})
    assert off.status == "disabled"
    customer_with(stripe_client)
    assert stripe_server.deliveries() == []
    assert stripe_client.v1.webhook_endpoints.delete(made.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe_client.v1.webhook_endpoints.retrieve(made.id)
    assert caught.value.http_status == 404


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook",
        "http://10.0.0.8/hook",
        "ftp://localhost/x",
        "nonsense",
        "http://[::1",
        "http://localhost:99999/",
        "http://localhost/ü",
    ],
)
def test_webhooks_stay_on_this_machine(stripe_client, url):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        stripe_client.v1.webhook_endpoints.create(params={"url": url, "enabled_events": ["*"]})
    assert (caught.value.code, caught.value.param) == ("url_invalid", "url")


def test_only_exact_event_names_or_all(stripe_client, receiver):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        listen(stripe_client, receiver, ["payment_intent.*"])
    assert caught.value.param == "enabled_events[0]"


def test_undelivered_events_survive_kill_9(receiver):
    with StripeServer(process=True) as server:
        client = client_for(server)
        receiver.statuses = [500] * 3
        endpoint = client.v1.webhook_endpoints.create(
            params={"url": "http://127.0.0.1:9/closed", "enabled_events": ["customer.created"]}
        )
        client.v1.customers.create()
        server.kill()
        server.start()
        client.v1.webhook_endpoints.update(endpoint.id, params={"url": receiver.url})
        assert types(receiver, 4) == ["customer.created"] * 4
