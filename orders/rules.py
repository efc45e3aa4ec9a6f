"""Pure rules of this room: when a window closes, what an order adds up to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

# A cut-off nearer than this is the next wave's: every window is open for at least an hour.
SHORTEST_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WindowPolicy:
    """How long shoppers may change an order. Cut-offs are times of day in `zone`; blackout weekdays do not count."""

    length: timedelta
    zone: ZoneInfo
    cut_offs: tuple[time, ...] = ()
    blackout_weekdays: frozenset[int] = frozenset()


def window_closes_at(opened_at: datetime, policy: WindowPolicy) -> datetime:
    """The instant (UTC) at which a window opened at `opened_at` closes.

    It runs `policy.length` of time that is not on a blackout weekday, and ends early at the first cut-off at least an
    hour after opening, again not on a blackout weekday.
    """
    closes_at = _after(opened_at, policy.length, policy)
    earliest = _after(opened_at, SHORTEST_WINDOW, policy)
    return min([closes_at, *_cut_offs(earliest, closes_at, policy)])


def _after(start: datetime, length: timedelta, policy: WindowPolicy) -> datetime:
    cursor, left = start.astimezone(UTC), length
    while True:
        local = cursor.astimezone(policy.zone)
        midnight = _local(local.date() + timedelta(days=1), time.min, policy.zone)
        if local.weekday() in policy.blackout_weekdays:
            cursor = midnight
        elif cursor + left <= midnight:
            return cursor + left
        else:
            left -= midnight - cursor
            cursor = midnight


def _cut_offs(earliest: datetime, latest: datetime, policy: WindowPolicy) -> Iterable[datetime]:
    day = earliest.astimezone(policy.zone).date()
    last = latest.astimezone(policy.zone).date()
    while day <= last:
        if day.weekday() not in policy.blackout_weekdays:
            for cut_off in policy.cut_offs:
                at = _local(day, cut_off, policy.zone)
                if earliest <= at <= latest:
                    yield _behind_no_day_off(at, day, policy)
        day += timedelta(days=1)


def _behind_no_day_off(at: datetime, day: date, policy: WindowPolicy) -> datetime:
    """`at`; but where it is the midnight behind days off, the midnight before them: nothing in between counts."""
    while at == _local(day, time.min, policy.zone) and (day - timedelta(days=1)).weekday() in policy.blackout_weekdays:
        day -= timedelta(days=1)
        at = _local(day, time.min, policy.zone)
    return at


def _local(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


class Priced(Protocol):
    """A line with its amounts, of the whole line except the unit price before discount; all in minor units."""

    @property
    def quantity(self) -> int: ...
    @property
    def unit_price_minor(self) -> int: ...
    @property
    def discount_minor(self) -> int: ...
    @property
    def tax_minor(self) -> int: ...


def line_total(line: Priced, *, tax_inclusive: bool) -> int:
    """What the line adds to the order's total."""
    goods = line.unit_price_minor * line.quantity - line.discount_minor
    return goods if tax_inclusive else goods + line.tax_minor


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """Of one whole line, in minor units. `unit_price_minor` is before discount."""

    quantity: int
    unit_price_minor: int
    discount_minor: int
    tax_minor: int

    def total_minor(self, *, tax_inclusive: bool) -> int:
        """What the line adds to the order's total."""
        return line_total(self, tax_inclusive=tax_inclusive)


@dataclass(frozen=True, slots=True)
class OrderTotals:
    items_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    net_minor: int  # goods after discount, without tax


def order_totals(
    lines: Sequence[Priced], *, shipping_minor: int, shipping_tax_minor: int, tax_inclusive: bool
) -> OrderTotals:
    """The order's sums. Total = Σ line totals + shipping (+ its tax unless prices include tax), exactly."""
    items = sum([line.unit_price_minor * line.quantity for line in lines])
    discount = sum([line.discount_minor for line in lines])
    line_tax = sum([line.tax_minor for line in lines])
    tax = line_tax + shipping_tax_minor
    goods = items - discount
    return OrderTotals(
        items_minor=items,
        discount_minor=discount,
        tax_minor=tax,
        total_minor=goods + shipping_minor + (0 if tax_inclusive else tax),
        net_minor=goods - line_tax if tax_inclusive else goods,
    )


def credit_units(unit_price_minor: int, quantity_left: int, amount_left: int) -> int:
    """How many units at that price can still be given back of a line."""
    return min(quantity_left, amount_left // unit_price_minor) if unit_price_minor else quantity_left


def credit_take(quantity: int, units: Sequence[int]) -> list[int] | None:
    """How many of `quantity` each candidate bears: all the first that can alone, else spread from the first on.

    None when all together cannot.
    """
    for place, left in enumerate(units):
        if left >= quantity:
            return [quantity if index == place else 0 for index in range(len(units))]
    if sum(units) < quantity:
        return None
    taken = []
    for left in units:
        taken.append(min(left, quantity))
        quantity -= taken[-1]
    return taken
