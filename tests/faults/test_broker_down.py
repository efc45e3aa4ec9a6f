"""The broker dies while orders arrive and shoppers edit. Nobody waits for it, and nothing is lost."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from django.conf import settings
from django.db import connection
from django.db.models import Count

from core import clock
from core.models import OutboxEvent
from core.tenancy import tenant_scope
from devtools.launcher.child import Child
from devtools.launcher.ports import free_port
from devtools.launcher.programs import STRIPE_KEY
from devtools.launcher.stack import Stack, wait_until
from devtools.launcher.valkey import Valkey
from editing.models import EditSession
from merchants.models import Merchant
from messaging.models import Message
from metrics.models import OrderFact
from orders.models import EditWindow, Order, OrderRevision, Variant
from portal.services.links import portal_link_create
from tests.api_fixtures import issue_key
from tests.factories import ProductFactory, TenderInputFactory, VariantFactory, paid_order
from tests.order_bodies import order_body

pytestmark = pytest.mark.processes

FULL = bool(os.environ.get("PRO_TEST_FULL"))
OUTAGE_SECONDS = 60.0 if FULL else 4.0
SHOPPERS = 12 if FULL else 3
ORDERS_A_SECOND = 4.0
# Without the broker a request must take about as long as with it.
PATIENCE_SECONDS = 5.0


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Child]:
    """A server of this test's own, which keeps its data over a kill."""
    folder = tmp_path / "valkey"
    folder.mkdir()
    server = Valkey(folder, free_port(), "secret")
    server.configure()
    child = Child(server.program(tmp_path / "valkey.log"))
    child.start()
    child.wait_until_ready()
    yield child
    child.kill()


@pytest.fixture
def stack(transactional_db: None, valkey: Child, tmp_path: Path) -> Iterator[Stack]:
    usual = connection.settings_dict
    port = found(r"^port (\d+)$", (valkey.program.folder / "valkey.conf").read_text())
    running = Stack(
        tmp_path,
        database_url=f"postgres://{usual['USER']}:{usual['PASSWORD']}@{usual['HOST']}:{usual['PORT']}/{usual['NAME']}",
        redis_url=f"redis://:secret@127.0.0.1:{port}/0",
        environment={"PYTEST_XDIST_WORKER": "gw0"},
    )
    with running:
        running.start("stripe", "web", "worker", "beat")
        yield running


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    assert match, pattern
    return match[1]


@dataclass
class Shopper:
    """Somebody with the link of an order, in a browser without scripts."""

    stack: Stack
    order: Order
    client: httpx.Client
    took: list[float] = field(default_factory=list)

    @property
    def here(self) -> str:
        return f"/m/{self.order.merchant.slug}/o/{self.order.pk}/"

    def request(self, method: str, path: str, **form: str) -> httpx.Response:
        started = time.monotonic()
        data = {**form, "csrfmiddlewaretoken": self.client.cookies.get("csrftoken", "")} if form else None
        answer = self.client.request(method, path, data=data)
        self.took.append(time.monotonic() - started)
        return answer

    def add_and_confirm(self, variant: Variant) -> None:
        self.request("GET", f"{self.here}edit/")
        added = self.request("POST", f"{self.here}edit/", variant=str(variant.pk), quantity="1")
        assert added.status_code == 200, added.text[:300]
        quote, due = (found(rf'name="{name}" value="([^"]+)"', added.text) for name in ("quote", "due"))
        done = self.request("POST", f"{self.here}edit/commit/", quote=quote, due=due)
        assert done.status_code == 200, done.text[:300]


@dataclass
class Shop:
    stack: Stack
    merchant: Merchant
    key: str
    tray: Any
    shoppers: list[Shopper]

    def send_order(self, number: int) -> httpx.Response:
        at = clock.now().isoformat()
        body = order_body(external_id=f"arriving-{number}", number=str(number), placed_at=at, paid_at=at)
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.post(f"{self.stack.url}/api/v1/orders", json=body, headers=headers, timeout=PATIENCE_SECONDS)


@pytest.fixture
def shop(stack: Stack, merchant: Merchant) -> Iterator[Shop]:
    bank = stripe.StripeClient(STRIPE_KEY, base_addresses={"api": stack.stripe_url})
    settings.PUBLIC_URL, before = stack.url, settings.PUBLIC_URL
    with tenant_scope(merchant.pk):
        tray = VariantFactory(product=ProductFactory(title="Kiln tray"), price_minor=2400, stock_quantity=100)
        shoppers = [make_shopper(stack, bank) for _ in range(SHOPPERS)]
        yield Shop(stack, merchant, issue_key(merchant), tray, shoppers)
    settings.PUBLIC_URL = before
    for shopper in shoppers:
        shopper.client.close()


