"""Orders by the batch against the same orders one by one, through the same API.

    python -m benchmarks.batch [--orders 200] [--lines 20]

Both are sent by one client over one kept connection, to one web server of their own, into shops that are alike. The
batch goes first in every other round. Goal: a batch takes at least five times as many orders per second.
"""

import argparse
import http.client
import json
import os
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.ground import Ground, ground
from devtools.launcher.stack import Stack

GOAL_RATIO = 5.0
ROUNDS = 3
VARIANTS = 100
PLACED_AT = "2026-03-01T08:26:00Z"


def make_key() -> str:
    """A shop with a catalogue, and a key for its API."""
    # Django must be set up before its models are imported.
    from core.tenancy import tenant_scope  # noqa: PLC0415
    from merchants.models import Merchant  # noqa: PLC0415
    from merchants.services.api_keys import api_key_issue  # noqa: PLC0415
    from orders.inputs import ProductInput, VariantInput  # noqa: PLC0415
    from orders.services.catalogue import products_upsert  # noqa: PLC0415

    merchant = Merchant.objects.create(slug="harrow", name="Harrow & Pine", currency="GBP", time_zone="Europe/London")
    with tenant_scope(merchant.pk):
        products_upsert(
            items=[
                ProductInput(
                    source="custom",
                    external_id=f"p{number}",
                    title="White hanging heart",
                    variants=(VariantInput(external_id=f"v{number}", price_minor=255, currency="GBP"),),
                )
                for number in range(VARIANTS)
            ]
        )
        return api_key_issue(merchant_id=merchant.pk, name="Benchmark", scopes=["orders:write"])[1]


def make_orders(name: str, orders: int, lines: int) -> list[dict[str, Any]]:
    return [_order(f"{name}-{number}", number, lines) for number in range(orders)]


def _order(external_id: str, number: int, lines: int) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "number": external_id,
        "version": 1,
        "currency": "GBP",
        "placed_at": PLACED_AT,
        "paid_at": PLACED_AT,
        "backfill": True,
        "customer": {"external_id": f"c{number % 50}", "email": f"c{number % 50}@mail.example"},
        "shipping_address": {"name": "Ada Moss", "line1": "12 Mill Lane", "city": "Leeds", "country": "GB"},
        "tenders": [{"kind": "card", "brand": "visa", "last4": "4242", "amount": "2.55"}],
        "total": f"{lines * 255 / 100:.2f}",
        "lines": [
            {
                "external_id": str(place),
                "variant_external_id": f"v{(number + place) % VARIANTS}",
                "title": "White hanging heart",
                "quantity": 1,
                "unit_price": "2.55",
            }
            for place in range(lines)
        ],
    }


@dataclass
class Sender:
    port: int
    key: str

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def one_by_one(self, orders: list[dict[str, Any]]) -> None:
        for order in orders:
            self._post("/api/v1/orders", order, http.HTTPStatus.CREATED)

    def together(self, orders: list[dict[str, Any]]) -> None:
        answer = self._post("/api/v1/orders/batch", {"orders": orders}, http.HTTPStatus.OK)
        if answer["created"] != len(orders):
            raise SystemExit(f"{answer['created']} of {len(orders)} orders were created")

    def _post(self, path: str, body: Any, expected: int) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self.connection.request("POST", path, json.dumps(body), headers)
        response = self.connection.getresponse()
        content = response.read()
        if response.status != expected:
            raise SystemExit(f"{path} answered {response.status}: {content[:500]!r}")
        return json.loads(content)


def measure(sender: Sender, orders: int, lines: int) -> tuple[float, float]:
    """Seconds for all rounds: one by one, together."""
    seconds = {"alone": 0.0, "batch": 0.0}
    sender.one_by_one(make_orders("warm", 5, lines))
    sender.together(make_orders("warm-batch", 5, lines))
    for turn in range(ROUNDS):
        for way in ("alone", "batch") if turn % 2 else ("batch", "alone"):
            bodies = make_orders(f"{way}{turn}", orders, lines)
            started = time.perf_counter()
            (sender.one_by_one if way == "alone" else sender.together)(bodies)
            seconds[way] += time.perf_counter() - started
    return seconds["alone"], seconds["batch"]


def run(site: Ground, orders: int, lines: int) -> None:
    key = make_key()
    environment = {"PRO_ENV": "development", "LOG_LEVEL": "WARNING", "DEVTOOLS": "true"}
    with Stack(site.folder, database_url=site.database_url, redis_url=site.redis_url, environment=environment) as stack:
        stack.start("web")
        alone, batch = measure(Sender(stack.web_port, key), orders, lines)
    total = ROUNDS * orders
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"{ROUNDS} rounds of {orders} orders of {lines} lines each way, {load}")
    print(f"one by one {total / alone:7.1f} orders/s")
    print(f"in batches {total / batch:7.1f} orders/s")
    ratio = alone / batch
    print(f"ratio {ratio:.2f} (goal {GOAL_RATIO:g}: {'met' if ratio >= GOAL_RATIO else 'missed'})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=200, help="Orders in a round; at most 1,000.")
    parser.add_argument("--lines", type=int, default=20, help="Lines of each.")
    arguments = parser.parse_args()
    with ground("batch") as site:
        run(site, arguments.orders, arguments.lines)


if __name__ == "__main__":
    main()
