"""The main job, end to end: a shop sends an order, its shopper adds an item in a real browser, the card is charged."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
import stripe
from playwright.sync_api import Page, expect

from core import clock
from devtools.launcher.stack import Stack, wait_until
from merchants.models import Merchant
from merchants.services.api_keys import api_key_issue
from messaging.models import Message
from orders.models import Order, OrderRevision
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SIZES = pytest.mark.parametrize("width", [PHONE, DESKTOP])
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


@dataclass
class ShopSystem:
    """The shop's own software, which talks to the platform through the public API alone."""

    api: httpx.Client
    bank: stripe.StripeClient
    customer: str = ""

    def send(self, path: str, body: dict) -> None:
        answer = self.api.post(path, json=body)
        assert answer.status_code in (200, 201), answer.text

    def sell(self, card: str) -> Order:
        """A paid order of a lamp, with a card on file; the shop also sells a tray and a mug."""
        self.customer = self.bank.v1.customers.create(params={}).id
        method = self.bank.v1.payment_methods.attach(card, params={"customer": self.customer})
        for number, (title, price) in enumerate([("Kiln tray", "24.00"), ("Fieldstone mug", "11.50")]):
            variant = {"external_id": f"v{number}", "title": "Sage", "price": price, "currency": "USD"}
            self.send("products", {"external_id": f"p{number}", "title": title, "variants": [variant]})
        self.send("orders", self._order(self.customer, method.id))
        return Order.objects.get(external_id="20481")

    def captured(self) -> list[int]:
        intents = self.bank.v1.payment_intents.list(params={"customer": self.customer}).data
        return [intent.amount_received for intent in intents if intent.amount_received]

    def _order(self, customer: str, method: str) -> dict:
        now = clock.now().isoformat()
        card = {"kind": "card", "provider": "stripe", "customer": customer, "payment_method": method}
        return {
            "external_id": "20481",
            "number": "HP-20481",
            "version": 1,
            "currency": "USD",
            "placed_at": now,
            "paid_at": now,
            "tax_inclusive": False,
            "customer": {"external_id": "c1", "email": "mara@mail.example", "first_name": "Mara"},
            "lines": [
                {
                    "external_id": "1",
                    "title": "Ember table lamp",
                    "quantity": 1,
                    "unit_price": "48.00",
                    "tax": "3.84",
                    "tax_rate": "0.0800",
                }
            ],
            "shipping": {"title": "3–4 days", "price": "6.90"},
            "total": "58.74",
            "shipping_address": {
                "name": "Mara Reyes",
                "line1": "118 Alder Road",
                "city": "Portland",
                "region": "OR",
                "postal_code": "97214",
                "country": "US",
            },
            "tenders": [{**card, "brand": "visa", "last4": "4242", "amount": "58.74", "captured": "58.74"}],
        }


@pytest.fixture
def shop_system(shop: Merchant, stack: Stack, bank: stripe.StripeClient) -> ShopSystem:
    scopes = ["orders:write", "orders:read", "catalogue:write", "metrics:read"]
    _, secret = api_key_issue(merchant_id=shop.pk, name="Shop", scopes=scopes)
    headers = {"Authorization": f"Bearer {secret}"}
    return ShopSystem(httpx.Client(base_url=f"{stack.url}/api/v1/", headers=headers, timeout=20), bank)


def mailed(subject: str) -> Message:
    wait_until(lambda: Message.objects.filter(subject__contains=subject).exists(), 30, f"a mail about {subject!r}")
    return Message.objects.get(subject__contains=subject)


def link_in(message: Message) -> str:
    found = re.search(r"http://\S+/l/\S+/", message.text)
    assert found, message.text
    return found.group()


def add_tray(page: Page) -> None:
    page.get_by_role("link", name="Add to my order").click()
    page.get_by_label("Search our shop").fill("tray")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Add Kiln tray, Sage").click()
    expect(page.get_by_role("button", name="Confirm and pay $25.92")).to_be_visible()


@SIZES
@SCRIPTS
def test_an_item_is_added_charged_and_confirmed(
    shop_system: ShopSystem, tab: Callable[..., Page], width: int, scripts: bool
) -> None:
    order = shop_system.sell("pm_card_visa")
    page = tab(width, scripts=scripts)
    page.goto(link_in(mailed("is in")))
    assert page.url.endswith(f"/o/{order.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your order is in, and you can still add to it")

    add_tray(page)
    page.get_by_role("button", name="One more Kiln tray", exact=True).click()
    expect(page.get_by_role("button", name="Confirm and pay $51.84")).to_be_visible()
    page.get_by_role("button", name="One Kiln tray fewer").click()
    expect(page.get_by_role("button", name="Confirm and pay $25.92")).to_be_visible()
    order.refresh_from_db()
    assert (order.version, order.total_minor) == (1, 5874)

    page.get_by_role("button", name="Confirm and pay $25.92").click()
    expect(page.get_by_text("Visa ending 4242 was charged $25.92.")).to_be_visible()
    expect(page.locator("dd.sum")).to_have_text("$84.66")
    order.refresh_from_db()
    assert (order.version, order.total_minor) == (2, 8466)
    assert OrderRevision.objects.filter(order=order, reason="edited").count() == 1
    assert shop_system.captured() == [2592]
    assert "was charged $25.92" in mailed("is changed").text


def test_what_was_added_moves_the_numbers(shop_system: ShopSystem, tab: Callable[..., Page]) -> None:
    shop_system.sell("pm_card_visa")
    page = tab()
    page.goto(link_in(mailed("is in")))
    add_tray(page)
    page.get_by_role("button", name="Confirm and pay").click()
    expect(page.get_by_text("Your order is changed")).to_be_visible()

    def ppcr() -> str | None:
        today = clock.now().date()
        days = {"from": (today - timedelta(days=1)).isoformat(), "to": today.isoformat()}
        answer = shop_system.api.get("metrics/summary", params={**days, "currency": "USD"})
        assert answer.status_code == 200, answer.text
        value: str | None = answer.json()["metrics"]["ppcr"]["value"]
        return value

    wait_until(lambda: ppcr() and float(ppcr() or 0) == 1.0, 60, "the rate of converted orders to move")


@SIZES
@SCRIPTS
def test_a_declined_card_changes_nothing(
    shop_system: ShopSystem, tab: Callable[..., Page], width: int, scripts: bool
) -> None:
    order = shop_system.sell("pm_card_chargeCustomerFail")
    page = tab(width, scripts=scripts)
    page.goto(link_in(mailed("is in")))
    add_tray(page)
    page.get_by_role("button", name="Confirm and pay").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your card was declined, and nothing was charged")
    order.refresh_from_db()
    assert (order.version, order.total_minor) == (1, 5874)
    assert shop_system.captured() == []

    page.get_by_role("button", name="Go back and try again").click()
    expect(page.get_by_role("button", name="Confirm and pay $25.92")).to_be_visible()


@SIZES
@SCRIPTS
def test_the_bank_is_asked_and_the_same_payment_goes_on(
    shop_system: ShopSystem, tab: Callable[..., Page], width: int, scripts: bool
) -> None:
    order = shop_system.sell("pm_card_authenticationRequired")
    page = tab(width, scripts=scripts)
    page.goto(link_in(mailed("is in")))
    add_tray(page)
    page.get_by_role("button", name="Confirm and pay").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your bank wants to check it is you")
    page.get_by_role("link", name="Continue to my bank").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Visa ending 4242 was charged $25.92.")).to_be_visible()
    assert shop_system.captured() == [2592]
    order.refresh_from_db()
    assert (order.version, order.total_minor) == (2, 8466)
