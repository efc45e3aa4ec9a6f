"""The shopper and the bank: off-session refusals, the redirect, what comes back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import stripe

from tests.devtools.shopper import RETURN_URL, authorise, charge_params, customer_with, declined, event_types, refused


def answer(intent: Any, decision: str) -> dict[str, str]:
    """Press a button on the bank's page; the query of the address one is sent back to."""
    page = intent.next_action.redirect_to_url.url
    response = requests.post(page, data={"decision": decision}, allow_redirects=False, timeout=10)
    assert response.status_code == 303
    assert response.headers["Location"].startswith(RETURN_URL.split("?")[0])
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def on_session(client: Any, card: str, **changes) -> Any:
    return authorise(client, card, off_session=False, return_url=RETURN_URL, **changes)


def test_off_session_the_bank_asks_for_the_shopper_with_402(stripe_client):
    error = declined(stripe_client, "pm_card_authenticationRequired")
    assert (error.http_status, error.code) == (402, "authentication_required")
    assert error.error.type == "card_error"
    assert error.error.decline_code == "authentication_required"
    intent = error.error.payment_intent
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error.code == "authentication_required"
    assert error.error.payment_method.id.startswith("pm_")
    assert stripe_client.v1.charges.retrieve(error.error.charge).failure_code == "authentication_required"


def test_the_same_intent_is_completed_by_the_shopper(stripe_client):
    error = declined(stripe_client, "pm_card_authenticationRequired")
    intent = stripe_client.v1.payment_intents.confirm(
        error.error.payment_intent.id,
        params={"payment_method": error.error.payment_method.id, "return_url": RETURN_URL},
    )
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert intent.next_action.redirect_to_url.return_url == RETURN_URL
    back = answer(intent, "approve")
    assert back == {
        "order": "7",
        "payment_intent": intent.id,
        "payment_intent_client_secret": intent.client_secret,
        "redirect_status": "succeeded",
    }
    intent = stripe_client.v1.payment_intents.retrieve(intent.id, params={"expand": ["latest_charge"]})
    assert (intent.status, intent.amount_capturable, intent.next_action) == ("requires_capture", 2000, None)
    assert intent.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"
    assert event_types(stripe_client)[-3:] == [
        "payment_intent.requires_action",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
    ]


def test_a_failed_authentication_can_be_tried_again(stripe_client):
    intent = on_session(stripe_client, "pm_card_authenticationRequired")
    method = intent.payment_method
    assert answer(intent, "fail")["redirect_status"] == "failed"
    intent = stripe_client.v1.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert event_types(stripe_client)[-1] == "payment_intent.payment_failed"
    intent = stripe_client.v1.payment_intents.confirm(
        intent.id, params={"payment_method": method, "return_url": RETURN_URL}
    )
    assert answer(intent, "approve")["redirect_status"] == "succeeded"


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_threeDSecureRequiredChargeDeclined", "generic_decline"),
    ],
)
def test_authenticated_and_declined_all_the_same(stripe_client, card, code):
    intent = on_session(stripe_client, card)
    assert answer(intent, "approve")["redirect_status"] == "failed"
    intent = stripe_client.v1.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.last_payment_error.decline_code) == ("requires_payment_method", code)
    assert stripe_client.v1.charges.retrieve(intent.latest_charge).status == "failed"


def test_pressing_twice_charges_once(stripe_client):
    intent = on_session(stripe_client, "pm_card_authenticationRequired", capture_method="automatic")
    assert answer(intent, "approve") == answer(intent, "approve")
    assert answer(intent, "fail")["redirect_status"] == "succeeded"
    charges = stripe_client.v1.charges.list(params={"payment_intent": intent.id}).data
    assert [charge.amount_captured for charge in charges] == [2000]


def test_a_cancelled_intent_can_no_longer_be_approved(stripe_client):
    intent = on_session(stripe_client, "pm_card_authenticationRequired")
    stripe_client.v1.payment_intents.cancel(intent.id)
    assert answer(intent, "approve")["redirect_status"] == "failed"
    assert stripe_client.v1.payment_intents.retrieve(intent.id).status == "canceled"


def test_without_a_return_address_only_the_sdk_could_help(stripe_client):
    intent = authorise(stripe_client, "pm_card_authenticationRequired", off_session=False)
    assert (intent.status, intent.next_action.type) == ("requires_action", "use_stripe_sdk")


def test_actions_can_be_an_error(stripe_client):
    error = declined(stripe_client, "pm_card_authenticationRequired", off_session=False, error_on_requires_action=True)
    assert (error.code, error.error.decline_code) == ("authentication_required", "authentication_not_handled")
    assert error.error.payment_intent.status == "requires_payment_method"


