"""What a merchant does with Stripe all day, for tests."""

import pytest
import stripe

RETURN_URL = "http://127.0.0.1:9/back?order=7"


def customer_with(client: stripe.StripeClient, card: str = "pm_card_visa") -> tuple[str, str]:
    """A customer and a card saved to it."""
    customer = client.v1.customers.create(params={"email": "ada@example.com", "name": "Ada"})
    method = client.v1.payment_methods.attach(card, params={"customer": customer.id})
    return customer.id, method.id


def charge_params(customer: str, method: str, **changes) -> dict:
    """An off-session authorisation of 20.00, as the saga asks for it."""
    return {
        "amount": 2000,
        "currency": "gbp",
        "customer": customer,
        "payment_method": method,
        "allowed_payment_method_types": ["card"],
        "capture_method": "manual",
        "confirm": True,
        "off_session": True,
        "metadata": {"edit_id": "e-1"},
        **changes,
    }


def authorise(client: stripe.StripeClient, card: str = "pm_card_visa", **changes) -> stripe.PaymentIntent:
    customer, method = customer_with(client, card)
    return client.v1.payment_intents.create(params=charge_params(customer, method, **changes))


def captured(client: stripe.StripeClient, card: str = "pm_card_visa", **changes) -> stripe.PaymentIntent:
    return client.v1.payment_intents.capture(authorise(client, card, **changes).id)


def declined(client: stripe.StripeClient, card: str, **changes) -> stripe.CardError:
    with pytest.raises(stripe.CardError) as caught:
        authorise(client, card, **changes)
    return caught.value


def event_types(client: stripe.StripeClient) -> list[str]:
    """Oldest first."""
    return [event.type for event in client.v1.events.list(params={"limit": 100}).data][::-1]
