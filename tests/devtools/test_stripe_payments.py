"""Authorise, capture, cancel: the payments of the main job."""

import pytest
import stripe

from tests.devtools.shopper import (
    RETURN_URL,
    authorise,
    captured,
    charge_params,
    customer_with,
    declined,
    event_types,
    refused,
)


def test_a_saved_card_is_authorised_and_then_captured(stripe_client):
    intent = authorise(stripe_client)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2000, 0)
    charge = stripe_client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.captured, charge.paid, charge.amount_captured) == (False, True, 0)

    done = stripe_client.v1.payment_intents.capture(intent.id, params={"expand": ["latest_charge"]})
    assert (done.status, done.amount_capturable, done.amount_received) == ("succeeded", 0, 2000)
    assert (done.latest_charge.captured, done.latest_charge.amount_captured) == (True, 2000)
    assert done.latest_charge.balance_transaction.startswith("txn_")


def test_the_events_of_a_payment_tell_its_story(stripe_client):
    captured(stripe_client)
    assert event_types(stripe_client) == [
        "customer.created",
        "payment_method.attached",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]


def test_a_partial_capture_releases_the_rest(stripe_client):
    intent = authorise(stripe_client)
    done = stripe_client.v1.payment_intents.capture(
        intent.id, params={"amount_to_capture": 1500, "expand": ["latest_charge"]}
    )
    assert (done.amount, done.amount_received, done.amount_capturable) == (2000, 1500, 0)
    assert (done.latest_charge.amount_captured, done.latest_charge.amount_refunded) == (1500, 500)


def test_more_than_authorised_is_not_captured(stripe_client):
    intent = authorise(stripe_client)
    with refused(stripe.InvalidRequestError) as caught:
        stripe_client.v1.payment_intents.capture(intent.id, params={"amount_to_capture": 2001})
    assert caught.value.code == "amount_too_large"
    assert stripe_client.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_a_captured_intent_is_neither_captured_again_nor_cancelled(stripe_client):
    intent = captured(stripe_client)
    for act in (stripe_client.v1.payment_intents.capture, stripe_client.v1.payment_intents.cancel):
        with refused(stripe.InvalidRequestError) as caught:
            act(intent.id)
        assert caught.value.code == "payment_intent_unexpected_state"
        assert caught.value.error.payment_intent.status == "succeeded"


def test_cancelling_gives_the_authorisation_back(stripe_client):
    intent = authorise(stripe_client)
    gone = stripe_client.v1.payment_intents.cancel(
        intent.id, params={"cancellation_reason": "abandoned", "expand": ["latest_charge"]}
    )
    assert (gone.status, gone.cancellation_reason, gone.amount_capturable) == ("canceled", "abandoned", 0)
    assert gone.canceled_at is not None
    assert (gone.latest_charge.refunded, gone.latest_charge.captured) == (True, False)
    assert event_types(stripe_client)[-2:] == ["charge.refunded", "payment_intent.canceled"]
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        stripe_client.v1.payment_intents.capture(intent.id)


def test_a_declined_card_leaves_a_failed_charge_and_an_intent_to_try_again(stripe_client):
    error = declined(stripe_client, "pm_card_chargeCustomerFail")
    assert (error.http_status, error.code, error.error.decline_code) == (402, "card_declined", "generic_decline")
    intent = stripe_client.v1.payment_intents.retrieve(error.error.payment_intent.id)
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error.payment_method.id == error.error.payment_method.id
    assert stripe_client.v1.charges.retrieve(error.error.charge).status == "failed"
    assert event_types(stripe_client)[-2:] == ["charge.failed", "payment_intent.payment_failed"]

    method = stripe_client.v1.payment_methods.attach("pm_card_visa", params={"customer": intent.customer})
    again = stripe_client.v1.payment_intents.confirm(
        intent.id, params={"payment_method": method.id, "off_session": True}
    )
    assert (again.status, again.last_payment_error) == ("requires_capture", None)


def test_without_manual_capture_the_money_is_taken_at_once(stripe_client):
    intent = authorise(stripe_client, capture_method="automatic")
    assert (intent.status, intent.amount_received) == ("succeeded", 2000)
    assert event_types(stripe_client)[-2:] == ["charge.succeeded", "payment_intent.succeeded"]


