"""A shop with a card on file, one thing to add, and our own Stripe server behind the real client."""

from contextlib import suppress
from dataclasses import dataclass
from typing import cast
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from core.tenancy import tenant_scope
from devtools.stripe.running import StripeServer
from editing.models import EditSession, Quote
from editing.services.commit import edit_commit
from editing.services.drafts import edit_operation_set, edit_session_open, quote_current
from merchants.models import Merchant
from orders.models import Order, Variant
from orders.services.revisions import Actor
from tests.devtools.stripe_fixtures import client_for, stripe_client, stripe_server, stripe_server_session
from tests.factories import LineInputFactory, TenderInputFactory, VariantFactory, paid_order

__all__ = ["stripe_client", "stripe_server", "stripe_server_session"]

SHOPPER = Actor("shopper", "link-1")


@dataclass
class Shop:
    """The steps a shopper takes, as calls."""

    merchant: Merchant
    server: StripeServer
    variant: Variant

    def order(self, *, card: str = "ok", **overrides) -> Order:
        """A paid order whose card on file behaves as told when it is charged again."""
        client = client_for(self.server)
        customer = client.v1.customers.create(params={})
        method = client.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
        if card != "ok":
            self.server.set_card(method.id, card)
        tender = TenderInputFactory(provider_customer=customer.id, provider_payment_method=method.id)
        line = LineInputFactory(unit_price_minor=5000, tax_minor=500, tax_rate_bp=1000)
        return paid_order(**{"tenders": (tender,), "lines": (line,), **overrides})

    def quoted(self, order: Order, *, quantity: int = 1, actor: Actor = SHOPPER) -> Quote:
        session = edit_session_open(order_id=order.pk, actor=actor)
        edit_operation_set(session_id=session.pk, variant_id=self.variant.pk, quantity=quantity)
        return quote_current(session_id=session.pk)

    def commit(self, order: Order, quote: Quote, *, key: str = "k1", actor: Actor = SHOPPER) -> EditSession:
        return edit_commit(
            order_id=order.pk,
            quote_id=quote.pk,
            expected_due_minor=quote.due_minor,
            idempotency_key=key,
            actor=actor,
        )

    def intents(self):
        """As the provider has them, newest first."""
        return [intent.to_dict() for intent in client_for(self.server).v1.payment_intents.list().data]

    def captured(self) -> int:
        """What the provider really took."""
        return sum(intent["amount_received"] for intent in self.intents())


def make_shop(merchant: Merchant, server: StripeServer, **variant) -> Shop:
    with tenant_scope(merchant.pk):
        return Shop(merchant, server, cast("Variant", VariantFactory(**{"stock_quantity": 10, **variant})))


@pytest.fixture
def stripe_settings(settings, stripe_server):
    settings.STRIPE_API_KEY = stripe_server.api_key
    settings.STRIPE_API_BASE = stripe_server.url


@pytest.fixture
def shop(scope, stripe_settings, stripe_server):
    return make_shop(scope, stripe_server)


@pytest.fixture
def shop_committing(transactional_db, merchant, stripe_settings, stripe_server):
    """The same with real commits: open the scope in each thread."""
    return make_shop(merchant, stripe_server)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


@pytest.fixture
def bank():
    """Decide on the bank's page, as the shopper does in a browser."""

    def decide(url: str, decision: str) -> None:
        request = Request(url, data=urlencode({"decision": decision}).encode(), method="POST")  # noqa: S310
        with suppress(HTTPError):  # the way back leads to a shop that is not there
            build_opener(_Stay).open(request, timeout=5).close()

    return decide