def make_shopper(stack: Stack, bank: stripe.StripeClient) -> Shopper:
    customer = bank.v1.customers.create(params={})
    method = bank.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
    tender = TenderInputFactory(provider_customer=customer.id, provider_payment_method=method.id)
    order = paid_order(tenders=(tender,))
    client = httpx.Client(base_url=stack.url, timeout=PATIENCE_SECONDS, follow_redirects=True)
    assert client.get(portal_link_create(order_id=order.pk).url).status_code == 200
    return Shopper(stack, order, client)


def test_nothing_is_lost_while_the_broker_is_down(shop, valkey):
    early = 3
    assert [shop.send_order(number).status_code for number in range(early)] == [201] * early
    wait_until(lambda: OutboxEvent.objects.exclude(lease_owner=None).exists(), what="a worker to be at work")
    valkey.kill()
    sent = keep_busy(shop, sent=early)
    assert_degraded_but_clear(shop)
    valkey.start()
    valkey.wait_until_ready()

    assert shop.stack.is_running("worker"), shop.stack.log("worker")[-2000:]
    wait_until(lambda: not OutboxEvent.objects.exclude(state="done").exists(), 60, "all events to be dispatched")
    wait_until(lambda: OrderFact.objects.count() == sent + SHOPPERS, 60, "the figures of every order")
    wait_until(lambda: not Message.objects.exclude(state="sent").exists(), 60, "all mails to go out")
    assert_everything_once(shop, sent)
    assert httpx.get(f"{shop.stack.url}/readyz").status_code == 200


def keep_busy(shop: Shop, sent: int) -> int:
    """Orders arrive and shoppers edit until the outage is over; returns how many orders were taken in all."""
    early, started = sent, time.monotonic()
    waiting = list(shop.shoppers)
    while waiting or time.monotonic() - started < OUTAGE_SECONDS:
        answer = shop.send_order(sent)
        assert answer.status_code == 201, answer.text
        sent += 1
        if waiting and time.monotonic() - started >= OUTAGE_SECONDS * (SHOPPERS - len(waiting)) / SHOPPERS:
            waiting.pop().add_and_confirm(shop.tray)
        wait_until(lambda due=started + (sent - early) / ORDERS_A_SECOND: time.monotonic() >= due)
    assert max(took for shopper in shop.shoppers for took in shopper.took) < PATIENCE_SECONDS
    assert OutboxEvent.objects.filter(state="pending").count() >= sent - early, "nobody can have told a worker"
    return sent


def assert_degraded_but_clear(shop: Shop) -> None:
    """What cannot work without Valkey says so and when to come back; all else works."""
    shopper = shop.shoppers[0]
    assert shopper.request("GET", shopper.here).status_code == 200
    assert shopper.request("GET", "/healthz").status_code == 200
    assert shopper.request("GET", "/readyz").status_code == 503
    find = f"/m/{shop.merchant.slug}/find/"
    shopper.request("GET", find)
    refused = shopper.request("POST", find, email="mara@mail.example", number="1")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    sign_in = f"/m/{shop.merchant.slug}/accounts/login/"
    assert shopper.request("GET", sign_in).status_code == 200
    refused = shopper.request("POST", sign_in, login="owner@shop.example", password="wrong-password")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")


def assert_everything_once(shop: Shop, sent: int) -> None:
    assert Order.objects.count() == sent + SHOPPERS
    assert EditWindow.objects.count() == sent + SHOPPERS
    assert set(EditSession.objects.values_list("state", flat=True)) == {"applied"}
    revisions = OrderRevision.objects.filter(reason="edited").values("order").annotate(times=Count("id"))
    assert sorted(revisions.values_list("times", flat=True)) == [1] * SHOPPERS
    bank = stripe.StripeClient(STRIPE_KEY, base_addresses={"api": shop.stack.stripe_url})
    intents = bank.v1.payment_intents.list(params={"limit": 100}).data
    assert [(intent.status, intent.amount_received) for intent in intents] == [("succeeded", 2400)] * SHOPPERS
    assert OutboxEvent.objects.filter(name="edit.applied").count() == SHOPPERS
    shop.tray.refresh_from_db()
    assert (shop.tray.stock_quantity, shop.tray.reserved_quantity) == (100 - SHOPPERS, 0)
