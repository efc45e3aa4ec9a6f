"""Faults on demand, and the state they leave behind."""

import time

import pytest
import requests
import stripe

from tests.devtools.shopper import authorise, charge_params, customer_with, refused


def test_a_time_out_after_apply_has_charged(stripe_client, stripe_server):
    params = charge_params(*customer_with(stripe_client))
    stripe_server.fault("timeout_after_apply", method="POST", path="/v1/payment_intents", delay_ms=20)
    with pytest.raises(stripe.APIConnectionError):
        stripe_client.v1.payment_intents.create(params=params, options={"idempotency_key": "k"})
    assert stripe_server.payment_intents()["count"] == 1
    again = stripe_client.v1.payment_intents.create(params=params, options={"idempotency_key": "k"})
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert stripe_server.payment_intents()["authorised"] == {"gbp": 2000}


def test_a_client_that_gives_up_first_sees_a_time_out(stripe_server):
    stripe_server.fault("timeout_after_apply", path="/v1/customers", delay_ms=5_000)
    impatient = stripe.StripeClient(
        stripe_server.api_key,
        base_addresses={"api": stripe_server.url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(1, 0.2)),
    )
    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.customers.create()
    assert stripe_server.summary()["accounts"][""]["customer"] == 1


def test_the_way_back_can_fail_for_a_replay_too(stripe_client, stripe_server):
    params, key = {"email": "a@example.com"}, {"idempotency_key": "k"}
    first = stripe_client.v1.customers.create(params=params, options=key)
    stripe_server.fault("error_after_apply", path="/v1/customers")
    stripe_server.fault("timeout_after_apply", path="/v1/customers", delay_ms=1)
    with pytest.raises(stripe.APIConnectionError):
        stripe_client.v1.customers.create(params=params, options=key)
    stripe_server.fault("error_before_apply", path="/v1/customers", stored=False)
    with pytest.raises(stripe.APIError):
        stripe_client.v1.customers.create(params=params, options=key)
    assert stripe_client.v1.customers.create(params=params, options=key).id == first.id
    assert [fault["kind"] for fault in stripe_server.control("GET", "faults")["data"]] == ["error_after_apply"]


def test_a_500_before_apply_did_nothing_and_after_apply_everything(stripe_client, stripe_server):
    intent = authorise(stripe_client)
    for kind, expected in (("error_before_apply", "requires_capture"), ("error_after_apply", "succeeded")):
        stripe_server.fault(kind, path="/v1/payment_intents/*/capture", status=503)
        with refused(stripe.APIError) as caught:
            stripe_client.v1.payment_intents.capture(intent.id)
        assert (caught.value.http_status, caught.value.error.type) == (503, "api_error")
        assert stripe_client.v1.payment_intents.retrieve(intent.id).status == expected


def test_an_error_after_apply_keeps_a_decline(stripe_client, stripe_server):
    customer, method = customer_with(stripe_client, "pm_card_chargeCustomerFail")
    stripe_server.fault("error_after_apply", path="/v1/payment_intents")
    with pytest.raises(stripe.APIError):
        stripe_client.v1.payment_intents.create(params=charge_params(customer, method))
    assert stripe_server.payment_intents()["statuses"] == {"requires_payment_method": 1}


def test_slow_answers(stripe_client, stripe_server):
    stripe_server.fault("slow", method="GET", path="/v1/balance", delay_ms=150)
    started = time.monotonic()
    stripe_client.v1.balance.retrieve()
    assert time.monotonic() - started >= 0.15


def test_count_skip_and_method(stripe_client, stripe_server):
    stripe_server.fault("error_before_apply", method="POST", path="/v1/customers", skip=1, count=2)
    outcomes: list[int | None] = []
    for _ in range(4):
        stripe_client.v1.customers.list()
        try:
            stripe_client.v1.customers.create()
            outcomes.append(200)
        except stripe.APIError as error:
            outcomes.append(error.http_status)
    assert outcomes == [200, 500, 500, 200]


def test_a_pattern_matches_exactly_and_a_path_is_a_prefix(stripe_client, stripe_server):
    stripe_server.fault("error_before_apply", path="/v1/payment_intents/*/capture")
    assert authorise(stripe_client).status == "requires_capture"
    assert len(stripe_server.control("GET", "faults")["data"]) == 1
    stripe_server.fault("slow", path="/v1/payment_intents", delay_ms=1)
    authorise(stripe_client)
    kinds = [fault["kind"] for fault in stripe_server.control("GET", "faults")["data"]]
    assert kinds == ["error_before_apply"]
    stripe_server.clear_faults()
    assert stripe_server.control("GET", "faults")["data"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "earthquake"},
        {},
        {"kind": "slow", "colour": "red"},
        {"kind": "slow", "count": "2"},
        {"kind": "slow", "delay_ms": -1},
        {"kind": "slow", "stored": 1},
    ],
)
def test_unknown_faults_are_refused(stripe_server, body):
    with pytest.raises(ValueError, match=r"Unknown|Invalid"):
        stripe_server.control("POST", "faults", body)


def test_foreign_web_pages_cannot_reach_the_controls(stripe_server):
    """A form of another site can post here, but never as JSON."""
    for path in ("faults", "reset", "clock"):
        assert requests.post(f"{stripe_server.url}/_devtools/{path}", data="{}", timeout=10).status_code == 415
    json_type = {"Content-Type": "application/json"}
    for body in ("", "[1]", "{"):
        answer = requests.post(f"{stripe_server.url}/_devtools/faults", data=body, headers=json_type, timeout=10)
        assert answer.status_code == 400
    assert requests.get(f"{stripe_server.url}/_devtools/nothing", timeout=10).status_code == 404


def test_unknown_controls_are_explained(stripe_client, stripe_server):
    _, method = customer_with(stripe_client)
    with pytest.raises(ValueError, match="Unknown behaviour"):
        stripe_server.set_card(method, "haunted")
    with pytest.raises(ValueError, match="No such PaymentMethod"):
        stripe_server.set_card("pm_nobody", "ok")
    with pytest.raises(ValueError, match="status is"):
        stripe_server.settle_refund("re_1", "lost")
    with pytest.raises(ValueError, match="Ask with"):
        stripe_server.control("GET", "payment_intents?metadata=x")
    with pytest.raises(ValueError, match="whole number"):
        stripe_server.control("POST", "clock", {"advance_seconds": -1})


def test_reset_forgets_everything(stripe_client, stripe_server):
    authorise(stripe_client)
    stripe_server.fault("slow")
    stripe_server.advance_clock(10_000)
    stripe_server.reset()
    summary = stripe_server.summary()
    assert (summary["accounts"], summary["faults"], summary["captured"]) == ({}, 0, {})
    assert abs(summary["now"] - time.time()) < 5
