"""What PRO measures, as arithmetic. No Django, no clock, no I/O.

Everything rests on additive sums: a period, a channel or a whole shop is the sum of its parts, and a rate is
divided only at the end. Rates are exact fractions, None where the denominator is zero, and rounded only for display.

Values of goods are net of discount, without tax and shipping, on both sides of every ratio: the original value is what
the goods of an eligible order were worth at checkout, post-purchase revenue is what was added after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Sums:
    """Additive figures of any slice: one day and channel, a month, a shop. Amounts share one currency."""

    orders: int = 0
    engaged_orders: int = 0
    window_engaged_orders: int = 0
    self_service_orders: int = 0
    original_minor: int = 0
    engaged_original_minor: int = 0
    pp_gross_minor: int = 0
    pp_refunded_minor: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Sums)))

    @property
    def pp_net_minor(self) -> int:
        """Post-purchase revenue after refunds, the figure of every rate."""
        return self.pp_gross_minor - self.pp_refunded_minor


def total(parts: Iterable[Sums]) -> Sums:
    return sum(parts, Sums())


# Rates


def ratio(numerator: int | Fraction, denominator: int | Fraction) -> Fraction | None:
    return None if denominator == 0 else Fraction(numerator) / Fraction(denominator)


def ppcr(sums: Sums) -> Fraction | None:
    """Share of eligible orders with an add-on, an accepted offer or a redeemed card."""
    return ratio(sums.engaged_orders, sums.orders)


def ppcr_window(sums: Sums) -> Fraction | None:
    """The same without card redemptions, which carry no add-on revenue."""
    return ratio(sums.window_engaged_orders, sums.orders)


def self_service_rate(sums: Sums) -> Fraction | None:
    """Share of eligible orders that the shopper changed without buying more, for example the address."""
    return ratio(sums.self_service_orders, sums.orders)


def aov_minor(sums: Sums) -> Fraction | None:
    """Average value at checkout, in minor units."""
    return ratio(sums.original_minor, sums.orders)


def ppov_all(sums: Sums) -> Fraction | None:
    """Post-purchase revenue over original revenue, all orders."""
    return ratio(sums.pp_net_minor, sums.original_minor)


def ppov_engaged(sums: Sums) -> Fraction | None:
    """Post-purchase revenue per window-engaged order over the average value of all orders."""
    average = aov_minor(sums)
    per_order = pp_revenue_per_engaged_order_minor(sums)
    return None if average is None or per_order is None else ratio(per_order, average)


def pp_revenue_per_engaged_order_minor(sums: Sums) -> Fraction | None:
    return ratio(sums.pp_net_minor, sums.window_engaged_orders)


def modified_order_uplift(sums: Sums) -> Fraction | None:
    """Post-purchase revenue over the original value of the orders that earned it."""
    return ratio(sums.pp_net_minor, sums.engaged_original_minor)


# Benchmark bands


class Band(StrEnum):
    BELOW = "below"
    AVERAGE = "average"
    GOOD = "good"
    EXCELLENT = "excellent"


class Metric(StrEnum):
    PPCR = "ppcr"
    PPCR_WINDOW = "ppcr_window"
    PPOV_ALL = "ppov_all"
    PPOV_ENGAGED = "ppov_engaged"
    MODIFIED_ORDER_UPLIFT = "modified_order_uplift"
    SELF_SERVICE_RATE = "self_service_rate"
    FLYWHEEL_VELOCITY = "flywheel_velocity"
    VALUE_LOOP_REDEMPTION = "value_loop_redemption"


# Per cent where average, good and excellent begin. A value in a gap of the published table takes the lower band.
CUTS: dict[Metric, tuple[int, int, int]] = {
    Metric.PPCR: (1, 4, 5),
    Metric.PPOV_ENGAGED: (15, 25, 40),
    Metric.FLYWHEEL_VELOCITY: (15, 25, 35),
    Metric.VALUE_LOOP_REDEMPTION: (40, 60, 75),
}


def band(metric: Metric, value: Fraction | None) -> Band | None:
    """The band of an exact rate; None without a benchmark or without a value."""
    if value is None or metric not in CUTS:
        return None
    reached = sum(value * 100 >= cut for cut in CUTS[metric])
    return tuple(Band)[reached]


# Readings and comparison of periods


@dataclass(frozen=True, slots=True)
class Reading:
    """One metric of one period beside the period before."""

    metric: Metric
    value: Fraction | None
    previous: Fraction | None
    numerator: int
    n: int

    @property
    def change(self) -> Fraction | None:
        """Difference of the two rates; a hundredth is one percentage point."""
        return None if self.value is None or self.previous is None else self.value - self.previous

    @property
    def band(self) -> Band | None:
        return band(self.metric, self.value)

    @property
    def cuts(self) -> tuple[int, int, int] | None:
        return CUTS.get(self.metric)


def readings(current: Sums, previous: Sums) -> dict[Metric, Reading]:
    """Every rate of a period. `n` counts the orders that stand in the denominator."""
    net = current.pp_net_minor
    rows = (
        (Metric.PPCR, ppcr, current.engaged_orders, current.orders),
        (Metric.PPCR_WINDOW, ppcr_window, current.window_engaged_orders, current.orders),
        (Metric.PPOV_ALL, ppov_all, net, current.orders),
        (Metric.PPOV_ENGAGED, ppov_engaged, net, current.window_engaged_orders),
        (Metric.MODIFIED_ORDER_UPLIFT, modified_order_uplift, net, current.window_engaged_orders),
        (Metric.SELF_SERVICE_RATE, self_service_rate, current.self_service_orders, current.orders),
    )
    return {m: Reading(m, rate(current), rate(previous), top, n) for m, rate, top, n in rows}


def relative_change(current: int, previous: int) -> Fraction | None:
    """Growth of an amount; None when there was nothing before."""
    return ratio(current - previous, previous)


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a merchant's calendar, both ends included."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a period ends before it begins")

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    def days(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=i) for i in range(self.length)]

    def before(self) -> Period:
        """The period of equal length that ends the day before."""
        step = dt.timedelta(days=self.length)
        return Period(self.first - step, self.last - step)


# One order


@dataclass(frozen=True, slots=True)
class LineState:
    """A line as it stands now. `total_minor` is what is paid for it, tax included."""

    is_added: bool
    total_minor: int
    tax_minor: int
    refunded_minor: int = 0

    @property
    def net_minor(self) -> int:
        return self.total_minor - self.tax_minor

    @property
    def net_refunded_minor(self) -> int:
        """The refund without its tax; a full refund takes back exactly the net value."""
        if self.total_minor == 0:
            return 0
        refunded = min(self.refunded_minor, self.total_minor)
        return round_half_up(Fraction(refunded * self.net_minor, self.total_minor))


@dataclass(frozen=True, slots=True)
class OrderState:
    lines: tuple[LineState, ...]
    original_minor: int
    is_paid: bool
    is_test: bool = False
    is_cancelled: bool = False
    has_redeemed_card: bool = False
    is_self_served: bool = False


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """What one order gives to the sums, in the order's currency."""

    is_eligible: bool
    is_engaged: bool
    is_window_engaged: bool
    is_self_served: bool
    original_minor: int
    pp_gross_minor: int
    pp_refunded_minor: int

    def sums(self) -> Sums:
        if not self.is_eligible:
            return Sums()
        return Sums(
            orders=1,
            engaged_orders=int(self.is_engaged),
            window_engaged_orders=int(self.is_window_engaged),
            self_service_orders=int(self.is_self_served),
            original_minor=self.original_minor,
            engaged_original_minor=self.original_minor if self.is_window_engaged else 0,
            pp_gross_minor=self.pp_gross_minor,
            pp_refunded_minor=self.pp_refunded_minor,
        )


