"""An Online Retail file computed a second way and compared with what the platform holds of it, month by month.

    python -m benchmarks.reconcile FILE                    imports the file into a new shop on servers of its own
    python -m benchmarks.reconcile FILE --merchant SLUG    compares a shop of DATABASE_URL that has imported it

The second way is plain SQL over the raw lines in a temporary table; it shares no code with the import. Orders,
revenue, refunds and customers of each month are compared with the shop's tables, orders and goods with its metrics.
A difference is looked up among the lines that the import reported. What nothing explains ends with exit code 1.
"""

import argparse
import gzip
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import django
from django.db import connection

from benchmarks.ground import ground
from benchmarks.ingest import make_merchant, run_import

ZONE, CURRENCY, SLUG = "Europe/London", "GBP", "online-retail"
# What the second way knows of the file: a letter begins the number of a credit note, these codes are postage.
RAW_SQL = """
    CREATE TEMP TABLE raw_line (
        n integer GENERATED ALWAYS AS IDENTITY (START WITH 2), invoice text, code text, description text,
        quantity numeric, at timestamp, price numeric, customer text, country text
    );
    COPY raw_line (invoice, code, description, quantity, at, price, customer, country)
    FROM STDIN (FORMAT csv, HEADER true)
"""
SALES_SQL = """
    CREATE TEMP TABLE raw_order AS
    SELECT invoice,
           date_trunc('month', timezone(%(shop_zone)s, timezone(%(zone)s, (array_agg(at ORDER BY n))[1])))::date
               AS month,
           max(customer) AS customer, sum(quantity * price) AS revenue,
           CASE WHEN bool_and(code IN ('POST', 'DOT', 'C2')) THEN sum(quantity * price)
                ELSE coalesce(sum(quantity * price) FILTER (WHERE code NOT IN ('POST', 'DOT', 'C2')), 0) END AS goods
    FROM raw_line WHERE invoice !~ '^[A-Z]' AND quantity > 0 AND price >= 0
    GROUP BY invoice HAVING bool_or(price > 0) OR max(customer) IS NOT NULL
"""
RAW_MONTHS_SQL = """
    SELECT month, count(*), sum(revenue), sum(goods), count(DISTINCT customer) FROM raw_order GROUP BY month
"""
RAW_REFUNDS_SQL = """
    SELECT date_trunc('month', timezone(%(shop_zone)s, timezone(%(zone)s, at)))::date, -sum(quantity * price)
    FROM raw_line WHERE invoice LIKE 'C%%' GROUP BY 1
"""
SHOP_MONTHS_SQL = """
    SELECT date_trunc('month', timezone(%(shop_zone)s, placed_at))::date, count(*), sum(total_minor) / 100.0,
           count(DISTINCT customer_id)
    FROM orders_order WHERE source = 'online_retail' GROUP BY 1
"""
SHOP_REFUNDS_SQL = """
    SELECT date_trunc('month', timezone(%(shop_zone)s, refunded_at))::date, sum(amount_minor) / 100.0
    FROM orders_orderrefund JOIN orders_order ON orders_order.id = order_id WHERE source = 'online_retail' GROUP BY 1
"""
# The month that a reported line counts in: that of its order, or its own if it is a credit.
NOTES_SQL = """
    SELECT invoice LIKE 'C%%', note.code, count(*), sum(note.amount::numeric),
           coalesce(month, date_trunc('month', timezone(%(shop_zone)s, timezone(%(zone)s, at)))::date)
    FROM connectors_importnote note JOIN raw_line ON n = line LEFT JOIN raw_order USING (invoice)
    WHERE run_id = %(run)s GROUP BY 1, 2, 5
"""
FIGURES = ("orders", "customers", "revenue", "refunds", "orders in metrics", "goods in metrics")
Months = dict[date, dict[str, Decimal]]


@dataclass(frozen=True)
class Reason:
    code: str
    lines: int
    amount: Decimal


def load(file: Path) -> None:
    create, copy = RAW_SQL.split(";")
    opened = gzip.open if file.suffix == ".gz" else Path.open
    with connection.cursor() as cursor, opened(file, "rb") as source:
        cursor.execute(create)
        with cursor.copy(copy) as target:
            while chunk := source.read(1_048_576):
                target.write(chunk)


def computed(zones: dict[str, str]) -> Months:
    months: Months = defaultdict(lambda: dict.fromkeys(FIGURES, Decimal(0)))
    with connection.cursor() as cursor:
        cursor.execute(SALES_SQL, zones)
        cursor.execute(RAW_MONTHS_SQL)
        for month, orders, revenue, goods, customers in cursor.fetchall():
            months[month] |= {"orders": Decimal(orders), "revenue": revenue, "customers": Decimal(customers)}
            months[month] |= {"orders in metrics": Decimal(orders), "goods in metrics": goods}
        cursor.execute(RAW_REFUNDS_SQL, zones)
        for month, refunds in cursor.fetchall():
            months[month]["refunds"] = refunds
    return dict(months)


