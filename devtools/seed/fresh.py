"""Orders that arrive now, sent through the public API as a shop would send them."""

import random
from datetime import UTC, datetime, timedelta

from core.tenancy import tenant_scope
from devtools.api_client import ApiClient
from devtools.demo.baskets import Baskets
from devtools.demo.catalogue import minor
from devtools.demo.orders import SOURCE, card_tender, fresh_order
from devtools.demo.people import people
from devtools.demo.shelf import Shelf
from devtools.demo.shops import SEED
from devtools.demo.spec import DemoShop, Payload
from devtools.saved_cards import SavedCards
from merchants.models import Merchant
from orders.models import Order

RECENT = 200


class Arrivals:
    """Makes up orders of a seeded shop and sends them."""

    def __init__(self, shop: DemoShop, merchant: Merchant, client: ApiClient, cards: SavedCards) -> None:
        self._shop = shop
        self._merchant = merchant
        self._client = client
        self._cards = cards
        self._people = people(shop, SEED, shop.customers)
        self._baskets = Baskets(shop, Shelf(shop.products))
        self._rng = random.Random()

    def send(self, card: str) -> Payload:
        """A new paid order, its shopper's card saved at Stripe. Raises Refused, Unreachable."""
        person = self._rng.choice(self._people)
        picks = self._baskets.basket([], self._rng)
        saved = self._cards.save(email=person.email, name=f"{person.first_name} {person.last_name}", card=card)
        number = self._next_number()
        while True:
            # A minute ago, so that the times in the order never run ahead of the server's clock.
            placed_at = datetime.now(UTC) - timedelta(minutes=1)
            payload = fresh_order(self._shop, person, picks, number, placed_at, self._rng)
            total = minor(payload["total"])
            tender = card_tender(total, saved.brand, saved.last4, saved.customer, saved.payment_method)
            status, order = self._client.post("/orders", {**payload, "tenders": [tender]})
            if status == 201:
                return order
            number += 1  # another arrival took this number first

    def _next_number(self) -> int:
        with tenant_scope(self._merchant.pk):
            recent = Order.objects.filter(source=SOURCE).order_by("-placed_at").values_list("external_id", flat=True)
            numbers = [int(external_id) for external_id in recent[:RECENT] if external_id.isdigit()]
        return max(numbers, default=self._shop.first_number) + 1