def order_figures(order: OrderState) -> OrderFigures:
    """Refunded add-ons stay an engagement: the shopper did say yes. Only the revenue goes back."""
    added = [line for line in order.lines if line.is_added]
    return OrderFigures(
        is_eligible=order.is_paid and not order.is_test and not order.is_cancelled,
        is_engaged=bool(added) or order.has_redeemed_card,
        is_window_engaged=bool(added),
        is_self_served=order.is_self_served,
        original_minor=order.original_minor,
        pp_gross_minor=sum(line.net_minor for line in added),
        pp_refunded_minor=sum(line.net_refunded_minor for line in added),
    )


def local_date(at: dt.datetime, time_zone: str) -> dt.date:
    """The merchant's calendar day of an instant."""
    return at.astimezone(ZoneInfo(time_zone)).date()


# Rounding


def round_half_up(value: Fraction) -> int:
    """To the nearest integer, halves away from zero."""
    doubled = 2 * abs(value.numerator) + value.denominator
    rounded = doubled // (2 * value.denominator)
    return rounded if value >= 0 else -rounded


def convert_minor(minor: int, rate: Decimal, exponent: int, target_exponent: int) -> int:
    """An amount at a frozen rate. Refunds use the rate of the order too, so a full refund leaves zero."""
    return round_half_up(Fraction(minor) * Fraction(rate) * Fraction(10) ** (target_exponent - exponent))


def rounded(value: Fraction | None, places: int) -> Decimal | None:
    """For display only."""
    if value is None:
        return None
    return Decimal(round_half_up(value * 10**places)).scaleb(-places)


def percent(value: Fraction | None, places: int = 2) -> Decimal | None:
    return None if value is None else rounded(value * 100, places)
