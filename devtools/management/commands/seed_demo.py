import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import outbox
from core.errors import DomainError
from core.models import OutboxEvent
from core.tenancy import platform_scope, tenant_scope
from devtools.api_client import Refused, Unreachable
from devtools.demo.history import history
from devtools.demo.shops import SEED, SHOPS
from devtools.demo.spec import DemoShop
from devtools.saved_cards import LiveKey, SavedCards
from devtools.seed.live import live_seed
from devtools.seed.past import is_past, past_seed
from devtools.seed.progress import Progress
from devtools.seed.shop import catalogue_seed, is_seeded, mark_seeded, merchant_for, shoppers_seed, webhooks_register
from merchants.models import Merchant
from metrics.services.days import days_drain

DRAIN = 60


class Command(BaseCommand):
    help = "Fill the demo shops. Again does nothing; after an interruption it goes on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVTOOLS:
            raise CommandError("Demo data is only for places where DEVTOOLS is on.")
        try:
            for shop in SHOPS:
                if not is_seeded(shop):
                    self._seed(shop)
                webhooks_register(Merchant.objects.get(slug=shop.slug))
        except (DomainError, LiveKey, Refused, Unreachable) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{' and '.join(shop.name for shop in SHOPS)} are filled.")

    def _seed(self, shop: DemoShop) -> None:
        merchant = merchant_for(shop)
        # The past ends where the shop was made, so that a second go finds the same past.
        story = history(shop, SEED, merchant.created_at)
        past = [plan for plan in story.orders if is_past(plan)]
        live = [plan for plan in story.orders if not is_past(plan)]
        cards = SavedCards(settings.STRIPE_API_BASE, settings.STRIPE_API_KEY)
        with tenant_scope(merchant.pk):
            catalogue_seed(shop, story)
            shoppers_seed(shop, story)
            past_seed(past, SEED, self._progress(shop, "past orders", len(past)))
            self._drain(shop)
            live_seed(live, cards, merchant.created_at, self._progress(shop, "live orders", len(live)))
            self._drain(shop)
            days_drain(merchant_id=merchant.pk, limit=shop.days + 2)
            mark_seeded(merchant)

    def _drain(self, shop: DemoShop) -> None:
        with platform_scope("demo seeding"):
            waiting = OutboxEvent.objects.filter(state=OutboxEvent.State.PENDING).count()
        progress = self._progress(shop, "events", waiting)
        while done := outbox.dispatch_due(limit=DRAIN):
            progress.step(done)

    def _progress(self, shop: DemoShop, what: str, total: int) -> Progress:
        return Progress(sys.stdout, f"{shop.name}: {what}", total)
