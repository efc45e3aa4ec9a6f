"""A shopper with an order, its link, and a card on our own Stripe server."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
import stripe
from django.test import Client

from core.tenancy import tenant_scope
from devtools.stripe.running import StripeServer
from editing.models import EditSession, Quote
from merchants.models import Merchant
from orders.models import Order, Variant
from portal.services.links import portal_link_create
from tests.devtools.stripe_fixtures import stripe_client, stripe_server, stripe_server_session
from tests.factories import ProductFactory, TenderInputFactory, VariantFactory, paid_order

__all__ = ["stripe_client", "stripe_server", "stripe_server_session"]


@dataclass
class Shopper:
    order: Order
    client: Client
    link: str
    stripe: StripeServer

    @property
    def here(self) -> str:
        return f"/m/{self.order.merchant.slug}/o/{self.order.pk}/"

    def open(self, path: str = "", **more):
        return self.client.get(self.here + path, **more)

    def post(self, path: str, **data):
        return self.client.post(self.here + path, data)

    def add(self, variant: Variant, quantity: int = 1):
        return self.post("edit/", variant=str(variant.pk), quantity=quantity)

    def confirm(self, quote: Quote | None = None):
        if quote is None:
            self.open("edit/")
            quote = Quote.objects.filter(session__order=self.order).order_by("-created_at").first()
        return self.post("edit/commit/", quote=str(quote.pk), due=quote.due_minor)

    def edits(self) -> list[EditSession]:
        return list(EditSession.objects.filter(order=self.order).order_by("created_at"))

    def payments(self) -> dict:
        return self.stripe.payment_intents()

    def charged(self) -> int:
        payments = self.payments()
        assert not payments["authorised"].get("usd"), "money is neither taken nor given back"
        return payments["captured"].get("usd", 0)


@pytest.fixture
def shopper(
    scope: Merchant, settings, stripe_server: StripeServer, stripe_client: stripe.StripeClient
) -> Callable[..., Shopper]:
    settings.STRIPE_API_KEY = stripe_server.api_key
    settings.STRIPE_API_BASE = stripe_server.url

    def make(*, card: str = "ok", **order: Any) -> Shopper:
        customer = stripe_client.v1.customers.create(params={})
        method = stripe_client.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
        stripe_server.set_card(method.id, card)
        tender = TenderInputFactory(provider_customer=customer.id, provider_payment_method=method.id)
        placed = paid_order(**{"tenders": (tender,), **order})
        client = Client()
        url = portal_link_create(order_id=placed.pk).url
        link = url.partition("/m/")[2]
        assert client.get(f"/m/{link}").status_code == 302
        return Shopper(placed, client, f"/m/{link}", stripe_server)

    return make


@pytest.fixture
def stripe_bank() -> Callable[[str, str], None]:
    """Decide on the bank's page, as the shopper does in a browser."""

    def decide(url: str, decision: str) -> None:
        request = Request(url, data=urlencode({"decision": decision}).encode(), method="POST")  # noqa: S310 - our own server
        with suppress(HTTPError):  # the way back leads to a web server that is not there
            build_opener(_Stay).open(request, timeout=5).close()

    return decide


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


@pytest.fixture
def tray(scope: Merchant) -> Variant:
    return VariantFactory(product=ProductFactory(title="Kiln tray"), title="Sage", price_minor=2400)


@pytest.fixture
def in_other_shop(other_merchant: Merchant) -> Callable[[], Order]:
    def make() -> Order:
        with tenant_scope(other_merchant.pk):
            return paid_order(currency="GBP")

    return make
