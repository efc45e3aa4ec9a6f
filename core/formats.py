"""Numbers, money and times as people read them: locale-aware through Babel, with a true minus sign."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent, parse_pattern

from core.money import exponent, to_decimal

MINUS = "\u2212"
# CLDR's currency spacing, which Babel leaves out: "IQD 12.500", not "IQD12.500".
_LETTER_MEETS_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
FALLBACK_LOCALE = "en-GB"


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale:
    """The Babel locale of a BCP 47 tag ("en-GB"), or the nearest known one: an odd tag must not break a page."""
    parts = tag.replace("_", "-").split("-")
    while parts:
        try:
            return Locale.parse("-".join(parts), sep="-")
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return Locale.parse(FALLBACK_LOCALE, sep="-")


def money(minor: int, currency: str, locale: str) -> str:
    """£12.50, 12,50 €, −¥1,250. The decimals are those of ISO 4217, not those that CLDR thinks customary."""
    known = locale_of(locale)
    decimals = exponent(currency)
    # parse_pattern makes a new object, so the locale's own shared pattern is not changed.
    pattern = parse_pattern(known.currency_formats["standard"].pattern)
    pattern.frac_prec = (decimals, decimals)
    text = pattern.apply(to_decimal(minor, currency), known, currency=currency, currency_digits=False)
    return _true_minus(_LETTER_MEETS_DIGIT.sub("\u00a0", text))


def number(value: int | Decimal, locale: str) -> str:
    return _true_minus(format_decimal(value, locale=locale_of(locale)))


def percent(ratio: Decimal | float, locale: str, decimals: int = 1) -> str:
    """0.0834 is 8.3%."""
    pattern = parse_pattern(locale_of(locale).percent_formats[None].pattern)
    pattern.frac_prec = (decimals, decimals)
    return _true_minus(format_percent(ratio, format=pattern, locale=locale_of(locale)))


def day(value: date, locale: str, style: str = "medium") -> str:
    """A calendar day that already is the reader's: 21 Nov 2026."""
    return format_date(value, format=style, locale=locale_of(locale))


def moment(at: datetime, time_zone: str, locale: str, style: str = "medium") -> str:
    """An instant as date and time in the reader's zone."""
    return format_datetime(at, format=style, tzinfo=ZoneInfo(time_zone), locale=locale_of(locale))


def time_of_day(at: datetime | time, time_zone: str, locale: str) -> str:
    """The clock time of an instant in the reader's zone: 14:05 or 2:05 PM."""
    return format_time(at, format="short", tzinfo=ZoneInfo(time_zone), locale=locale_of(locale))


def _true_minus(text: str) -> str:
    return text.replace("-", MINUS)
