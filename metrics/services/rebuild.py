"""Facts and roll-up from the orders again, and the nightly comparison of the two."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import structlog

from core import clock
from core.alerts import alerts_settle
from core.tenancy import platform_scope, tenant_scope
from merchants.models import Merchant
from metrics.models import MetricDay, OrderFact
from metrics.rules import Period, local_date
from metrics.selectors.today import day_bounds
from metrics.services.days import days_drain, days_mark, days_reconcile
from metrics.services.facts import facts_refresh
from orders.models import Order

log = structlog.get_logger(__name__)

_PAGE = 500
RECONCILED_DAYS = 90


def metrics_rebuild(*, merchant_id: int, period: Period | None = None, rezone: bool = False) -> tuple[int, int]:
    """Refresh the facts of the orders of a period (or all) and compute their days; returns facts changed and days.

    `rezone` moves orders to the days of the merchant's present time zone.
    """
    changed = sum(
        facts_refresh(merchant_id=merchant_id, order_ids=page, rezone=rezone)
        for page in _pages_of_orders(merchant_id, period)
    )
    days: set[date] = set(period.days()) if period else set()
    for rows in (OrderFact.objects, MetricDay.objects):
        if period is None:
            known = rows.filter(merchant_id=merchant_id).order_by().values_list("local_date", flat=True)
            days.update(known.distinct())
    days_mark(merchant_id=merchant_id, days=days)
    return changed, days_drain(merchant_id=merchant_id, limit=2 * len(days) + 1000)


def _pages_of_orders(merchant_id: int, period: Period | None) -> Iterator[list[uuid.UUID]]:
    """Ids page by page, so that a rebuild of millions holds neither memory nor a transaction."""
    orders = Order.objects.filter(merchant_id=merchant_id)
    if period is not None:
        # A day more on either side: the frozen zone of an order may differ from the present one.
        zone = Merchant.objects.values_list("time_zone", flat=True).get(id=merchant_id)
        starts, _ = day_bounds(period.first - timedelta(days=1), zone)
        _, ends = day_bounds(period.last + timedelta(days=1), zone)
        orders = orders.filter(placed_at__gte=starts, placed_at__lt=ends)
    last: uuid.UUID | None = None
    while page := list(
        (orders.filter(id__gt=last) if last else orders).order_by("id").values_list("id", flat=True)[:_PAGE]
    ):
        yield page
        last = page[-1]


def rollups_reconcile() -> int:
    """Compare every merchant's recent roll-up with its facts; what differs is logged, marked and so computed again.

    Operators are alerted until a comparison finds nothing.
    """
    found = 0
    causes: dict[str, str] = {}
    with platform_scope("metrics reconcile"):
        merchants = list(Merchant.objects.order_by("id").values_list("id", "time_zone", "name"))
    for merchant_id, zone, name in merchants:
        today = local_date(clock.now(), zone)
        with tenant_scope(merchant_id):
            differences = days_reconcile(merchant_id=merchant_id, first=_days_before(today), last=today)
        for difference in differences:
            log.error("metrics_rollup_differs", merchant_id=merchant_id, bucket=[str(p) for p in difference.bucket])
        if differences:
            causes[str(merchant_id)] = (
                f"{name}: sums of days did not match their orders: {len(differences)}. They are computed again."
            )
        found += len(differences)
    alerts_settle("metrics_reconcile", causes)
    return found


def _days_before(today: date) -> date:
    return today - timedelta(days=RECONCILED_DAYS)
