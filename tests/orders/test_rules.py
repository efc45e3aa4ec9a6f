from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules import SHORTEST_WINDOW, LineAmounts, WindowPolicy, order_totals, window_closes_at

PORTLAND = ZoneInfo("America/Los_Angeles")


def policy(hours=3, *, zone=PORTLAND, cut_offs=(), blackout=()):
    return WindowPolicy(timedelta(hours=hours), zone, tuple(cut_offs), frozenset(blackout))


def local(*args, zone=PORTLAND):
    return datetime(*args, tzinfo=zone)


def test_a_window_is_as_long_as_the_merchant_says():
    assert window_closes_at(local(2026, 6, 16, 12, 42), policy(3)) == local(2026, 6, 16, 15, 42)


def test_it_closes_early_at_the_cut_off():
    assert window_closes_at(local(2026, 6, 16, 12, 42), policy(8, cut_offs=[time(15)])) == local(2026, 6, 16, 15)


def test_a_cut_off_within_the_first_hour_is_the_next_waves():
    assert window_closes_at(local(2026, 6, 16, 14, 30), policy(8, cut_offs=[time(15)])) == local(2026, 6, 16, 22, 30)


def test_time_stands_still_on_a_blackout_day():
    saturday_evening = local(2026, 6, 20, 23)
    assert window_closes_at(saturday_evening, policy(3, blackout=[6])) == local(2026, 6, 22, 2)


def test_cut_offs_do_not_count_on_a_blackout_day():
    saturday_evening = local(2026, 6, 20, 20)
    closes_at = window_closes_at(saturday_evening, policy(24, cut_offs=[time(15)], blackout=[6]))
    assert closes_at == local(2026, 6, 22, 15)


def test_a_cut_off_at_the_midnight_behind_days_off_is_the_midnight_before_them():
    friday_evening = local(2026, 6, 19, 20)
    closes_at = window_closes_at(friday_evening, policy(12, cut_offs=[time(0)], blackout=[5, 6]))
    assert closes_at == local(2026, 6, 20)


@pytest.mark.parametrize(
    ("opened", "expected_hours"),
    [(local(2026, 3, 7, 23), 24), (local(2026, 10, 31, 23), 24)],
    ids=["clocks go forward", "clocks go back"],
)
def test_lengths_are_real_time_across_clock_changes(opened, expected_hours):
    closes_at = window_closes_at(opened, policy(24))
    assert closes_at - opened.astimezone(UTC) == timedelta(hours=expected_hours)


zones = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kolkata")]
)
policies = st.builds(
    WindowPolicy,
    length=st.integers(60, 1440).map(lambda minutes: timedelta(minutes=minutes)),
    zone=zones,
    cut_offs=st.lists(st.times(), max_size=3).map(tuple),
    blackout_weekdays=st.frozensets(st.integers(0, 6), max_size=6),
)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(opened_at=instants, policy=policies)
def test_a_window_is_open_for_at_least_an_hour_and_no_longer_than_asked(opened_at, policy):
    closes_at = window_closes_at(opened_at, policy)
    assert closes_at >= opened_at + SHORTEST_WINDOW
    if not policy.blackout_weekdays:
        assert closes_at <= opened_at + policy.length
    latest = closes_at - timedelta(microseconds=1)
    assert latest.astimezone(policy.zone).weekday() not in policy.blackout_weekdays


amounts = st.builds(
    lambda quantity, price, discount, tax: LineAmounts(quantity, price, min(discount, quantity * price), tax),
    st.integers(1, 50),
    st.integers(0, 100_000),
    st.integers(0, 50_000),
    st.integers(0, 50_000),
)


@given(st.lists(amounts, min_size=1, max_size=20), st.integers(0, 5000), st.integers(0, 500), st.booleans())
def test_the_parts_of_an_order_add_up(lines, shipping, shipping_tax, inclusive):
    totals = order_totals(lines, shipping_minor=shipping, shipping_tax_minor=shipping_tax, tax_inclusive=inclusive)
    line_sum = sum(line.total_minor(tax_inclusive=inclusive) for line in lines)
    assert totals.total_minor == line_sum + shipping + (0 if inclusive else shipping_tax)
    tax_on_top = 0 if inclusive else totals.tax_minor
    assert totals.total_minor == totals.items_minor - totals.discount_minor + shipping + tax_on_top
