"""What a merchant does with Stripe all day, for tests.

Stripe's types make nearly every field optional; tests look at fields they know are there, hence Any.
"""

from typing import Any

import pytest
import stripe

RETURN_URL = "http://127.0.0.1:9/back?order=7"


def customer_with(client: Any, card: str = "pm_card_visa") -> tuple[str, str]:
    """A customer and a card saved to it."""
    customer = client.v1.customers.create(params={"email": "ada@example.com", "name": "Ada"})
    method = client.v1.payment_methods.attach(card, params={"customer": customer.id})
    return customer.id, method.id


def charge_params(customer: str, method: str, **changes) -> Any:
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


def authorise(client: Any, card: str = "pm_card_visa", **changes) -> Any:
    customer, method = customer_with(client, card)
    return client.v1.payment_intents.create(params=charge_params(customer, method, **changes))


def captured(client: Any, card: str = "pm_card_visa", **changes) -> Any:
    return client.v1.payment_intents.capture(authorise(client, card, **changes).id)


def declined(client: Any, card: str, **changes) -> Any:
    with refused(stripe.CardError) as caught:
        authorise(client, card, **changes)
    return caught.value


def refused(kind: type[stripe.StripeError], **options: Any) -> Any:
    return pytest.raises(kind, **options)


def event_types(client: Any) -> list[str]:
    """Oldest first."""
    return [event.type for event in client.v1.events.list(params={"limit": 100}).data][::-1]
