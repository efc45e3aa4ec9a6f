"""The numbers of a period, read from the roll-up alone."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Min, Sum

from core import clock
from core.models import OutboxEvent
from merchants.models import Merchant
from metrics.models import DirtyDay, MetricDay
from metrics.rules import Metric, Period, Reading, Sums, aov_minor, readings, relative_change, total

_COUNTS = ("orders", "engaged_orders", "window_engaged_orders", "self_service_orders")
_AMOUNTS = ("original_minor", "engaged_original_minor", "pp_gross_minor", "pp_refunded_minor")


@dataclass(frozen=True, slots=True)
class DaySums:
    day: date
    sums: Sums


@dataclass(frozen=True, slots=True)
class Summary:
    """A period beside the one before it. Every amount is in `currency`, minor units."""

    period: Period
    currency: str
    channel: str | None
    sums: Sums
    previous: Sums
    readings: dict[Metric, Reading]
    days: tuple[DaySums, ...]
    previous_days: tuple[DaySums, ...]
    as_of: datetime

    @property
    def n(self) -> int:
        return self.sums.orders

    @property
    def aov_minor(self) -> Fraction | None:
        return aov_minor(self.sums)

    @property
    def pp_revenue_change(self) -> Fraction | None:
        """Growth of post-purchase revenue on the period before."""
        return relative_change(self.sums.pp_net_minor, self.previous.pp_net_minor)


def metric_summary(
    *, merchant_id: int, period: Period, currency: str | None = None, channel: str | None = None
) -> Summary:
    """The metrics of a period of the merchant's calendar.

    With a currency: the orders in that currency. Without: all orders, in the merchant's currency at each order's rate.
    """
    home = Merchant.objects.values_list("currency", flat=True).get(id=merchant_id)
    before = period.before()
    by_day = _sums_by_day(merchant_id, Period(before.first, period.last), currency, channel)
    days = tuple(DaySums(day, by_day.get(day, Sums())) for day in period.days())
    previous_days = tuple(DaySums(day, by_day.get(day, Sums())) for day in before.days())
    sums, previous = total(d.sums for d in days), total(d.sums for d in previous_days)
    return Summary(
        period=period,
        currency=currency or home,
        channel=channel,
        sums=sums,
        previous=previous,
        readings=readings(sums, previous),
        days=days,
        previous_days=previous_days,
        as_of=figures_as_of(merchant_id=merchant_id, period=period),
    )


def _sums_by_day(merchant_id: int, period: Period, currency: str | None, channel: str | None) -> dict[date, Sums]:
    rows = MetricDay.objects.filter(merchant_id=merchant_id, local_date__range=(period.first, period.last))
    if currency is not None:
        rows = rows.filter(currency=currency)
    if channel is not None:
        rows = rows.filter(channel=channel)
    prefix = "" if currency else "home_"
    columns = {f"sum_{name}": Sum(name) for name in _COUNTS}
    columns |= {f"sum_{name}": Sum(prefix + name) for name in _AMOUNTS}
    grouped = rows.order_by("local_date").values("local_date").annotate(**columns)
    # ORM stubs type the rows of `values` by name; the columns are named here, at run time.
    plain: list[dict[str, Any]] = [dict(row) for row in grouped]
    return {
        row["local_date"]: Sums(**{name: int(row[f"sum_{name}"]) for name in (*_COUNTS, *_AMOUNTS)}) for row in plain
    }


def figures_as_of(*, merchant_id: int, period: Period) -> datetime:
    """Everything before this instant is in the figures: the oldest order event or marked day that still waits."""
    at = clock.now()
    marked = DirtyDay.objects.filter(merchant_id=merchant_id, local_date__range=(period.first, period.last))
    waiting = OutboxEvent.objects.filter(  # "orders": history that came in many at a time
        merchant_id=merchant_id, aggregate_type__in=("order", "orders"), state=OutboxEvent.State.PENDING
    )
    oldest: tuple[datetime | None, ...] = (
        marked.aggregate(at=Min("marked_at"))["at"],
        waiting.aggregate(at=Min("occurred_at"))["at"],
    )
    return min((at, *(instant for instant in oldest if instant is not None)))
