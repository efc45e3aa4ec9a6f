"""Every test card does what Stripe's documentation says of it."""

from typing import Any

import pytest
import stripe

from devtools.stripe.cards import BEHAVIOURS, CARDS, card_for_number, is_luhn_valid
from tests.devtools.shopper import RETURN_URL, authorise, charge_params, customer_with, declined, refused

DECLINED_AT_ONCE = {
    "4000000000000002": ("card_declined", "generic_decline"),
    "4000000000009995": ("card_declined", "insufficient_funds"),
    "4000000000009987": ("card_declined", "lost_card"),
    "4000000000009979": ("card_declined", "stolen_card"),
    "4000000000006975": ("card_declined", "card_velocity_exceeded"),
    "4000000000000069": ("expired_card", None),
    "4000000000000127": ("incorrect_cvc", None),
    "4000000000000119": ("processing_error", None),
}


def new_card(client: Any, number: str, **changes) -> Any:
    card = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123", **changes}
    return client.v1.payment_methods.create(params={"type": "card", "card": card})


@pytest.mark.parametrize(("number", "expected"), DECLINED_AT_ONCE.items())
def test_declining_cards_are_refused_when_paying(stripe_client, number, expected):
    method = new_card(stripe_client, number)
    params = {"amount": 900, "currency": "usd", "payment_method": method.id, "confirm": True, "return_url": RETURN_URL}
    with refused(stripe.CardError) as caught:
        stripe_client.v1.payment_intents.create(params=params)
    error = caught.value
    assert (error.http_status, error.code, error.error.decline_code) == (402, *expected)
    assert error.error.payment_intent.status == "requires_payment_method"


@pytest.mark.parametrize(("number", "expected"), DECLINED_AT_ONCE.items())
def test_declining_cards_cannot_be_saved(stripe_client, number, expected):
    customer = stripe_client.v1.customers.create()
    method = new_card(stripe_client, number)
    with refused(stripe.CardError) as caught:
        stripe_client.v1.payment_methods.attach(method.id, params={"customer": customer.id})
    assert (caught.value.code, caught.value.error.decline_code) == expected
    assert stripe_client.v1.payment_methods.list(params={"customer": customer.id}).data == []


@pytest.mark.parametrize("behaviour", ["generic", "insufficient_funds", "lost_card", "stolen_card", "expired_card"])
def test_a_saved_card_can_turn_bad(stripe_client, stripe_server, behaviour):
    customer, method = customer_with(stripe_client)
    stripe_server.set_card(method, behaviour)
    with refused(stripe.CardError) as caught:
        stripe_client.v1.payment_intents.create(params=charge_params(customer, method))
    wanted = "generic_decline" if behaviour == "generic" else behaviour
    assert wanted in (caught.value.error.decline_code, caught.value.code)


@pytest.mark.parametrize(
    ("card", "off_session"),
    [
        ("pm_card_authenticationRequired", "authentication_required"),
        ("pm_card_authenticationRequiredOnSetup", "authentication_required"),
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "authentication_required"),
        ("pm_card_threeDSecure2Required", "authentication_required"),
        ("pm_card_authenticationRequiredSetupForOffSession", "requires_capture"),
    ],
)
def test_cards_that_authenticate(stripe_client, card, off_session):
    on_session = authorise(stripe_client, card, off_session=False, return_url=RETURN_URL)
    assert on_session.status == "requires_action"
    if off_session == "requires_capture":
        assert authorise(stripe_client, card).status == "requires_capture"
    else:
        assert declined(stripe_client, card).code == "authentication_required"


def test_every_test_name_has_a_known_behaviour_and_a_valid_number():
    assert {card.behaviour for card in CARDS.values()} <= set(BEHAVIOURS)
    assert [name for name, card in CARDS.items() if not is_luhn_valid(card.number)] == []


@pytest.mark.parametrize("name", sorted(CARDS))
def test_every_test_name_becomes_a_card_of_its_own(stripe_client, name):
    intent = stripe_client.v1.payment_intents.create(params={"amount": 500, "currency": "usd", "payment_method": name})
    method = stripe_client.v1.payment_methods.retrieve(intent.payment_method)
    assert method.id != name
    assert method.card.last4 == CARDS[name].number[-4:]


@pytest.mark.parametrize(
    ("number", "changes", "code"),
    [
        ("4242424242424241", {}, "incorrect_number"),
        ("42", {}, "incorrect_number"),
        ("4242424242424242", {"exp_month": 13}, "invalid_expiry_month"),
        ("4242424242424242", {"exp_year": 2020}, "invalid_expiry_year"),
        ("4242424242424242", {"cvc": "1x"}, "invalid_cvc"),
    ],
)
def test_impossible_card_details(stripe_client, number, changes, code):
    with refused(stripe.CardError) as caught:
        new_card(stripe_client, number, **changes)
    assert caught.value.code == code


def test_an_unknown_number_is_an_ordinary_card(stripe_client):
    assert card_for_number("4111111111111111").behaviour == "ok"
    assert new_card(stripe_client, "5555 5555 5555 4444").card.brand == "mastercard"
    assert new_card(stripe_client, "378282246310005").card.brand == "amex"


def test_detaching_ends_the_use_of_a_card(stripe_client):
    customer, method = customer_with(stripe_client)
    stripe_client.v1.customers.update(customer, params={"invoice_settings": {"default_payment_method": method}})
    assert stripe_client.v1.payment_methods.detach(method).customer is None
    assert stripe_client.v1.customers.retrieve(customer).invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        stripe_client.v1.payment_methods.attach(method, params={"customer": customer})
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        stripe_client.v1.payment_methods.detach(method)


def test_a_card_belongs_to_one_customer(stripe_client):
    customer, method = customer_with(stripe_client)
    other = stripe_client.v1.customers.create()
    assert stripe_client.v1.payment_methods.attach(method, params={"customer": customer}).customer == customer
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        stripe_client.v1.payment_methods.attach(method, params={"customer": other.id})
