"""A shop whose orders were paid with cards of our own Stripe server."""

import hashlib
import hmac
import uuid
from contextlib import suppress
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
import stripe

from core import clock
from core.ids import uuid7
from core.tenancy import tenant_scope
from devtools.stripe.running import StripeServer
from merchants.models import Merchant
from merchants.services.merchants import merchant_create
from orders.models import Order, OrderTender
from payments.selectors import SavedCard, saved_card
from payments.services.charges import PaymentOutcome, payment_authorise
from tests.devtools.stripe_fixtures import stripe_client, stripe_server, stripe_server_session

__all__ = ["stripe_client", "stripe_server", "stripe_server_session"]


@dataclass
class Shop:
    merchant: Merchant
    server: StripeServer
    client: stripe.StripeClient

    def order(self, *, behaviour: str = "ok", currency: str = "USD", card: str = "pm_card_visa") -> Order:
        """A paid order whose saved card behaves so when it is charged again."""
        customer = self.client.v1.customers.create(params={})
        method = self.client.v1.payment_methods.attach(card, params={"customer": customer.id})
        if behaviour != "ok":
            self.server.set_card(method.id, behaviour)
        order = self.bare_order(currency=currency)
        OrderTender.objects.create(
            order=order,
            kind="card",
            provider="stripe",
            provider_customer=customer.id,
            provider_payment_method=method.id,
            brand="visa",
            last4="4242",
            amount_minor=1000,
            captured_minor=1000,
        )
        return order

    def bare_order(self, *, currency: str = "USD") -> Order:
        number = str(uuid7())
        return Order.objects.create(
            source="test",
            external_id=number,
            external_version=1,
            number=number[-12:],
            number_normalised=number[-12:],
            currency=currency,
            placed_at=clock.now(),
        )

    def authorise(self, order: Order, *, edit_id: uuid.UUID | None = None, **options) -> PaymentOutcome:
        arguments = {"attempt": 1, "amount_minor": 1225, **options}
        return payment_authorise(order_id=order.pk, edit_id=edit_id or EDIT, **arguments)

    def intents(self, **metadata: str):
        return self.server.payment_intents(**metadata)


EDIT = uuid.UUID("01900000-0000-7000-8000-000000000001")
SECRET = "whsec_test"


def sign(body: bytes, secret: str = SECRET, *, age: int = 0) -> str:
    """As Stripe signs, by its own rules."""
    stamp = int(clock.now().timestamp()) - age
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={mac}"


def card_of(order: Order) -> SavedCard:
    card = saved_card(order.pk)
    assert card is not None
    return card


@pytest.fixture
def stripe_settings(settings, stripe_server):
    settings.STRIPE_API_KEY = stripe_server.api_key
    settings.STRIPE_API_BASE = stripe_server.url


@pytest.fixture
def shop(db, stripe_settings, stripe_server, stripe_client):
    merchant = merchant_create(slug="harrow-pine", name="Harrow & Pine", currency="USD")
    with tenant_scope(merchant.pk):
        yield Shop(merchant, stripe_server, stripe_client)


@pytest.fixture
def order(shop):
    return shop.order()


@pytest.fixture
def stripe_bank():
    """Decide on the bank's page, as the shopper does in a browser."""

    def decide(url: str, decision: str) -> None:
        request = Request(url, data=urlencode({"decision": decision}).encode(), method="POST")  # noqa: S310
        with suppress(HTTPError):  # the way back leads to a shop that is not there
            build_opener(_Stay).open(request, timeout=5).close()

    return decide


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None
