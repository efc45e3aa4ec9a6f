"""Facts follow the orders: each is computed from its order as a whole, whatever event asked for it."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from core import clock, money
from merchants.models import Merchant
from metrics.models import OrderFact, PostPurchaseEntry
from metrics.rules import OrderFigures, convert_minor, local_date, order_figures
from metrics.selectors.orders import order_states
from metrics.services.days import days_mark
from orders.models import Order

Values = dict[str, Any]


def facts_refresh(
    *,
    merchant_id: int,
    order_ids: Collection[uuid.UUID],
    occurred_at: datetime | None = None,
    rezone: bool = False,
) -> int:
    """Bring the facts of up to some hundred orders up to date and mark the days that change; returns how many did.

    The same few statements for one order and for many. `occurred_at`, else an order's last change, dates a change of
    post-purchase revenue in the ledger; history is dated when it was placed. The day of an order stays in the time
    zone of its ingest unless `rezone` asks for the merchant's present one. Raises Order.DoesNotExist.
    """
    with transaction.atomic():
        orders = _lock(merchant_id, order_ids)
        merchant = Merchant.objects.get(id=merchant_id)
        mine = OrderFact.objects.filter(merchant_id=merchant_id, order_id__in=orders.keys())
        facts = {fact.order_id: fact for fact in mine}
        states = order_states(merchant_id, orders.values())
        fresh: dict[uuid.UUID, Values] = {}
        days = set()
        for order_id, order in orders.items():
            fact = facts.get(order_id)
            zone = fact.time_zone if fact and not rezone else merchant.time_zone
            values = _fact_values(order, order_figures(states[order_id]), zone, merchant.currency)
            if fact and all(getattr(fact, name) == value for name, value in values.items()):
                continue
            fresh[order_id] = values
            days |= {values["local_date"]} | ({fact.local_date} if fact else set())
        if fresh:
            _store(merchant_id, fresh)
            _enter_changes(merchant_id, [orders[order_id] for order_id in fresh], fresh, occurred_at)
            days_mark(merchant_id=merchant_id, days=days)
    return len(fresh)


def _lock(merchant_id: int, order_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Order]:
    """Two refreshes of one order take turns, so the later reader is also the later writer.

    In the order in which ingest locks them, so that a batch of either waits for the other and never in a circle.
    """
    wanted = set(order_ids)
    locked = Order.objects.select_for_update(no_key=True).filter(merchant_id=merchant_id, id__in=wanted)
    orders = {order.id: order for order in locked.order_by("source", "external_id")}
    if len(orders) != len(wanted):
        raise Order.DoesNotExist(f"{len(wanted) - len(orders)} of the orders are not this merchant's.")
    return orders


def _store(merchant_id: int, fresh: dict[uuid.UUID, Values]) -> None:
    at = clock.now()
    columns = next(iter(fresh.values())).keys()
    OrderFact.objects.bulk_create(
        [
            OrderFact(merchant_id=merchant_id, order_id=order_id, **values, refreshed_at=at)
            for order_id, values in fresh.items()
        ],
        update_conflicts=True,
        unique_fields=["order"],
        update_fields=[*columns, "refreshed_at"],
    )


def _fact_values(order: Order, figures: OrderFigures, zone: str, home_currency: str) -> Values:
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


def _enter_changes(
    merchant_id: int, orders: list[Order], fresh: dict[uuid.UUID, Values], occurred_at: datetime | None
) -> None:
    """Enter in the ledger what it lacks. An order that stopped being eligible gives everything back."""
    sums = (
        PostPurchaseEntry.objects.filter(merchant_id=merchant_id, order_id__in=[order.id for order in orders])
        .order_by()
        .values("order_id")
        .annotate(amount=Sum("amount_minor"), home=Sum("home_amount_minor"))
    )
    entered = {row["order_id"]: (row["amount"], row["home"]) for row in sums}
    entries = []
    for order in orders:
        values = fresh[order.id]
        counts = int(values["is_eligible"])
        known, home_known = entered.get(order.id, (0, 0))
        amount = counts * (values["pp_gross_minor"] - values["pp_refunded_minor"]) - known
        home = counts * (values["home_pp_gross_minor"] - values["home_pp_refunded_minor"]) - home_known
        if amount or home:
            at = order.placed_at if order.is_backfill else occurred_at or order.updated_at
            entries.append(
                PostPurchaseEntry(
                    merchant_id=merchant_id,
                    order_id=order.id,
                    occurred_at=at,
                    currency=values["currency"],
                    amount_minor=amount,
                    home_amount_minor=home,
                )
            )
    PostPurchaseEntry.objects.bulk_create(entries)