def test_a_card_once_set_up_needs_the_shopper_no_more(stripe_client):
    customer = stripe_client.v1.customers.create()
    setup = stripe_client.v1.setup_intents.create(
        params={
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "return_url": RETURN_URL,
        }
    )
    assert setup.status == "requires_action"
    back = answer(setup, "approve")
    assert (back["setup_intent"], back["redirect_status"]) == (setup.id, "succeeded")
    setup = stripe_client.v1.setup_intents.retrieve(setup.id)
    assert setup.status == "succeeded"
    params = charge_params(customer.id, setup.payment_method)
    assert stripe_client.v1.payment_intents.create(params=params).status == "requires_capture"


def test_a_card_attached_without_set_up_still_needs_the_shopper(stripe_client):
    assert declined(stripe_client, "pm_card_authenticationRequiredOnSetup").code == "authentication_required"


def test_a_failed_set_up(stripe_client):
    setup = stripe_client.v1.setup_intents.create(
        params={
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "return_url": RETURN_URL,
        }
    )
    assert answer(setup, "fail")["redirect_status"] == "failed"
    setup = stripe_client.v1.setup_intents.retrieve(setup.id)
    assert setup.status == "requires_payment_method"
    assert setup.last_setup_error.code == "setup_intent_authentication_failure"


def test_an_ordinary_card_is_set_up_at_once_and_a_bad_one_is_not(stripe_client):
    never = {"enabled": True, "allow_redirects": "never"}
    customer = stripe_client.v1.customers.create()
    params = {"customer": customer.id, "automatic_payment_methods": never, "confirm": True}
    good = stripe_client.v1.setup_intents.create(params={**params, "payment_method": "pm_card_visa"})
    assert good.status == "succeeded"
    with refused(stripe.CardError) as caught:
        stripe_client.v1.setup_intents.create(params={**params, "payment_method": "pm_card_visa_chargeDeclined"})
    assert caught.value.error.setup_intent.status == "requires_payment_method"
    saved = stripe_client.v1.payment_methods.list(params={"customer": customer.id}).data
    assert [method.id for method in saved] == [good.payment_method]
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded"):
        stripe_client.v1.setup_intents.confirm(good.id)
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        stripe_client.v1.setup_intents.cancel(good.id)


def test_the_banks_page_is_plain_and_safe(stripe_client):
    intent = on_session(stripe_client, "pm_card_authenticationRequired", currency="jpy", amount=123_456)
    page = requests.get(intent.next_action.redirect_to_url.url, timeout=10)
    assert page.status_code == 200
    assert "123,456 JPY" in page.text
    assert '<html lang="en">' in page.text
    assert "<script" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    for label in ("Approve", "Fail"):
        assert f">{label}</button>" in page.text
    answer(intent, "approve")
    assert "Back to the shop" in requests.get(intent.next_action.redirect_to_url.url, timeout=10).text


@pytest.mark.parametrize("change", ["client_secret=wrong", "client_secret=wrong&account=acct_other", ""])
def test_the_banks_page_needs_its_secret(stripe_client, change):
    intent = on_session(stripe_client, "pm_card_authenticationRequired")
    address = intent.next_action.redirect_to_url.url.split("?")[0] + (f"?{change}" if change else "")
    assert requests.get(address, timeout=10).status_code == 404
    assert requests.post(address, data={"decision": "approve"}, timeout=10).status_code == 404
    assert stripe_client.v1.payment_intents.retrieve(intent.id).status == "requires_action"


def test_the_page_of_a_connected_account(stripe_client, stripe_server):
    there = {"stripe_account": "acct_shop"}
    intent = stripe_client.v1.payment_intents.create(
        params={
            "amount": 900,
            "currency": "gbp",
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": RETURN_URL,
        },
        options=there,
    )
    assert answer(intent, "approve")["redirect_status"] == "succeeded"
    assert stripe_client.v1.payment_intents.retrieve(intent.id, options=there).status == "succeeded"
    assert stripe_server.payment_intents(account="acct_shop")["captured"] == {"gbp": 900}


def test_a_customer_with_no_saved_card_still_pays_on_session(stripe_client):
    customer, _ = customer_with(stripe_client)
    params = charge_params(customer, "pm_card_threeDSecure2Required", off_session=False, return_url=RETURN_URL)
    intent = stripe_client.v1.payment_intents.create(params=params)
    answer(intent, "approve")
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        stripe_client.v1.payment_methods.attach(intent.payment_method, params={"customer": customer})
