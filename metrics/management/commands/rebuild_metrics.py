"""manage.py rebuild_metrics SLUG [--from 2026-01-01 --to 2026-01-31] [--rezone]"""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.tenancy import tenant_scope
from merchants.models import Merchant
from metrics.rules import Period
from metrics.services.rebuild import metrics_rebuild


class Command(BaseCommand):
    help = (
        "Computes a shop's facts and daily roll-up again from its orders. Safe at any time; changes nothing if right."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="The shop.")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="First local day, YYYY-MM-DD.")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="Last local day, YYYY-MM-DD.")
        parser.add_argument(
            "--rezone", action="store_true", help="Move orders to the days of the shop's present time zone."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = options["first"], options["last"]
        if (first is None) != (last is None):
            raise CommandError("Give both --from and --to, or neither.")
        if first and first > last:
            raise CommandError("--from is after --to.")
        merchant = Merchant.objects.filter(slug=options["slug"]).first()
        if merchant is None:
            raise CommandError(f"There is no shop named {options['slug']}.")
        period = Period(first, last) if first else None
        with tenant_scope(merchant.id):
            changed, days = metrics_rebuild(merchant_id=merchant.id, period=period, rezone=options["rezone"])
        self.stdout.write(f"{changed} facts changed, {days} days computed.")
