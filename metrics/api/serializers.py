"""The numbers as the API shows them: rates as decimal strings or null, money as decimal strings of its currency."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from rest_framework import serializers

from core.api.serializers import CurrencyField, StrictSerializer, TextField
from core.money import amount_text
from metrics.rules import (
    Band,
    Period,
    Reading,
    Sums,
    percent,
    pp_revenue_per_engaged_order_minor,
    round_half_up,
    rounded,
)
from metrics.selectors import Summary

MAX_DAYS = 731
DEFAULT_DAYS = 30
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
RATE_PLACES = 6


class PeriodQuery(StrictSerializer):
    """Query of every page of numbers. `from` and `to` are days of the merchant's calendar, both included."""

    to = serializers.DateField(required=False, help_text="Last day. Without from and to: the last 30 days.")
    currency = CurrencyField(
        required=False,
        help_text="Only orders in this currency. Without it: all orders, in the merchant's currency.",
    )
    channel = TextField(required=False, allow_blank=True, trim_whitespace=False, max_length=40)

    def get_fields(self) -> dict[str, Any]:
        # `from` cannot be the name of a class attribute.
        first = serializers.DateField(required=False, help_text="First day.")
        return {"from": first, **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs.get("from"), attrs.get("to")
        if (first is None) != (last is None):
            missing = "from" if first is None else "to"
            raise serializers.ValidationError({missing: ["Give both from and to, or neither."]})
        if first is None or last is None:
            return attrs
        if first < EARLIEST or last > LATEST:
            raise serializers.ValidationError({"from": [f"Only days from {EARLIEST} to {LATEST}."]})
        if last < first:
            raise serializers.ValidationError({"to": ["This is before from."]})
        if (last - first).days >= MAX_DAYS:
            raise serializers.ValidationError({"to": [f"At most {MAX_DAYS} days at a time."]})
        return attrs

    def period(self, today: date) -> Period:
        first = self.validated_data.get("from")
        if first is None:
            return Period(today - timedelta(days=DEFAULT_DAYS - 1), today)
        return Period(first, self.validated_data["to"])


def _rate(help_text: str) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=20, decimal_places=RATE_PLACES, allow_null=True, read_only=True, help_text=help_text
    )


def _amount(help_text: str, *, nullable: bool = False) -> serializers.CharField:
    return serializers.CharField(read_only=True, allow_null=nullable, help_text=help_text)


class ReadingOut(serializers.Serializer[Any]):
    value = _rate("Share: 0.222222 is 22.22 %. Null where there is nothing to divide by.")
    percent = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True, read_only=True)
    previous = _rate("The same in the period before.")
    change = _rate("Difference of the two: 0.01 is one percentage point.")
    band = serializers.ChoiceField(choices=[b.value for b in Band], allow_null=True, read_only=True)
    cuts = serializers.ListField(
        child=serializers.IntegerField(),
        allow_null=True,
        read_only=True,
        help_text="Per cent at which average, good and excellent begin.",
    )
    n = serializers.IntegerField(read_only=True, help_text="Orders in the denominator.")


class FiguresOut(serializers.Serializer[Any]):
    orders = serializers.IntegerField(read_only=True, help_text="Paid, not cancelled, no test orders.")
    engaged_orders = serializers.IntegerField(read_only=True, help_text="With an add-on or a redeemed card.")
    window_engaged_orders = serializers.IntegerField(read_only=True, help_text="With an add-on.")
    self_service_orders = serializers.IntegerField(
        read_only=True, help_text="Changed by the shopper without buying more."
    )
    original_revenue = _amount("Goods at checkout after discount, without tax and shipping.")
    pp_revenue = _amount("Add-ons after discount and refunds, without tax and shipping.")
    pp_revenue_gross = _amount("The same before refunds.")


class DayOut(FiguresOut):
    date = serializers.DateField(read_only=True)


class _AboutOut(serializers.Serializer[Any]):
    to = serializers.DateField(read_only=True)
    currency = serializers.CharField(read_only=True)
    channel = serializers.CharField(read_only=True, allow_null=True)
    as_of = serializers.DateTimeField(read_only=True, help_text="Everything before this instant is in the figures.")

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(read_only=True), **super().get_fields()}


class MetricsOut(serializers.Serializer[Any]):
    ppcr = ReadingOut(read_only=True)
    ppcr_window = ReadingOut(read_only=True)
    ppov_all = ReadingOut(read_only=True)
    ppov_engaged = ReadingOut(read_only=True)
    modified_order_uplift = ReadingOut(read_only=True)
    self_service_rate = ReadingOut(read_only=True)


class SummaryOut(_AboutOut):
    n = serializers.IntegerField(read_only=True, help_text="Eligible orders.")
    figures = FiguresOut(read_only=True)
    previous_figures = FiguresOut(read_only=True, help_text="Of the period of equal length just before.")
    aov = _amount("Average value at checkout.", nullable=True)
    pp_revenue_per_engaged_order = _amount("Per order with an add-on.", nullable=True)
    pp_revenue_change = _rate("Growth on the period before: 0.5 is half as much again.")
    metrics = MetricsOut(read_only=True)


class DailyOut(_AboutOut):
    days = DayOut(many=True, read_only=True)


def summary_body(summary: Summary) -> dict[str, Any]:
    return {
        **_about(summary),
        "n": summary.n,
        "figures": _figures(summary.sums, summary.currency),
        "previous_figures": _figures(summary.previous, summary.currency),
        "aov": _average(summary.aov_minor, summary.currency),
        "pp_revenue_per_engaged_order": _average(pp_revenue_per_engaged_order_minor(summary.sums), summary.currency),
        "pp_revenue_change": rounded(summary.pp_revenue_change, RATE_PLACES),
        "metrics": {metric.value: _reading(reading) for metric, reading in summary.readings.items()},
    }


def daily_body(summary: Summary) -> dict[str, Any]:
    days = [{"date": day.day, **_figures(day.sums, summary.currency)} for day in summary.days]
    return {**_about(summary), "days": days}


def _about(summary: Summary) -> dict[str, Any]:
    return {
        "from": summary.period.first,
        "to": summary.period.last,
        "currency": summary.currency,
        "channel": summary.channel,
        "as_of": summary.as_of,
    }


def _figures(sums: Sums, currency: str) -> dict[str, Any]:
    return {
        "orders": sums.orders,
        "engaged_orders": sums.engaged_orders,
        "window_engaged_orders": sums.window_engaged_orders,
        "self_service_orders": sums.self_service_orders,
        "original_revenue": amount_text(sums.original_minor, currency),
        "pp_revenue": amount_text(sums.pp_net_minor, currency),
        "pp_revenue_gross": amount_text(sums.pp_gross_minor, currency),
    }


def _average(minor: Fraction | None, currency: str) -> str | None:
    return None if minor is None else amount_text(round_half_up(minor), currency)


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "value": rounded(reading.value, RATE_PLACES),
        "percent": percent(reading.value),
        "previous": rounded(reading.previous, RATE_PLACES),
        "change": rounded(reading.change, RATE_PLACES),
        "band": reading.band,
        "cuts": reading.cuts,
        "n": reading.n,
    }
