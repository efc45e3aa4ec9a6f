"""The roll-up by day, as it stands: the figures under every number of the index page."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest

from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import Column, Context, Panel, add_column, add_panel, register
from core.admin.words import Words, words_of
from metrics.models import MetricDay

PAGE = "metrics.MetricDay"


@register(MetricDay)
class DayAdmin(ObjectPageAdmin[MetricDay]):
    menu_name = "Figures by day"
    ordering = ("-local_date", "currency", "channel", "id")
    list_intro = "Sums by day, currency and channel. Rates are divided only when they are shown."
    list_empty = "No figures yet. They start with the first paid order."

    def object_title(self, obj: MetricDay) -> str:
        return f"{obj.local_date}, {obj.currency}, {obj.channel or 'no channel'}"


def _column(name: str, header: str, show: Callable[[Words, MetricDay], str], rank: int, order_by: str = "") -> None:
    def values(request: HttpRequest, days: Sequence[MetricDay]) -> Mapping[UUID, str]:
        words = words_of(request)
        return {day.pk: show(words, day) for day in days}

    add_column(PAGE, Column(name, header, values, rank=rank, order_by=order_by))


_column("day", "Day", lambda words, day: words.day(day.local_date), 5, "local_date")
_column("currency", "Currency", lambda words, day: day.currency, 10)
_column("channel", "Channel", lambda words, day: day.channel or "–", 20)
_column("orders", "Orders", lambda words, day: words.number(day.orders), 30)
_column("engaged", "Added to", lambda words, day: words.number(day.window_engaged_orders), 40)
_column("total", "Original value", lambda words, day: words.money(day.original_minor, day.currency), 50)
_column("added", "Added", lambda words, day: words.money(day.pp_gross_minor, day.currency), 60)
_column("refunded", "of it refunded", lambda words, day: words.money(day.pp_refunded_minor, day.currency), 70)


def _facts(request: HttpRequest, day: MetricDay) -> Context:
    words = words_of(request)
    return {
        "title": words.day(day.local_date, "full"),
        "facts": [
            ("Orders that count", words.number(day.orders)),
            ("Orders with any post-purchase purchase", words.number(day.engaged_orders)),
            ("Orders that shoppers added to", words.number(day.window_engaged_orders)),
            ("Orders changed without buying more", words.number(day.self_service_orders)),
            ("Original value", words.money(day.original_minor, day.currency)),
            ("Added after checkout", words.money(day.pp_gross_minor, day.currency)),
            ("Refunded of that", words.money(day.pp_refunded_minor, day.currency)),
            ("Computed", words.moment(day.computed_at, "medium")),
        ],
    }


add_panel(PAGE, Panel("facts", "admin/pro/facts.html", _facts))
