"""What happened today, straight from facts, ledger and revisions."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum

from core import clock
from merchants.models import Merchant
from metrics.models import OrderFact, PostPurchaseEntry
from metrics.rules import local_date
from orders.models import OrderRevision


@dataclass(frozen=True, slots=True)
class Today:
    """Counters of the merchant's day so far; money in the merchant's currency."""

    day: date
    orders: int
    orders_week_before: int
    added_minor: int
    added_orders: int
    edits: int


def today_counters(*, merchant_id: int) -> Today:
    merchant = Merchant.objects.get(id=merchant_id)
    day = local_date(clock.now(), merchant.time_zone)
    starts, ends = day_bounds(day, merchant.time_zone)
    week_before = day - timedelta(days=7)
    placed = OrderFact.objects.filter(
        merchant_id=merchant_id, is_eligible=True, local_date__in=[week_before, day]
    ).aggregate(today=Count("id", filter=Q(local_date=day)), before=Count("id", filter=Q(local_date=week_before)))
    added = PostPurchaseEntry.objects.filter(
        merchant_id=merchant_id, occurred_at__gte=starts, occurred_at__lt=ends
    ).aggregate(
        amount=Sum("home_amount_minor", default=0),
        orders=Count("order_id", filter=Q(home_amount_minor__gt=0), distinct=True),
    )
    edits = OrderRevision.objects.filter(
        merchant_id=merchant_id, edit_id__isnull=False, created_at__gte=starts, created_at__lt=ends
    ).count()
    return Today(day, placed["today"], placed["before"], added["amount"], added["orders"], edits)


def day_bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """The instants at which a local day begins and the next one does: 23 to 25 hours apart."""
    zone = ZoneInfo(time_zone)
    return (
        datetime.combine(day, time.min, tzinfo=zone),
        datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone),
    )
