"""Idempotency keys: the first answer counts, whatever it was."""

import threading

import pytest
import requests
import stripe

from tests.devtools.shopper import charge_params, customer_with, refused


def with_key(key: str, **options) -> dict[str, str]:
    return {"idempotency_key": key, **options}


def test_the_same_key_charges_once(stripe_client, stripe_server):
    params = charge_params(*customer_with(stripe_client))
    first = stripe_client.v1.payment_intents.create(params=params, options=with_key("k"))
    second = stripe_client.v1.payment_intents.create(params=params, options=with_key("k"))
    assert second.id == first.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert second.last_response.body == first.last_response.body
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert stripe_server.payment_intents()["count"] == 1


def test_a_decline_is_replayed_as_it_was(stripe_client, stripe_server):
    customer, method = customer_with(stripe_client)
    stripe_server.set_card(method, "insufficient_funds")
    errors = []
    for _ in range(2):
        with refused(stripe.CardError) as caught:
            stripe_client.v1.payment_intents.create(params=charge_params(customer, method), options=with_key("k"))
        errors.append(caught.value)
        stripe_server.set_card(method, "ok")
    assert errors[0].json_body == errors[1].json_body
    assert errors[1].headers["Idempotent-Replayed"] == "true"
    assert stripe_server.payment_intents()["count"] == 1


@pytest.mark.parametrize("kind", ["error_before_apply", "error_after_apply"])
def test_a_500_is_replayed_too(stripe_client, stripe_server, kind):
    params = charge_params(*customer_with(stripe_client))
    stripe_server.fault(kind, path="/v1/payment_intents")
    for _ in range(2):
        with refused(stripe.APIError) as caught:
            stripe_client.v1.payment_intents.create(params=params, options=with_key("k"))
        assert caught.value.http_status == 500
    assert caught.value.headers["Idempotent-Replayed"] == "true"
    assert stripe_server.payment_intents()["count"] == (1 if kind == "error_after_apply" else 0)


def test_a_500_from_in_front_of_the_endpoint_is_not_kept(stripe_client, stripe_server):
    params = charge_params(*customer_with(stripe_client))
    stripe_server.fault("error_before_apply", path="/v1/payment_intents", stored=False)
    with pytest.raises(stripe.APIError):
        stripe_client.v1.payment_intents.create(params=params, options=with_key("k"))
    again = stripe_client.v1.payment_intents.create(params=params, options=with_key("k"))
    assert again.status == "requires_capture"


def test_other_parameters_under_a_used_key_are_refused(stripe_client):
    params = charge_params(*customer_with(stripe_client))
    stripe_client.v1.payment_intents.create(params=params, options=with_key("k"))
    with refused(stripe.IdempotencyError, match="same parameters") as caught:
        stripe_client.v1.payment_intents.create(params={**params, "amount": 2001}, options=with_key("k"))
    assert (caught.value.http_status, caught.value.error.type) == (400, "idempotency_error")
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        stripe_client.v1.customers.create(options=with_key("k"))


@pytest.mark.parametrize("wrong", [{"amount": "twelve"}, {"nonsense": "1"}, {"customer": "cus_nobody"}])
def test_a_request_that_fails_validation_leaves_the_key_free(stripe_client, wrong):
    params = charge_params(*customer_with(stripe_client))
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.payment_intents.create(params={**params, **wrong}, options=with_key("k"))
    assert stripe_client.v1.payment_intents.create(params=params, options=with_key("k")).status == "requires_capture"


def test_a_refusal_by_state_is_kept(stripe_client):
    params = charge_params(*customer_with(stripe_client))
    intent = stripe_client.v1.payment_intents.create(params=params)
    stripe_client.v1.payment_intents.cancel(intent.id)
    for _ in range(2):
        with refused(stripe.InvalidRequestError) as caught:
            stripe_client.v1.payment_intents.capture(intent.id, options=with_key("c"))
    assert caught.value.headers["Idempotent-Replayed"] == "true"


def test_two_at_once_under_one_key(stripe_client, stripe_server):
    """One works, the other is told to come back: 409 and nothing kept for it."""
    params = charge_params(*customer_with(stripe_client))
    stripe_server.fault("slow", path="/v1/payment_intents", delay_ms=800)
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def pay() -> None:
        gate.wait()
        try:
            outcomes.append(stripe_client.v1.payment_intents.create(params=params, options=with_key("k")).status)
        except stripe.APIError as error:
            outcomes.append(f"{error.http_status} {error.error and error.error.code}")

    threads = [threading.Thread(target=pay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["409 idempotency_key_in_use", "requires_capture"]
    again = stripe_client.v1.payment_intents.create(params=params, options=with_key("k"))
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert stripe_server.payment_intents()["count"] == 1


def test_a_crowd_under_one_key_charges_once(stripe_client, stripe_server):
    params = charge_params(*customer_with(stripe_client))
    found: list[str] = []
    refused: list[int | None] = []

    def pay() -> None:
        for _ in range(5):
            try:
                intent = stripe_client.v1.payment_intents.create(params=params, options=with_key("k"))
            except stripe.APIError as error:
                refused.append(error.http_status)
            else:
                found.append(intent.id)

    threads = [threading.Thread(target=pay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert set(refused) <= {409}
    assert stripe_server.payment_intents()["count"] == 1


def test_keys_are_forgotten_after_a_day(stripe_client, stripe_server):
    params = charge_params(*customer_with(stripe_client))
    first = stripe_client.v1.payment_intents.create(params=params, options=with_key("k"))
    stripe_server.advance_clock(23 * 3600)
    assert stripe_client.v1.payment_intents.create(params=params, options=with_key("k")).id == first.id
    stripe_server.advance_clock(2 * 3600)
    assert stripe_client.v1.payment_intents.create(params=params, options=with_key("k")).id != first.id


def test_each_account_has_its_own_keys(stripe_client):
    here = stripe_client.v1.customers.create(options=with_key("k"))
    there = stripe_client.v1.customers.create(options=with_key("k", stripe_account="acct_shop"))
    assert here.id != there.id


def test_a_key_has_an_end(stripe_server):
    headers = {"Authorization": f"Bearer {stripe_server.api_key}", "Idempotency-Key": "k" * 256}
    answer = requests.post(f"{stripe_server.url}/v1/customers", headers=headers, timeout=10)
    assert answer.status_code == 400
    headers["Idempotency-Key"] = "k" * 255
    assert requests.post(f"{stripe_server.url}/v1/customers", headers=headers, timeout=10).status_code == 200
