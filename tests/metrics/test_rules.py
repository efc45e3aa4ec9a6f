"""The metric rules: the worked example D1, scenarios 4 to 10, and properties that hold for any shop."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import rules
from metrics.rules import Band, LineState, Metric, OrderState, Sums


def placed(value: int, *added: tuple[int, int], cancelled: bool = False, self_served: bool = False) -> Sums:
    """One order of whole dollars: its value at checkout and its add-ons as (value, refunded)."""
    lines = tuple(LineState(True, worth * 100, 0, back * 100) for worth, back in added)
    state = OrderState(lines, value * 100, is_paid=True, is_cancelled=cancelled, is_self_served=self_served)
    return rules.order_figures(state).sums()


D1 = rules.total(
    [
        placed(50),
        placed(60, (15, 0)),
        placed(70),
        placed(80),
        placed(40),
        placed(100, (25, 10)),
        placed(75),
        placed(75),
        placed(25, self_served=True),
        placed(50, cancelled=True),
    ]
)


@st.composite
def order_states(draw):
    def line(is_added: bool) -> st.SearchStrategy[LineState]:
        @st.composite
        def build(inner):
            total = inner(st.integers(0, 100_000))
            tax = inner(st.integers(0, total // 3))
            return LineState(is_added, total, tax, inner(st.integers(0, total)))

        return build()

    added = draw(st.lists(line(True), max_size=3))
    bought = draw(st.lists(line(False), max_size=3))
    return OrderState(
        lines=tuple(bought + added),
        original_minor=draw(st.integers(0, 1_000_000)),
        is_paid=draw(st.booleans()),
        is_test=draw(st.booleans()),
        is_cancelled=draw(st.booleans()),
        has_redeemed_card=draw(st.booleans()),
        is_self_served=draw(st.booleans()),
    )


slices = st.lists(order_states(), max_size=12).map(lambda states: [rules.order_figures(s).sums() for s in states])


def test_s04_d1_ppcr():
    assert rules.ppcr(D1) == Fraction(2, 9)
    assert rules.percent(rules.ppcr(D1)) == Decimal("22.22")


def test_s05_d1_ppov_and_uplift():
    assert rules.ppov_all(D1) == Fraction(30, 575)
    assert rules.percent(rules.ppov_all(D1), 3) == Decimal("5.217")
    assert rules.percent(rules.ppov_engaged(D1), 3) == Decimal("23.478")
    assert rules.percent(rules.modified_order_uplift(D1)) == Decimal("18.75")
    assert rules.percent(rules.ratio(D1.pp_gross_minor, D1.original_minor), 3) == Decimal("6.957")


def test_d1_address_edit_is_self_service_and_not_an_engagement():
    assert rules.self_service_rate(D1) == Fraction(1, 9)
    assert D1.engaged_orders == 2


@given(slices)
def test_s06_ppov_all_is_ppcr_window_times_ppov_engaged(parts):
    whole = rules.total(parts)
    window, engaged = rules.ppcr_window(whole), rules.ppov_engaged(whole)
    if engaged is None:
        assert rules.ppov_all(whole) in (None, 0)
    else:
        assert window is not None
        assert rules.ppov_all(whole) == window * engaged


def test_s07_three_accepted_offers_engage_once_and_sum():
    sums = placed(60, (15, 0), (20, 0), (5, 1))
    assert (sums.engaged_orders, sums.window_engaged_orders) == (1, 1)
    assert sums.pp_net_minor == 3900


def test_s08_no_orders_is_null_everywhere():
    assert all(r.value is None and r.band is None and r.n == 0 for r in rules.readings(Sums(), Sums()).values())
    assert rules.aov_minor(Sums()) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.99", "below"), ("2", "average"), ("3.5", "average"), ("4.5", "good"), ("5", "excellent"), ("8", "excellent")],
)
def test_s09_ppcr_bands(value, expected):
    assert rules.band(Metric.PPCR, Fraction(value) / 100) == expected


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        (Metric.PPOV_ENGAGED, "17.5", "average"),
        (Metric.PPOV_ENGAGED, "22", "average"),
        (Metric.PPOV_ENGAGED, "30", "good"),
        (Metric.PPOV_ENGAGED, "37", "good"),
        (Metric.PPOV_ENGAGED, "40", "excellent"),
        (Metric.FLYWHEEL_VELOCITY, "25", "good"),
        (Metric.VALUE_LOOP_REDEMPTION, "39.99", "below"),
        (Metric.VALUE_LOOP_REDEMPTION, "70", "good"),
        (Metric.VALUE_LOOP_REDEMPTION, "75", "excellent"),
    ],
)
def test_s10_other_bands(metric, value, expected):
    assert rules.band(metric, Fraction(value) / 100) == expected


@given(st.sampled_from(sorted(rules.CUTS)), st.fractions(0, 1), st.fractions(0, 1))
def test_bands_never_fall_as_the_value_rises(metric, one, other):
    low, high = sorted((one, other))
    order: list[Band | None] = list(Band)
    assert order.index(rules.band(metric, low)) <= order.index(rules.band(metric, high))


@pytest.mark.parametrize("metric", sorted(rules.CUTS))
def test_bands_begin_exactly_at_their_cut(metric):
    order = list(Band)
    for position, cut in enumerate(rules.CUTS[metric]):
        assert rules.band(metric, Fraction(cut, 100)) == order[position + 1]
        assert rules.band(metric, Fraction(cut, 100) - Fraction(1, 10**12)) == order[position]


def test_formula_metrics_have_no_band():
    assert rules.band(Metric.PPOV_ALL, Fraction(1)) is None


@given(slices, st.integers(0, 12))
def test_sums_add_up_however_a_period_is_cut(parts, at):
    assert rules.total(parts[:at]) + rules.total(parts[at:]) == rules.total(parts)


@given(order_states())
def test_only_eligible_orders_count(state):
    figures = rules.order_figures(state)
    eligible = state.is_paid and not state.is_test and not state.is_cancelled
    assert figures.is_eligible == eligible
    assert (figures.sums() == Sums()) == (not eligible)


@given(order_states())
def test_revenue_after_refunds_stays_between_zero_and_gross(state):
    sums = rules.order_figures(state).sums()
    assert 0 <= sums.pp_net_minor <= sums.pp_gross_minor
    assert sums.window_engaged_orders <= sums.engaged_orders <= sums.orders
    if not sums.window_engaged_orders:
        assert sums.pp_gross_minor == sums.engaged_original_minor == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_full_refund_takes_back_exactly_the_net_value(net, tax):
    line = LineState(True, net + tax, tax, net + tax)
    assert line.net_refunded_minor == line.net_minor


def test_tax_stays_out_of_revenue_and_of_its_refund():
    line = LineState(True, total_minor=1200, tax_minor=200, refunded_minor=600)
    assert (line.net_minor, line.net_refunded_minor) == (1000, 500)


def test_a_redeemed_card_engages_without_the_window():
    sums = rules.order_figures(OrderState((), 5000, is_paid=True, has_redeemed_card=True)).sums()
    assert (sums.engaged_orders, sums.window_engaged_orders, sums.engaged_original_minor) == (1, 0, 0)


def test_a_refunded_add_on_stays_an_engagement():
    sums = placed(60, (15, 15))
    assert sums.window_engaged_orders == 1
    assert rules.ppov_engaged(sums) == 0


# Time


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2025-03-09T04:30:00+00:00", "2025-03-08"),
        ("2025-03-09T05:00:00+00:00", "2025-03-09"),
        ("2025-11-02T05:30:00+00:00", "2025-11-02"),
        ("2025-11-03T04:59:59+00:00", "2025-11-02"),
        ("2025-11-03T05:00:00+00:00", "2025-11-03"),
    ],
)
def test_s32_new_york_days(instant, day):
    assert rules.local_date(dt.datetime.fromisoformat(instant), "America/New_York").isoformat() == day


@pytest.mark.parametrize(("day", "hours"), [(dt.date(2025, 3, 9), 23), (dt.date(2025, 11, 2), 25)])
def test_s32_days_of_the_clock_change_have_their_own_length(day, hours):
    noon = dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
    instants = [noon + dt.timedelta(minutes=30 * i) for i in range(-48, 49)]
    inside = [at for at in instants if rules.local_date(at, "America/New_York") == day]
    assert len(inside) == 2 * hours


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 800))
def test_the_period_before_is_as_long_and_touches(first, extra):
    period = rules.Period(first, first + dt.timedelta(days=extra))
    before = period.before()
    assert before.length == period.length == len(period.days()) == extra + 1
    assert before.last + dt.timedelta(days=1) == period.first


def test_a_period_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="ends before"):
        rules.Period(dt.date(2026, 2, 1), dt.date(2026, 1, 31))


# Currencies and rounding


def test_s34_refund_at_the_rate_of_the_order():
    sold = rules.convert_minor(10000, Decimal("1.10"), 2, 2)
    refunded = rules.convert_minor(2000, Decimal("1.10"), 2, 2)
    assert sold - refunded == 8800
    assert rules.convert_minor(6250, Decimal("0.0067"), 0, 2) == 4188


@given(st.integers(-(10**12), 10**12), st.sampled_from([0, 2, 3]))
def test_conversion_at_par_changes_nothing(minor, exponent):
    assert rules.convert_minor(minor, Decimal(1), exponent, exponent) == minor


@given(st.fractions())
def test_rounding_is_off_by_half_at_most_and_symmetric(value):
    assert abs(rules.round_half_up(value) - value) <= Fraction(1, 2)
    assert rules.round_half_up(-value) == -rules.round_half_up(value)


def test_display_rounds_halves_up():
    assert rules.percent(Fraction(12345, 10_000_00), 2) == Decimal("1.23")
    assert rules.percent(Fraction(1235, 100_000), 2) == Decimal("1.24")
    assert rules.rounded(Fraction(1, 8), 2) == Decimal("0.13")
    assert rules.percent(None) is None


def test_change_is_in_points_for_rates_and_relative_for_amounts():
    reading = rules.readings(D1, placed(60, (15, 0)) + placed(40))[Metric.PPCR]
    assert reading.change == Fraction(2, 9) - Fraction(1, 2)
    assert rules.relative_change(30, 20) == Fraction(1, 2)
    assert rules.relative_change(30, 0) is None


def test_change_against_an_empty_period_is_unknown():
    assert all(reading.change is None for reading in rules.readings(D1, Sums()).values())


def test_readings_say_what_they_rest_on():
    now = rules.readings(D1, Sums())
    assert (now[Metric.PPCR].numerator, now[Metric.PPCR].n, now[Metric.PPCR].cuts) == (2, 9, (1, 4, 5))
    assert now[Metric.PPOV_ENGAGED].n == 2
