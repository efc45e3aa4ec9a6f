import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.tenancy import tenant_scope
from devtools.api_client import ApiClient, Refused, Unreachable
from devtools.demo.shops import HARROW_PINE
from devtools.demo_keys import demo_key
from devtools.online_retail import LayoutError, survey
from devtools.replay import Replay, Report
from devtools.saved_cards import LiveKey, SavedCards
from devtools.seed.shop import PASSWORD, webhooks_register
from merchants.models import Merchant
from merchants.services.merchants import merchant_create

DEFAULT_SHOP = "online-retail"
EASY_TO_READ = 4


class Command(BaseCommand):
    help = "Send one day of a file in the Online Retail layout through the public API, as live orders."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=".csv or .csv.gz")
        parser.add_argument("--day", type=date.fromisoformat, required=True, help="like 2011-03-01")
        parser.add_argument("--speed", type=float, default=600.0, help="how many times faster than that day (600)")
        parser.add_argument("--merchant", default=DEFAULT_SHOP, help=f"shop that gets the orders ({DEFAULT_SHOP})")
        parser.add_argument("--key", default="", help="API key; without it one is issued for the shop")
        parser.add_argument(
            "--base", default=settings.PUBLIC_URL, help=f"address of the platform ({settings.PUBLIC_URL})"
        )
        parser.add_argument("--label", default="", help="ends the order numbers, to replay the same day once more")
        parser.add_argument("--fx-rate", default="", help="pounds in the shop's currency, where that is not GBP")
        parser.add_argument("--file-times", action="store_true", help="keep the file's times; no window will be open")
        parser.add_argument("--zone", default="Europe/London", help="time zone of the file's times (Europe/London)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["speed"] <= 0:
            raise CommandError("--speed is above zero.")
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        try:
            self._check_day(options["file"], options["day"])
            replay = self._replay(options)
            report = replay.run(options["file"], options["day"])
            self._print(report)
            self._print_link(replay.client, report.editable)
        except (LayoutError, LiveKey, Refused, Unreachable, ZoneInfoNotFoundError, ValueError, OSError) as problem:
            raise CommandError(str(problem)) from problem
        if not report.is_balanced:
            sys.exit(1)

    def _check_day(self, file: Path, day: date) -> None:
        if not survey(file, day).lines:
            raise CommandError(f"The file has no line of {day}. Its dates must read like {day} 08:26:00.")

    def _replay(self, options: dict[str, Any]) -> Replay:
        key = options["key"] or self._issue_key(options["merchant"])
        cards = None
        if settings.STRIPE_API_BASE or settings.STRIPE_API_KEY:
            cards = SavedCards(settings.STRIPE_API_BASE, settings.STRIPE_API_KEY)
        else:
            self.stdout.write("No Stripe is configured: orders come without saved cards.")
        return Replay(
            client=ApiClient(options["base"], key),
            cards=cards,
            speed=options["speed"],
            label=options["label"],
            fx_rate=options["fx_rate"],
            file_zone=ZoneInfo(options["zone"]) if options["file_times"] else None,
            say=self.stdout.write,
        )

    def _issue_key(self, slug: str) -> str:
        merchant = Merchant.objects.filter(slug=slug).first()
        if merchant is None and slug != DEFAULT_SHOP:
            raise CommandError(f"There is no shop {slug}.")
        if merchant is None:
            merchant = merchant_create(
                slug=slug,
                name="Online Retail",
                currency="GBP",
                time_zone="Europe/London",
                locale="en-GB",
                owner_email=HARROW_PINE.owner.email,
                owner_password=PASSWORD,
            )
        webhooks_register(merchant)
        with tenant_scope(merchant.pk):
            return demo_key(merchant.pk, "Replay")

    def _print(self, report: Report) -> None:
        rows: Iterable[tuple[str, object]] = (
            ("Invoices in the file", f"{report.file_invoices}, {report.file_lines} lines"),
            ("Orders", f"{report.created} created, {report.known} already there, {report.guests} of guests"),
            (
                "Lines",
                f"{report.lines}, and {report.postage_lines} of postage; {report.duplicates} exact duplicates kept",
            ),
            ("Products, customers", f"{report.products}, {report.customers}"),
            ("Sum posted", f"{report.posted:>12.2f}"),
            ("Sum left out", f"{report.not_posted:>12.2f}"),
            ("Sum in the file", f"{report.file_total:>12.2f}"),
        )
        self.stdout.write("")
        for name, value in rows:
            self.stdout.write(f"{name:<22} {value}")
        if report.left:
            self.stdout.write("\nNot as in the file:")
        for item in report.left:
            row = item.row
            sums = f"{row.quantity} × {row.price} = {item.amount + 0:.2f}"
            self.stdout.write(f"  line {row.number}: {row.invoice} {row.code} {sums}, {item.reason}")
        for problem in report.problems:
            self.stderr.write(f"  {problem}")
        self.stdout.write(
            "\nEvery sale of that day is an order with the file's own total." if report.is_balanced else ""
        )

    def _print_link(self, client: ApiClient, orders: dict[str, int]) -> None:
        """To an order that fits on a page."""
        if orders:
            order_id = min(orders, key=lambda found: abs(orders[found] - EASY_TO_READ))
            _, link = client.post(f"/orders/{order_id}/portal-links", {})
            self.stdout.write(f"Change one of them: {link['url']}")