def test_created_first_and_confirmed_later(stripe_client):
    customer, method = customer_with(stripe_client)
    intent = stripe_client.v1.payment_intents.create(params={"amount": 500, "currency": "eur", "customer": customer})
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)
    intent = stripe_client.v1.payment_intents.update(intent.id, params={"payment_method": method, "amount": 700})
    assert intent.status == "requires_confirmation"
    intent = stripe_client.v1.payment_intents.confirm(intent.id, params={"return_url": RETURN_URL})
    assert (intent.status, intent.amount_received) == ("succeeded", 700)
    with pytest.raises(stripe.InvalidRequestError, match="could not be updated"):
        stripe_client.v1.payment_intents.update(intent.id, params={"amount": 800})


def test_confirming_needs_a_card(stripe_client):
    intent = stripe_client.v1.payment_intents.create(params={"amount": 500, "currency": "eur"})
    with refused(stripe.InvalidRequestError, match="missing a payment method") as caught:
        stripe_client.v1.payment_intents.confirm(intent.id, params={"return_url": RETURN_URL})
    assert caught.value.code == "payment_intent_unexpected_state"


def test_redirecting_methods_need_a_return_address(stripe_client):
    customer, method = customer_with(stripe_client)
    params = charge_params(customer, method)
    del params["allowed_payment_method_types"]
    with pytest.raises(stripe.InvalidRequestError, match="must provide a `return_url`"):
        stripe_client.v1.payment_intents.create(params=params)
    never = {"enabled": True, "allow_redirects": "never"}
    intent = stripe_client.v1.payment_intents.create(params={**params, "automatic_payment_methods": never})
    assert intent.status == "requires_capture"


def test_a_card_of_another_customer_is_refused(stripe_client):
    _, method = customer_with(stripe_client)
    stranger, _ = customer_with(stripe_client)
    with pytest.raises(stripe.InvalidRequestError, match="must be attached to the customer"):
        stripe_client.v1.payment_intents.create(params=charge_params(stranger, method))
    params = charge_params(stranger, method)
    del params["customer"]
    with pytest.raises(stripe.InvalidRequestError, match="include the Customer"):
        stripe_client.v1.payment_intents.create(params=params)


def test_a_card_without_a_customer_pays_once(stripe_client):
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    method = stripe_client.v1.payment_methods.create(params={"type": "card", "card": card})
    params = {"amount": 900, "currency": "usd", "payment_method": method.id, "confirm": True, "return_url": RETURN_URL}
    assert stripe_client.v1.payment_intents.create(params=params).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        stripe_client.v1.payment_intents.create(params=params)


def test_setup_future_usage_saves_the_card(stripe_client):
    customer = stripe_client.v1.customers.create()
    params = charge_params(customer.id, "pm_card_visa", off_session=False, setup_future_usage="off_session")
    intent = stripe_client.v1.payment_intents.create(params=params)
    saved = stripe_client.v1.payment_methods.list(params={"customer": customer.id}).data
    assert [method.id for method in saved] == [intent.payment_method]


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [
        ("gbp", 29, "amount_too_small"),
        ("jpy", 49, "amount_too_small"),
        ("usd", 100_000_000, "amount_too_large"),
        ("kwd", 1001, None),
        ("ugx", 12_345, None),
    ],
)
def test_amounts_that_cannot_be_charged(stripe_client, currency, amount, code):
    with refused(stripe.InvalidRequestError) as caught:
        stripe_client.v1.payment_intents.create(params={"amount": amount, "currency": currency})
    assert (caught.value.http_status, caught.value.code, caught.value.param) == (400, code, "amount")


def test_the_summary_counts_by_metadata(stripe_client, stripe_server):
    captured(stripe_client, metadata={"edit_id": "e-9"})
    authorise(stripe_client, metadata={"edit_id": "e-9"})
    captured(stripe_client, metadata={"edit_id": "other"}, currency="eur")
    found = stripe_server.payment_intents(edit_id="e-9")
    assert (found["count"], found["captured"], found["authorised"]) == (2, {"gbp": 2000}, {"gbp": 2000})
    assert found["statuses"] == {"requires_capture": 1, "succeeded": 1}
    assert stripe_server.summary()["captured"] == {"gbp": 2000, "eur": 2000}


def test_the_balance_is_what_was_captured_and_kept(stripe_client):
    intent = captured(stripe_client)
    stripe_client.v1.refunds.create(params={"payment_intent": intent.id, "amount": 300})
    available = {row.currency: row.amount for row in stripe_client.v1.balance.retrieve().available}
    assert available == {"usd": 0, "gbp": 1700}
