"""Charts as SVG geometry: at most two lines over one zero baseline. Words and figures stand beside them in HTML."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH = 1000
HEIGHT = 200
_STEPS = 4
# What a step of the axis may begin with, times ten.
_ROUND = (10, 15, 20, 25, 30, 40, 50, 60, 80, 100)


@dataclass(frozen=True, slots=True)
class LineChart:
    """Coordinates in a box of WIDTH × HEIGHT that the page stretches. `ticks` go from the top down to the baseline."""

    line: str
    area: str
    compare: str
    ticks: tuple[str, ...]
    grid: tuple[int, ...]
    labels: tuple[str, ...]


def line_chart(
    values: Sequence[int], compare: Sequence[int], labels: Sequence[str], tick: Callable[[int], str]
) -> LineChart:
    """`values` as a filled line, `compare` dashed behind it, the axis from zero or below to a round figure above."""
    low, high = axis([*values, *compare])
    baseline = _y(0, low, high)
    points = _points(values, low, high)
    return LineChart(
        line=points,
        area=f"0,{baseline:.1f} {points} {WIDTH},{baseline:.1f}",
        compare=_points(compare, low, high),
        ticks=tuple(tick(high - (high - low) * step // _STEPS) for step in range(_STEPS + 1)),
        grid=tuple(HEIGHT * step // _STEPS for step in range(_STEPS + 1)),
        labels=_spread(labels),
    )


def axis(values: Sequence[int]) -> tuple[int, int]:
    """The ends of the axis: zero is always on it, and each of its four steps is a round figure."""
    top, bottom = max([0, *values]), min([0, *values])
    step = _round_step(max(top, -bottom, 1))
    if bottom == 0:
        return 0, step * _STEPS
    # Refunds can outweigh sales on a day: half of the axis then lies below zero.
    step = _round_step(max(top, -bottom) * 2)
    return -2 * step, 2 * step


def _round_step(top: int) -> int:
    need = -(-top // _STEPS)
    scale: int = 10 ** max(0, len(str(need)) - 1)
    for factor in _ROUND:
        if factor * scale // 10 >= need and (factor * scale) % 10 == 0:
            return factor * scale // 10
    return need


def _y(value: int, low: int, high: int) -> float:
    return HEIGHT * (high - value) / (high - low)


def _points(values: Sequence[int], low: int, high: int) -> str:
    gap = WIDTH / max(1, len(values) - 1)
    return " ".join(f"{index * gap:.1f},{_y(value, low, high):.1f}" for index, value in enumerate(values))


def _spread(labels: Sequence[str], count: int = 7) -> tuple[str, ...]:
    """The first, the last and evenly spaced ones between."""
    if len(labels) <= count:
        return tuple(labels)
    last = len(labels) - 1
    return tuple(labels[round(index * last / (count - 1))] for index in range(count))


def band_position(value: float, cuts: tuple[float, float, float]) -> float:
    """Where a value stands on a strip of four equally wide bands, 0 to 1."""
    edges = (0.0, *cuts, cuts[-1] * 2)
    for index in range(4):
        low, high = edges[index], edges[index + 1]
        if value < high:
            return (index + max(0.0, value - low) / (high - low)) / 4
    return 1.0