def stored(merchant_id: int, zones: dict[str, str], months: Months) -> Months:
    from metrics.rules import Period  # noqa: PLC0415
    from metrics.selectors import metric_summary  # noqa: PLC0415

    found: Months = defaultdict(lambda: dict.fromkeys(FIGURES, Decimal(0)))
    with connection.cursor() as cursor:
        cursor.execute(SHOP_MONTHS_SQL, zones)
        for month, orders, revenue, customers in cursor.fetchall():
            found[month] |= {"orders": Decimal(orders), "revenue": revenue, "customers": Decimal(customers)}
        cursor.execute(SHOP_REFUNDS_SQL, zones)
        for month, refunds in cursor.fetchall():
            found[month]["refunds"] = refunds
    for month in sorted(months.keys() | found.keys()):
        last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        sums = metric_summary(merchant_id=merchant_id, period=Period(month, last), currency=CURRENCY).sums
        found[month]["orders in metrics"] = Decimal(sums.orders)
        found[month]["goods in metrics"] = Decimal(sums.original_minor) / 100
    return dict(found)


def reasons(run_id: UUID, zones: dict[str, str]) -> dict[tuple[date, str], list[Reason]]:
    """What the import reported, by month and by the figure that misses it."""
    found: dict[tuple[date, str], list[Reason]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(NOTES_SQL, {**zones, "run": run_id})
        for is_credit, code, lines, amount, month in cursor.fetchall():
            if amount and is_credit:
                found[month, "refunds"].append(Reason(code, lines, -amount))
            elif amount:
                for figure in ("revenue", "goods in metrics"):
                    found[month, figure].append(Reason(code, lines, amount))
    return found


def compare(raw: Months, shop: Months, why: dict[tuple[date, str], list[Reason]]) -> int:
    """Prints both sides; returns how many differences nothing explains."""
    nothing = dict.fromkeys(FIGURES, Decimal(0))
    unexplained = 0
    for figure in FIGURES:
        print(f"\n{figure:<18}{'file':>16}{'platform':>16}{'difference':>14}")
        for month in sorted(raw.keys() | shop.keys()):
            ours, theirs = raw.get(month, nothing)[figure], shop.get(month, nothing)[figure]
            told = why.get((month, figure), []) if ours != theirs else []
            rest = ours - theirs - sum((reason.amount for reason in told), Decimal(0))
            unexplained += rest != 0
            text = "; ".join(f"{reason.lines:,} × {reason.code} {reason.amount:,.3f}" for reason in told)
            left = f"UNEXPLAINED {rest:,.3f} " if rest else ""
            print(f"{month:%Y-%m}{ours:>27,.2f}{theirs:>16,.2f}{ours - theirs:>14,.3f}  {left}{text}".rstrip())
    return unexplained


def check(file: Path, slug: str) -> int:
    from connectors.models import ImportRun  # noqa: PLC0415
    from core.tenancy import platform_scope, tenant_scope  # noqa: PLC0415
    from merchants.models import Merchant  # noqa: PLC0415

    with platform_scope("reconcile"):
        merchant = Merchant.objects.filter(slug=slug).first()
    if merchant is None:
        raise SystemExit(f"There is no shop named {slug}.")
    zones = {"zone": ZONE, "shop_zone": merchant.time_zone}
    with tenant_scope(merchant.pk):
        run = ImportRun.objects.filter(kind="orders", state=ImportRun.State.DONE).order_by("-finished_at").first()
        if run is None:
            raise SystemExit(f"{slug} has not finished an import of orders.")
        load(file)
        raw = computed(zones)
        unexplained = compare(raw, stored(merchant.pk, zones, raw), reasons(run.pk, zones))
    if not unexplained:
        print("\nEverything agrees.")
    else:
        print(f"\n{unexplained} differences without explanation.")
        print(f"Are the metrics behind? Let the workers catch up, or: manage.py rebuild_metrics {slug}")
    return unexplained


@contextmanager
def imported(file: Path) -> Iterator[str]:
    """A new shop that holds the file, with its metrics computed."""
    with ground("reconcile") as site:
        from core.tenancy import tenant_scope  # noqa: PLC0415
        from metrics.services.rebuild import metrics_rebuild  # noqa: PLC0415

        merchant_id = make_merchant(SLUG, CURRENCY, ZONE)
        run_import(site, file, SLUG, merchant_id, "online_retail")
        with tenant_scope(merchant_id):
            metrics_rebuild(merchant_id=merchant_id)
        yield SLUG


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="Online Retail as CSV, or packed with gzip.")
    parser.add_argument("--merchant", metavar="SLUG", help="A shop that has imported the file already.")
    arguments = parser.parse_args()
    if not arguments.merchant:
        with imported(arguments.file) as slug:
            return check(arguments.file, slug)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pro_platform.settings")
    django.setup()
    return check(arguments.file, arguments.merchant)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
