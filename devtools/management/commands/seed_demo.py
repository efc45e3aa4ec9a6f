import logging
import subprocess
import sys
from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from core import outbox
from core.errors import DomainError
from core.tenancy import tenant_scope
from devtools.api_client import Refused, Unreachable
from devtools.demo.history import history
from devtools.demo.shops import SEED, SHOPS
from devtools.demo.spec import DemoShop, History
from devtools.saved_cards import LiveKey, SavedCards
from devtools.seed.live import live_seed
from devtools.seed.past import is_past, past_seed, share_of
from devtools.seed.progress import Progress
from devtools.seed.shop import catalogue_seed, is_seeded, mark_seeded, merchant_for, shoppers_seed, webhooks_register
from merchants.models import Merchant
from metrics.services.days import days_drain

# Below so many orders another process costs more than it saves.
WORTH_A_PROCESS = 200


class Command(BaseCommand):
    help = "Fill the demo shops. Again does nothing; after an interruption it goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--processes", type=int, default=2, help="how many write the past at once (2)")
        parser.add_argument("--share", nargs=2, metavar=("SHOP", "INDEX"), help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVTOOLS:
            raise CommandError("Demo data is only for places where DEVTOOLS is on.")
        # One line per charge would bury the progress.
        logging.getLogger("payments").setLevel(logging.WARNING)
        # What a power cut would take of the last moment is seeded again; waiting for the disk at every step is slow.
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO off")
        try:
            if options["share"]:
                slug, index = options["share"]
                self._write_share(slug, int(index), options["processes"])
                return
            self._seed_all(options["processes"])
        except (DomainError, LiveKey, Refused, Unreachable) as problem:
            raise CommandError(str(problem)) from problem

    def _seed_all(self, processes: int) -> None:
        for shop in SHOPS:
            if not is_seeded(shop):
                self._seed(shop, processes)
            webhooks_register(Merchant.objects.get(slug=shop.slug))
        self.stdout.write(f"{' and '.join(shop.name for shop in SHOPS)} are filled.")

    def _seed(self, shop: DemoShop, processes: int) -> None:
        merchant = merchant_for(shop)
        story = self._story(shop, merchant)
        live = [plan for plan in story.orders if not is_past(plan)]
        cards = SavedCards(settings.STRIPE_API_BASE, settings.STRIPE_API_KEY)
        with tenant_scope(merchant.pk):
            catalogue_seed(shop, story)
            shoppers_seed(shop, story)
            self._write_past(shop, story, processes)
            live_seed(live, cards, merchant.created_at, Progress(sys.stdout, f"{shop.name}: live orders", len(live)))
            while outbox.dispatch_due():
                pass
            days_drain(merchant_id=merchant.pk, limit=shop.days + 2)
            mark_seeded(merchant)

    def _story(self, shop: DemoShop, merchant: Merchant) -> History:
        """The past ends where the shop was made, so that a second go finds the same past."""
        return history(shop, SEED, merchant.created_at)

    def _write_past(self, shop: DemoShop, story: History, processes: int) -> None:
        past = [plan for plan in story.orders if is_past(plan)]
        count = processes if len(past) >= WORTH_A_PROCESS else 1
        words = [sys.executable, "manage.py", "seed_demo", "--processes", str(count), "--share", shop.slug]
        others = [
            subprocess.Popen([*words, str(index)], cwd=Path(settings.BASE_DIR), stdout=subprocess.DEVNULL)
            for index in range(1, count)
        ]
        try:
            own = share_of(past, 0, count)
            past_seed(own, SEED, Progress(sys.stdout, f"{shop.name}: past orders", len(own)))
            failed = [process.wait() for process in others if process.wait()]
        finally:
            for process in others:
                process.kill()
        if failed:
            raise CommandError("A part of the past could not be written; what it says is above. Seeding again goes on.")

    def _write_share(self, slug: str, index: int, count: int) -> None:
        shop = next(shop for shop in SHOPS if shop.slug == slug)
        merchant = Merchant.objects.get(slug=slug)
        past = [plan for plan in self._story(shop, merchant).orders if is_past(plan)]
        with tenant_scope(merchant.pk):
            own = share_of(past, index, count)
            past_seed(own, SEED, Progress(sys.stdout, slug, len(own)))
