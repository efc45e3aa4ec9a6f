"""The portal's order page against a plain view on the same server.

    python -m benchmarks.web [--requests 400]

The plain view (devtools/baseline.py) passes the same middleware, reads twelve rows by primary key and renders 30 KB.
Goal: the order page takes at most twice its time, with at most twelve queries.
"""

import argparse
import http.client
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.ground import Ground, ground
from devtools.launcher.stack import Stack

GOAL_RATIO, GOAL_QUERIES = 2.0, 12
WARM_UP = 40
SLUG = "harrow"


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    shows: bytes
    cookie: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie} if self.cookie else {}


@dataclass(frozen=True)
class Measured:
    milliseconds: list[float]
    size: int

    def percentile(self, percent: int) -> float:
        return statistics.quantiles(self.milliseconds, n=100, method="inclusive")[percent - 1]


def make_pages() -> tuple[Page, Page]:
    """The page of a paid order of six lines whose window is open, and the plain one."""
    # Django must be set up before its models are imported.
    from benchmarks.shop import make_shop  # noqa: PLC0415

    sample = make_shop(SLUG)
    ids = "&".join(f"id={variant_id}" for variant_id in sample.variant_ids)
    return (
        Page("order page", f"/m/{SLUG}/o/{sample.order_id}/", b"HP-1001", f"pro_order={sample.token}"),
        Page("plain view", f"/m/{SLUG}/benchmark/?{ids}", b"TRAY-11"),
    )


def count_queries(page: Page) -> int:
    """In this process, with the same settings and middleware; a second request, when caches are warm."""
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client = Client(headers=page.headers)
    client.get(page.path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(page.path)
    check(page, response.status_code, response.content)
    return len(queries)


def check(page: Page, status: int, body: bytes) -> None:
    """A quick error page must not pass for a quick page."""
    if status != http.HTTPStatus.OK or page.shows not in body:
        raise SystemExit(f"{page.name} answered {status} and not what was asked for")


def measure(port: int, pages: tuple[Page, Page], requests: int) -> list[Measured]:
    """Turn by turn over one kept connection each, so that whatever else the machine does hits both alike."""
    fetchers = [_fetcher(port, page) for page in pages]
    for fetch in fetchers:
        for _ in range(WARM_UP):
            fetch()
    times: list[list[float]] = [[] for _ in pages]
    sizes = [0 for _ in pages]
    for turn in range(requests):
        for index in (0, 1) if turn % 2 else (1, 0):
            started = time.perf_counter()
            sizes[index] = fetchers[index]()
            times[index].append((time.perf_counter() - started) * 1000)
    return [Measured(milliseconds, size) for milliseconds, size in zip(times, sizes, strict=True)]


def _fetcher(port: int, page: Page) -> Callable[[], int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def fetch() -> int:
        connection.request("GET", page.path, headers=page.headers)
        response = connection.getresponse()
        body = response.read()
        check(page, response.status, body)
        return len(body)

    return fetch


def run(site: Ground, requests: int) -> None:
    pages = make_pages()
    queries = [count_queries(page) for page in pages]
    # Development settings keep a pool of connections, as every start of bin/run does.
    environment = {"PRO_ENV": "development", "LOG_LEVEL": "WARNING", "DEVTOOLS": "true"}
    with Stack(site.folder, database_url=site.database_url, redis_url=site.redis_url, environment=environment) as stack:
        stack.start("web")
        measured = measure(stack.web_port, pages, requests)
    report(pages, measured, queries, requests)


def report(pages: tuple[Page, Page], measured: list[Measured], queries: list[int], requests: int) -> None:
    print(f"{requests} requests each, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for page, result, count in zip(pages, measured, queries, strict=True):
        print(
            f"{page.name:12} p50 {result.percentile(50):6.2f} ms   p95 {result.percentile(95):6.2f} ms   "
            f"{result.size / 1000:5.1f} kB   {count} queries"
        )
    for percent in (50, 95):
        ratio = measured[0].percentile(percent) / measured[1].percentile(percent)
        print(f"p{percent} ratio {ratio:.2f} (goal {GOAL_RATIO:g}: {_word(ratio <= GOAL_RATIO)})")
    print(f"queries of the order page {queries[0]} (goal {GOAL_QUERIES}: {_word(queries[0] <= GOAL_QUERIES)})")


def _word(is_met: bool) -> str:
    return "met" if is_met else "missed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=400, help="How often each page is asked for.")
    arguments = parser.parse_args()
    with ground("web") as site:
        run(site, arguments.requests)


if __name__ == "__main__":
    main()
