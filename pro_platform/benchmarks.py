"""The metric cards: value, band in words, a strip of four bands, the change, and how it is computed."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from core.admin.charts import band_position
from core.admin.words import Words, counted
from core.money import exponent
from metrics.rules import CUTS, Band, Metric, Reading, round_half_up
from metrics.selectors import Summary

STRIP = 400
_TONE = {Band.BELOW: "warn", Band.AVERAGE: "", Band.GOOD: "ok", Band.EXCELLENT: "ok"}


@dataclass(frozen=True, slots=True)
class Card:
    """A metric card. Without a `value` it says that there is not enough data, never zero."""

    name: str
    value: str | None
    band: str
    tone: str
    marker: int
    cuts: tuple[tuple[str, str, bool], ...]
    change: str
    explanation: str
    formula: str


def cards(summary: Summary, words: Words) -> list[Card]:
    return [_conversion(summary, words), _value(summary, words), _revenue(summary, words)]


def _conversion(summary: Summary, words: Words) -> Card:
    reading = summary.readings[Metric.PPCR]
    return _rate_card(
        reading,
        words,
        name="Post-purchase conversion",
        explanation=f"{words.number(reading.numerator)} of {counted(words.number(reading.n), 'order', 'orders')} had "
        "an add-on, an accepted offer or a redeemed card.",
        formula="PPCR: orders with a post-purchase purchase, divided by paid orders that are neither test orders nor "
        "cancelled.",
    )


def _value(summary: Summary, words: Words) -> Card:
    reading = summary.readings[Metric.PPOV_ENGAGED]
    every = summary.readings[Metric.PPOV_ALL].value
    average = summary.aov_minor
    explanation = ""
    if reading.value is not None and average is not None and every is not None:
        gain = words.money(round_half_up(average * reading.value), summary.currency)
        base = words.money(round_half_up(average), summary.currency)
        explanation = f"{gain} an order on {base} average. All orders: {words.percent(float(every), 2)}."
    return _rate_card(
        reading,
        words,
        name="Order value added",
        explanation=explanation,
        formula="PPOV, engaged: revenue added per order that was added to, net of refunds, without tax and shipping, "
        "divided by the average order value at checkout.",
    )


def _rate_card(reading: Reading, words: Words, *, name: str, explanation: str, formula: str) -> Card:
    return _card(
        name=name,
        value=reading.value,
        shown=None if reading.value is None else words.percent(float(reading.value)),
        band=reading.band,
        cuts=tuple(Fraction(cut, 100) for cut in CUTS[reading.metric]),
        label=lambda cut: f"{float(cut * 100):g}",
        unit="%",
        change=_points(reading.change, words),
        explanation=explanation,
        formula=formula,
    )


def _revenue(summary: Summary, words: Words) -> Card:
    """Money has no published band of its own: its cuts are what these orders earn at the cuts of the two rates."""
    sums = summary.sums
    rates = [
        Fraction(conversion * value, 10_000)
        for conversion, value in zip(CUTS[Metric.PPCR], CUTS[Metric.PPOV_ENGAGED], strict=True)
    ]
    cuts = tuple(_round(sums.original_minor * rate, summary.currency) for rate in rates)
    value = Fraction(sums.pp_net_minor) if sums.original_minor else None
    reached = sum(sums.pp_net_minor >= cut for cut in cuts)
    change = sums.pp_net_minor - summary.previous.pp_net_minor
    return _card(
        name="Revenue after checkout",
        value=value,
        shown=None if value is None else words.money(sums.pp_net_minor, summary.currency),
        band=None if value is None else tuple(Band)[reached],
        cuts=tuple(map(Fraction, cuts)),
        label=lambda cut: words.money_short(int(cut), summary.currency),
        change=_compared(words.signed(change, summary.currency) if change else "") if summary.previous.orders else "",
        explanation=f"From {counted(words.number(sums.window_engaged_orders), 'order', 'orders')} that shoppers added "
        "to, net of refunds.",
        formula="What shoppers added after checkout, net of refunds, without tax and shipping. The bands are what "
        f"these {words.number(sums.orders)} orders would earn at the bands of the two rates on the left.",
    )


def _card(
    *,
    name: str,
    value: Fraction | None,
    shown: str | None,
    band: Band | None,
    cuts: tuple[Fraction, ...],
    label: Callable[[Fraction], str],
    unit: str = "",
    change: str,
    explanation: str,
    formula: str,
) -> Card:
    low, middle, high = cuts
    marker = 0
    if value is not None and high > 0:
        marker = round(STRIP * band_position(float(value), (float(low), float(middle), float(high))))
    edges = [("0", label(low)), (label(low), label(middle)), (label(middle), label(high))]
    ranges = [*(f"{start}–{end}{unit}" for start, end in edges), f"{label(high)}{unit}+"]
    return Card(
        name=name,
        value=shown,
        band=band.title() if band else "",
        tone=_TONE[band] if band else "",
        marker=min(max(marker, 3), STRIP - 3) - 3,
        cuts=tuple((each.title(), range_, each is band) for each, range_ in zip(Band, ranges, strict=True)),
        change=change,
        explanation=explanation,
        formula=formula,
    )


def _points(change: Fraction | None, words: Words) -> str:
    if change is None:
        return ""
    tenths = round_half_up(change * 1000)
    sign = "+" if tenths > 0 else ""
    return _compared(f"{sign}{words.decimal(tenths / 10)} pts" if tenths else "")


def _compared(difference: str) -> str:
    return f"{difference} on the 30 days before" if difference else "The same as in the 30 days before"


def _round(minor: Fraction, currency: str) -> int:
    """A derived cut in whole units of the currency, unless it is a matter of a few of them."""
    whole: int = 10 ** exponent(currency)
    return round_half_up(minor / whole) * whole if minor >= 10 * whole else round_half_up(minor)
