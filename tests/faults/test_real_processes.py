"""The web server dies in the middle of a charge, over HTTP; worker and beat, real ones, bring it to its end.

Every order is charged in a web process that is killed at another point; then one wait for the leases serves them all.
"""

import re

import httpx
import pytest
from django.conf import settings as django_settings
from django.db import connection

from core.tenancy import platform_scope, tenant_scope
from devtools.launcher.programs import STRIPE_KEY
from devtools.launcher.stack import Stack, wait_until
from editing.models import EditSession
from orders.models import Order, OrderRevision
from portal.services.links import portal_link_create
from tests.factories import LineInputFactory, MerchantFactory, TenderInputFactory, VariantFactory, paid_order
from tests.faults.test_kill_matrix import FULL, INCREASE, KILLER, database_url

pytestmark = pytest.mark.processes

WEB_POINTS = INCREASE if FULL else [INCREASE[0], "return:payments.rails.stripe.capture"]
# The worker dies too, while it takes up what the web server left.
WORKER_POINTS = [*(INCREASE[1:] if FULL else []), "return:payments.rails.stripe.authorise"]
LEASE_SECONDS = 40


@pytest.fixture
def stack(transactional_db, tmp_path):
    environment = {"PYTHONPATH": str(KILLER), "DIE_AT": "", "DIE_ONCE": ""}
    with Stack(
        tmp_path, database_url=database_url(), redis_url=django_settings.REDIS_URL, environment=environment
    ) as running:
        running.start("stripe")
        yield running


@pytest.fixture
def merchant(transactional_db):
    return MerchantFactory(slug="harrow", currency="USD")


class Shopper:
    """Does with HTTP what a browser without scripts does."""

    def __init__(self, stack: Stack, merchant, title: str) -> None:
        self.stack = stack
        with tenant_scope(merchant.pk):
            self.order = self._buy()
            self.variant = VariantFactory(product__title=title, stock_quantity=5)
            self.link = f"{stack.url}/m/harrow/l/{portal_link_create(order_id=self.order.pk).token}/"

    def _buy(self) -> Order:
        customer = self._stripe("/v1/customers")["id"]
        method = self._stripe("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
        tender = TenderInputFactory(provider_customer=customer, provider_payment_method=method)
        line = LineInputFactory(unit_price_minor=5000, tax_minor=500, tax_rate_bp=1000)
        return paid_order(tenders=(tender,), lines=(line,))

    def _stripe(self, path: str, **form: str) -> dict:
        answer = httpx.post(f"{self.stack.stripe_url}{path}", data=form, auth=(STRIPE_KEY, ""))
        answer.raise_for_status()
        return answer.json()

    def captured(self) -> list[int]:
        answer = httpx.get(f"{self.stack.stripe_url}/v1/payment_intents?limit=100", auth=(STRIPE_KEY, ""))
        mine = [intent for intent in answer.json()["data"] if intent["metadata"]["order"] == str(self.order.pk)]
        return [intent["amount_received"] for intent in mine]

    def confirm(self) -> None:
        """Add one of the thing and press the button; the answer may never come."""
        with httpx.Client(follow_redirects=True, timeout=30) as browser:
            page = browser.get(self.link)
            address = str(page.url)
            page = browser.get(f"{address}edit/")
            page = self._post(browser, page, f"{address}edit/", variant=str(self.variant.pk), quantity="1")
            form = {name: _field(page.text, name) for name in ("quote", "due")}
            try:
                self._post(browser, page, f"{address}edit/commit/", **form)
            except httpx.TransportError:
                return

    @staticmethod
    def _post(browser: httpx.Client, page: httpx.Response, address: str, **form: str) -> httpx.Response:
        token = _field(page.text, "csrfmiddlewaretoken")
        return browser.post(address, data={"csrfmiddlewaretoken": token, **form})


def _field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found, f"no field {name} in the page"
    return found.group(1)


def test_s50_web_and_worker_die_and_every_charge_happens_once(stack, merchant, tmp_path):
    shoppers = []
    for number, point in enumerate(WEB_POINTS):
        stack.environment |= {"DIE_AT": point, "DIE_ONCE": str(tmp_path / f"web-{number}")}
        stack.start("web")
        shopper = Shopper(stack, merchant, f"Thing {number}")
        shopper.confirm()
        shoppers.append(shopper)
        assert (tmp_path / f"web-{number}").exists(), f"the web server outlived {point}"
        stack.kill("web")
    for number, point in enumerate(WORKER_POINTS):
        stack.environment |= {"DIE_AT": WEB_POINTS[0], "DIE_ONCE": str(tmp_path / f"left-{number}")}
        stack.start("web")
        shopper = Shopper(stack, merchant, f"Other thing {number}")
        shopper.confirm()
        shoppers.append(shopper)
        stack.kill("web")
        died = tmp_path / f"worker-{number}"
        stack.environment |= {"DIE_AT": point, "DIE_ONCE": str(died)}
        stack.start("worker", "beat")
        wait_until(died.exists, 60, f"the worker to die at {point}")
        stack.kill("worker")
        stack.kill("beat")
    stack.environment |= {"DIE_AT": "", "DIE_ONCE": ""}
    stack.start("web", "worker", "beat")

    def all_ended() -> bool:
        connection.close()
        with platform_scope("test"):
            return not EditSession.objects.exclude(state="applied").exists()

    wait_until(all_ended, LEASE_SECONDS + 60, "every edit to be applied")
    with tenant_scope(merchant.pk):
        for shopper in shoppers:
            shopper.order.refresh_from_db()
            assert shopper.captured() == [2640]
            assert OrderRevision.objects.filter(order=shopper.order, reason="edited").count() == 1
            assert shopper.order.total_minor == 5500 + 2640
