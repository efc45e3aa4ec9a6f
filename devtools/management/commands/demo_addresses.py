from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.tenancy import tenant_scope
from devtools.api_client import ApiClient, Refused, Unreachable
from devtools.demo.shops import HARROW_PINE, KETTLE_FERN
from devtools.demo_keys import demo_key
from devtools.saved_cards import ASKS_BANK, DECLINES, GOOD, SavedCards
from devtools.seed.fresh import Arrivals
from devtools.seed.open_orders import open_order_with_card
from devtools.seed.shop import PASSWORD
from merchants.models import Merchant
from portal.services.links import portal_link_create

WAYS = (
    ("Change an order", GOOD),
    ("… card declines", DECLINES),
    ("… bank asks first", ASKS_BANK),
)


class Command(BaseCommand):
    help = "Print where to look: admin, orders that can be changed, API docs with a key."

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=HARROW_PINE.slug).first()
        if merchant is None:
            raise CommandError("There is no demo shop yet: run seed_demo first.")
        base = settings.PUBLIC_URL.rstrip("/")
        with tenant_scope(merchant.pk):
            key = demo_key(merchant.pk, "Demo")
            try:
                links = self._links(merchant, key)
            except (Refused, Unreachable) as problem:
                raise CommandError(str(problem)) from problem
        self.stdout.write(f"{HARROW_PINE.name}, the demo shop")
        self._row("Admin", f"{base}/m/{HARROW_PINE.slug}/admin/", f"{HARROW_PINE.owner.email}, password {PASSWORD}")
        for (name, _), url in zip(WAYS, links, strict=True):
            self._row(name, url)
        self._row("API docs", f"{base}/api/docs/", f"key {key}")
        self.stdout.write(f"{KETTLE_FERN.name}, another shop")
        self._row("Admin", f"{base}/m/{KETTLE_FERN.slug}/admin/", f"{KETTLE_FERN.owner.email}, password {PASSWORD}")

    def _links(self, merchant: Merchant, key: str) -> list[str]:
        """One link for each way a card can behave; an order is sent where none is open."""
        cards = SavedCards(settings.STRIPE_API_BASE, settings.STRIPE_API_KEY)
        arrivals = Arrivals(HARROW_PINE, merchant, ApiClient(settings.PUBLIC_URL, key), cards)
        links = []
        for _, card in WAYS:
            order_id = open_order_with_card(card, clock.now()) or arrivals.send(card)["id"]
            links.append(portal_link_create(order_id=order_id).url)
        return links

    def _row(self, name: str, address: str, more: str = "") -> None:
        self.stdout.write(f"  {name:<18} {address}")
        if more:
            self.stdout.write(f"  {'':<18} {more}")
