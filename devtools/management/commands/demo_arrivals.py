import random
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, close_old_connections

from core.tenancy import tenant_scope
from devtools.api_client import ApiClient, Refused, Unreachable
from devtools.demo.shops import HARROW_PINE
from devtools.demo_keys import demo_key
from devtools.saved_cards import ASKS_BANK, DECLINES, GOOD, GOOD_MASTERCARD, SavedCards
from devtools.seed.fresh import Arrivals
from merchants.models import Merchant

# Most cards simply work.
CARDS = {GOOD: 12, GOOD_MASTERCARD: 5, DECLINES: 1, ASKS_BANK: 2}


class Command(BaseCommand):
    help = "Send a fresh paid order to the demo shop through the API, one at once and then one every so many seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=180.0, help="seconds between orders (180)")
        parser.add_argument("--count", type=int, default=0, help="stop after so many; 0 goes on for ever")

    def handle(self, *args: Any, **options: Any) -> None:
        arrivals = self._arrivals()
        tries = 0
        while True:
            self._arrive(arrivals)
            tries += 1
            if tries == options["count"]:
                return
            time.sleep(options["every"])

    def _arrivals(self) -> Arrivals:
        merchant = Merchant.objects.filter(slug=HARROW_PINE.slug).first()
        if merchant is None:
            raise CommandError("There is no demo shop yet: run seed_demo first.")
        with tenant_scope(merchant.pk):
            key = demo_key(merchant.pk, "Demo arrivals")
        cards = SavedCards(settings.STRIPE_API_BASE, settings.STRIPE_API_KEY)
        return Arrivals(HARROW_PINE, merchant, ApiClient(settings.PUBLIC_URL, key), cards)

    def _arrive(self, arrivals: Arrivals) -> None:
        """A restart of web, database or Stripe costs one order, not the process."""
        card = random.choices(list(CARDS), list(CARDS.values()))[0]
        try:
            close_old_connections()
            order = arrivals.send(card)
        except (Refused, Unreachable, OperationalError) as problem:
            self.stderr.write(f"No order this time: {problem}")
        else:
            self.stdout.write(f"Order {order['number']} over {order['total']} {order['currency']} came in.")
