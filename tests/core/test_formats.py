from datetime import UTC, date, datetime

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from core import formats
from core.money import EXPONENTS

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (1250, "GBP", "en-GB", "£12.50"),
        (-1250, "GBP", "en-GB", "−£12.50"),
        (125000, "EUR", "de-DE", f"1.250,00{NBSP}€"),
        (-320, "EUR", "de-DE", f"−3,20{NBSP}€"),
        (1250, "JPY", "en-US", "¥1,250"),
        (12500, "IQD", "en", f"IQD{NBSP}12.500"),
        (0, "USD", "en-US", "$0.00"),
    ],
)
def test_money(minor, currency, locale, text):
    assert formats.money(minor, currency, locale) == text


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(sorted(EXPONENTS)),
    st.sampled_from(["en-GB", "de-DE", "nl-NL", "ja-JP"]),
)
def test_money_never_shows_a_hyphen_for_a_minus(minor, currency, locale):
    text = formats.money(minor, currency, locale)
    assert "-" not in text
    assert (formats.MINUS in text) == (minor < 0)


def test_the_table_is_needed_because_cldr_is_not_iso():
    assert get_currency_precision("IQD") != EXPONENTS["IQD"]


@pytest.mark.parametrize("tag", ["xx-YY", "", "en_GB", "../../etc", "en-GB-oxendict-x-y"])
def test_an_odd_locale_still_formats(tag):
    assert formats.money(100, "GBP", tag) == "£1.00"


def test_a_known_language_in_an_unknown_region_keeps_the_language():
    assert formats.locale_of("de-ZZ").language == "de"


def test_times_are_those_of_the_reader():
    at = datetime(2026, 11, 21, 23, 5, tzinfo=UTC)
    assert formats.moment(at, "Europe/Berlin", "de-DE", "short") == "22.11.26, 00:05"
    assert formats.time_of_day(at, "America/New_York", "en-GB") == "18:05"
    assert formats.day(date(2026, 11, 21), "en-GB") == "21 Nov 2026"


def test_numbers():
    assert formats.number(-12345, "en-GB") == "−12,345"
    assert formats.percent(0.0834, "en-GB") == "8.3%"
    assert formats.percent(-0.5, "de-DE", decimals=0) == f"−50{NBSP}%"
