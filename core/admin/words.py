"""Numbers and times of the admin, in the merchant's locale and time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_currency
from django.http import HttpRequest

from core import clock, formats
from core.money import exponent, to_decimal


@dataclass(frozen=True, slots=True)
class Words:
    locale: str
    time_zone: str

    def money(self, minor: int, currency: str) -> str:
        return formats.money(minor, currency, self.locale)

    def signed(self, minor: int, currency: str) -> str:
        return f"{'+' if minor > 0 else ''}{self.money(minor, currency)}"

    def money_short(self, minor: int, currency: str) -> str:
        """For axes and strips, where round figures stand: $75, $1.5K; exact where the amount is not whole."""
        if minor % 10 ** exponent(currency):
            return self.money(minor, currency)
        return format_compact_currency(
            to_decimal(minor, currency), currency, locale=formats.locale_of(self.locale), fraction_digits=1
        )

    def number(self, value: int | Decimal) -> str:
        return formats.number(value, self.locale)

    def percent(self, ratio: Decimal | float, decimals: int = 1) -> str:
        return formats.percent(ratio, self.locale, decimals)

    def decimal(self, value: float) -> str:
        return self.number(Decimal(f"{value:.1f}"))

    def moment(self, at: datetime | None, style: str = "short") -> str:
        """Day and time, the year only where it is not this one; an en dash where there is nothing."""
        if at is None:
            return "–"
        if style != "short":
            return formats.moment(at, self.time_zone, self.locale, style)
        zone = ZoneInfo(self.time_zone)
        local = at.astimezone(zone)
        skeleton = "MMMd" if local.year == clock.now().astimezone(zone).year else "yMMMd"
        day = format_skeleton(skeleton, local.date(), locale=formats.locale_of(self.locale))
        return f"{day}, {self.time(at)}"

    def time(self, at: datetime) -> str:
        return formats.time_of_day(at, self.time_zone, self.locale)

    def day(self, value: date, style: str = "medium") -> str:
        return formats.day(value, self.locale, style)

    def day_month(self, value: date) -> str:
        return format_skeleton("MMMd", value, locale=formats.locale_of(self.locale))

    def weekday(self, value: date) -> str:
        return format_date(value, "EEEE", locale=formats.locale_of(self.locale))


def words_of(request: HttpRequest) -> Words:
    """In the merchant's words at a merchant's address, else plain."""
    merchant = getattr(request, "merchant", None)
    if merchant is None:
        return Words("en-GB", "UTC")
    return Words(merchant.locale, merchant.time_zone)


def counted(number: str, one: str, many: str) -> str:
    """1 order, 12 orders; `number` is already in the reader's format."""
    return f"{number} {one if number == '1' else many}"


def duration(span: timedelta) -> str:
    """1 h 52 min, 41 min, less than 1 min: rounded down, so that nobody is promised time that is not there."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 1:
        return "less than 1 min"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest:02d} min" if rest else f"{hours} h"


def left_until(at: datetime) -> str:
    return duration(at - clock.now())
