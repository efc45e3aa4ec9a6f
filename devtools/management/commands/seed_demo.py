import logging
import sys
from argparse import SUPPRESS, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from devtools.api_client import Refused, Unreachable
from devtools.demo.shops import SHOPS
from devtools.saved_cards import LiveKey, SavedCards
from devtools.seed.seeding import ShareFailed, commit_without_waiting, manage_share_command, share_write, shop_seed
from devtools.seed.shop import webhooks_register
from merchants.models import Merchant


class Command(BaseCommand):
    help = "Fill the demo shops. Again does nothing; after an interruption it goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--share", nargs=3, metavar=("SHOP", "INDEX", "COUNT"), help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVTOOLS:
            raise CommandError("Demo data is only for places where DEVTOOLS is on.")
        # One line per charge would bury the progress.
        logging.getLogger("payments").setLevel(logging.WARNING)
        commit_without_waiting()
        try:
            if options["share"]:
                slug, index, count = options["share"]
                share_write(next(shop for shop in SHOPS if shop.slug == slug), int(index), int(count), sys.stdout)
            else:
                self._seed()
        except (DomainError, LiveKey, Refused, Unreachable, ShareFailed) as problem:
            raise CommandError(str(problem)) from problem

    def _seed(self) -> None:
        cards = SavedCards(settings.STRIPE_API_BASE, settings.STRIPE_API_KEY)
        for shop in SHOPS:
            shop_seed(shop, cards, sys.stdout, manage_share_command)
            webhooks_register(Merchant.objects.get(slug=shop.slug))
        self.stdout.write(f"{' and '.join(shop.name for shop in SHOPS)} are filled.")
