"""Charts and strips as arithmetic: zero is on the axis, steps are round, markers stand in their band."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.admin.charts import HEIGHT, WIDTH, axis, band_position, line_chart

AMOUNTS = st.lists(st.integers(-(10**9), 10**9), max_size=60)


@given(AMOUNTS)
def test_every_value_and_zero_stand_within_the_axis(values):
    low, high = axis(values)
    assert low <= min([0, *values])
    assert high >= max([0, *values])
    assert low == 0 or low == -high


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([], (0, 4)),
        ([0], (0, 4)),
        ([7], (0, 8)),
        ([100], (0, 100)),
        ([101], (0, 120)),
        ([9_990], (0, 10_000)),
        ([2200], (0, 2400)),
        ([-50, 20], (-50, 50)),
    ],
)
def test_steps_are_round(values, ends):
    assert axis(values) == ends


@given(AMOUNTS.filter(bool), AMOUNTS)
def test_points_stay_within_the_box(values, compare):
    chart = line_chart(values, compare, [str(n) for n in range(len(values))], str)
    for points in (chart.line, chart.compare):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH + 0.1
            assert -0.1 <= y <= HEIGHT + 0.1
    assert len(chart.line.split()) == len(values)
    assert len(chart.ticks) == len(chart.grid) == 5
    assert len(chart.labels) <= 7


@given(st.floats(0, 500))
def test_a_marker_stands_in_its_band(value):
    cuts = (1.0, 4.0, 5.0)
    band = sum(value >= cut for cut in cuts)
    assert band / 4 <= band_position(value, cuts) <= (band + 1) / 4


def test_markers_at_the_edges():
    assert band_position(0, (1, 4, 5)) == 0
    assert band_position(2.5, (1, 4, 5)) == 0.375
    assert band_position(5, (1, 4, 5)) == 0.75
    assert band_position(1000, (1, 4, 5)) == 1
