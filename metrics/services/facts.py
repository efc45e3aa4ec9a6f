"""Facts follow the orders: each is computed from its order as a whole, whatever event asked for it."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from core import clock, money
from merchants.models import Merchant
from metrics.models import OrderFact, PostPurchaseEntry
from metrics.rules import OrderFigures, convert_minor, local_date, order_figures
from metrics.selectors.orders import order_state
from metrics.services.days import days_mark
from orders.models import Order


def fact_refresh(
    *, merchant_id: int, order_id: uuid.UUID, occurred_at: datetime | None = None, rezone: bool = False
) -> bool:
    """Bring the fact of one order up to date and mark the days that change. Returns whether anything changed.

    `occurred_at`, else the order's last change, dates a change of post-purchase revenue in the ledger. The day of the
    order stays in the time zone of its ingest unless `rezone` asks for the merchant's present one.
    """
    at = clock.now()
    with transaction.atomic():
        # Two refreshes of one order take turns, so the later reader is also the later writer.
        order = Order.objects.select_for_update(no_key=True).filter(merchant_id=merchant_id).get(id=order_id)
        merchant = Merchant.objects.get(id=merchant_id)
        fact = OrderFact.objects.filter(merchant_id=merchant_id, order_id=order_id).first()
        zone = fact.time_zone if fact and not rezone else merchant.time_zone
        values = _fact_values(order, order_figures(order_state(order)), zone, merchant.currency)
        if fact and all(getattr(fact, name) == value for name, value in values.items()):
            return False
        days = {values["local_date"]} | ({fact.local_date} if fact else set())
        OrderFact.objects.update_or_create(
            merchant_id=merchant_id, order_id=order_id, defaults={**values, "refreshed_at": at}
        )
        _enter_change(merchant_id, order_id, values, occurred_at or order.updated_at)
        days_mark(merchant_id=merchant_id, days=days)
    return True


def _fact_values(order: Order, figures: OrderFigures, zone: str, home_currency: str) -> dict[str, Any]:
    exponents = money.exponent(order.currency), money.exponent(home_currency)

    def home(minor: int) -> int:
        return convert_minor(minor, order.fx_rate, *exponents)

    return {
        "placed_at": order.placed_at,
        "local_date": local_date(order.placed_at, zone),
        "time_zone": zone,
        "currency": order.currency,
        "channel": order.sales_channel,
        "is_eligible": figures.is_eligible,
        "is_engaged": figures.is_engaged,
        "is_window_engaged": figures.is_window_engaged,
        "is_self_served": figures.is_self_served,
        "original_minor": figures.original_minor,
        "pp_gross_minor": figures.pp_gross_minor,
        "pp_refunded_minor": figures.pp_refunded_minor,
        "home_original_minor": home(figures.original_minor),
        "home_pp_gross_minor": home(figures.pp_gross_minor),
        "home_pp_refunded_minor": home(figures.pp_refunded_minor),
    }


def _enter_change(merchant_id: int, order_id: uuid.UUID, values: dict[str, Any], at: datetime) -> None:
    """Enter in the ledger what it lacks. An order that stopped being eligible gives everything back."""
    entered = PostPurchaseEntry.objects.filter(merchant_id=merchant_id, order_id=order_id).aggregate(
        amount=Sum("amount_minor", default=0), home=Sum("home_amount_minor", default=0)
    )
    counts = int(values["is_eligible"])
    amount = counts * (values["pp_gross_minor"] - values["pp_refunded_minor"]) - entered["amount"]
    home = counts * (values["home_pp_gross_minor"] - values["home_pp_refunded_minor"]) - entered["home"]
    if amount or home:
        PostPurchaseEntry.objects.create(
            merchant_id=merchant_id,
            order_id=order_id,
            occurred_at=at,
            currency=values["currency"],
            amount_minor=amount,
            home_amount_minor=home,
        )
