"""The index page of a merchant's admin: what happens now, what needs a person, the benchmarks, the revenue chart."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, Min
from django.http import HttpRequest

from core import clock
from core.admin import registry
from core.admin.charts import line_chart
from core.admin.site import ScopedAdminSite
from core.admin.words import Words, counted, left_until, words_of
from merchants.middleware import merchant_of
from metrics.rules import Period, local_date
from metrics.selectors import Summary, metric_summary, today_counters
from orders.models import EditWindow
from pro_platform.benchmarks import cards

DAYS = 30


def dashboard(request: HttpRequest, site: ScopedAdminSite) -> dict[str, Any]:
    merchant = merchant_of(request)
    words = words_of(request)
    today = local_date(clock.now(), merchant.time_zone)
    period = Period(today - timedelta(days=DAYS - 1), today)
    summary = metric_summary(merchant_id=merchant.pk, period=period)
    return {
        "title": words.day(today, "full"),
        "as_of": words.time(summary.as_of),
        "zone": merchant.time_zone.rpartition("/")[2].replace("_", " "),
        "now": _now(merchant.pk, merchant.currency, words),
        "todos": _todos(request, site),
        "cards": cards(summary, words),
        "revenue": _revenue(summary, words),
    }


def _todos(request: HttpRequest, site: ScopedAdminSite) -> list[registry.Todo]:
    """What waits for a person, money before everything else."""
    found = (provider(request) for requires, provider in registry.todos() if site.allows(request, *requires))
    return sorted(
        (todo for todo in found if todo is not None), key=lambda todo: ("bad", "warn", "info").index(todo.kind)
    )


def _now(merchant_id: int, currency: str, words: Words) -> list[dict[str, str]]:
    counters = today_counters(merchant_id=merchant_id)
    windows = EditWindow.objects.filter(
        merchant_id=merchant_id, state=EditWindow.State.OPEN, closes_at__gt=clock.now()
    ).aggregate(count=Count("id"), next=Min("closes_at"))
    weekday = words.weekday(counters.day)
    return [
        {
            "label": "Orders today",
            "value": words.number(counters.orders),
            "note": f"{words.number(counters.orders_week_before)} last {weekday}",
        },
        {
            "label": "Open windows",
            "value": words.number(windows["count"]),
            "note": f"Next in {left_until(windows['next'])}" if windows["next"] else "None is open",
        },
        {
            "label": "Added today",
            "value": words.money(counters.added_minor, currency),
            "note": f"on {counted(words.number(counters.added_orders), 'order', 'orders')}",
        },
        {"label": "Edits today", "value": words.number(counters.edits), "note": "made by shoppers"},
    ]


def _revenue(summary: Summary, words: Words) -> dict[str, Any]:
    """Post-purchase revenue a day, beside the same day of the period before; the table has it by week."""
    values = [day.sums.pp_net_minor for day in summary.days]
    before = [day.sums.pp_net_minor for day in summary.previous_days]
    days = [day.day for day in summary.days]
    earned, previous = sum(values), sum(before)
    return {
        "heading": f"{words.money(earned, summary.currency)} earned after checkout",
        "finding": f"{_span(days, words)}, {_growth(summary.pp_revenue_change, words)} the {DAYS} days before "
        f"({words.money(previous, summary.currency)})",
        "is_empty": not any(values) and not any(before),
        "days": DAYS,
        "chart": line_chart(
            values,
            before,
            [words.day_month(day) for day in days],
            lambda minor: words.money_short(minor, summary.currency),
        ),
        "weeks": [
            {
                "name": _span(days[start : start + 7], words),
                "value": words.money(sum(values[start : start + 7]), summary.currency),
                "before": words.money(sum(before[start : start + 7]), summary.currency),
            }
            for start in range(0, len(days), 7)
        ],
    }


def _span(days: list[date], words: Words) -> str:
    first, last = words.day_month(days[0]), words.day_month(days[-1])
    return first if len(days) == 1 else f"{first} – {last}"


def _growth(change: Fraction | None, words: Words) -> str:
    if not change:
        return "compared with" if change is None else "as much as in"
    return f"{words.percent(abs(float(change)))} {'more' if change > 0 else 'less'} than"
