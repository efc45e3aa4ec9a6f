"""The pictures in README.md, taken from the running demo: bin/manage screenshots."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from core import clock
from core.tenancy import tenant_scope
from devtools.demo.shops import HARROW_PINE
from devtools.launcher.browser import NoBrowserError, get_browser
from devtools.saved_cards import GOOD
from devtools.seed.open_orders import open_order_with_card
from devtools.seed.shop import PASSWORD
from merchants.models import Merchant
from portal.services.links import portal_link_create

PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=960)


class Command(BaseCommand):
    help = "Take the pictures of README.md from the running demo. Adds an item to one of its orders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / "docs" / "screenshots")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.get(slug=HARROW_PINE.slug)
        with tenant_scope(merchant.pk):
            order_id = open_order_with_card(GOOD, clock.now())
            if order_id is None:
                raise CommandError("No order can be changed just now; start bin/run again, it sends one.")
            link = portal_link_create(order_id=order_id).url
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        try:
            browser_path = get_browser()
        except NoBrowserError as error:
            raise CommandError(str(error)) from error
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path)
            self._shopper(browser, folder, link)
            self._staff(browser, folder, order_id)
            browser.close()
        for picture in sorted(folder.glob("*.png")):
            self.stdout.write(f"{picture.relative_to(settings.BASE_DIR)}  {picture.stat().st_size // 1024} KB")

    def _shopper(self, browser: Browser, folder: Path, link: str) -> None:
        page = browser.new_page(viewport=PHONE)
        page.goto(link)
        shoot(page, folder / "phone-order.png")
        page.get_by_role("link", name="Add to my order").click()
        page.get_by_label("Search our shop").fill("tray")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("button", name="Add Kiln tray").first.click()
        confirm = page.get_by_role("button", name="Confirm and pay")
        confirm.scroll_into_view_if_needed()
        shoot(page, folder / "phone-quote.png")
        confirm.click()
        page.get_by_text("Your order is changed").first.wait_for()
        shoot(page, folder / "phone-done.png")
        page.set_viewport_size(DESKTOP)
        page.goto(link)
        shoot(page, folder / "desktop-order.png")
        page.close()

    def _staff(self, browser: Browser, folder: Path, order_id: object) -> None:
        page = browser.new_page(viewport=DESKTOP)
        admin = f"{settings.PUBLIC_URL}/m/{HARROW_PINE.slug}/admin/"
        page.goto(admin)
        page.get_by_label("Email").fill(HARROW_PINE.owner.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(admin)
        page.reload()  # without the greeting
        shoot(page, folder / "desktop-admin.png")
        page.goto(f"{admin}orders/order/{order_id}/change/")
        shoot(page, folder / "desktop-admin-order.png")
        page.close()


def shoot(page: Page, file: Path) -> None:
    page.screenshot(path=file, animations="disabled")
