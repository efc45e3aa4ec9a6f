"""What the metrics need to know of orders."""

import uuid
from collections import defaultdict
from collections.abc import Collection

from metrics.rules import LineState, OrderState
from orders.models import Order, OrderLine, OrderRevision, OrderTender

SHOPPER = "shopper"


def order_states(merchant_id: int, orders: Collection[Order]) -> dict[uuid.UUID, OrderState]:
    """The orders as they stand now, with those of their lines that were added after checkout.

    A gift card counts as redeemed on an order when its tender names the redemption: a shop's own vouchers do not.
    """
    mine = {"merchant_id": merchant_id, "order_id__in": [order.id for order in orders]}
    added = defaultdict(list)
    for line in OrderLine.objects.filter(**mine, origin=OrderLine.Origin.EDIT):
        added[line.order_id].append(line)
    bought_more = {line.edit_id for lines in added.values() for line in lines}
    edits = OrderRevision.objects.filter(**mine, edit_id__isnull=False, actor_type=SHOPPER).order_by()
    self_served = {order_id for order_id, edit in edits.values_list("order_id", "edit_id") if edit not in bought_more}
    cards = OrderTender.objects.filter(**mine, kind=OrderTender.Kind.GIFT_CARD, captured_minor__gt=0)
    redeemed = set(cards.exclude(redemption_ref="").order_by().values_list("order_id", flat=True))
    return {
        order.id: OrderState(
            lines=tuple(map(_line_state, added[order.id])),
            original_minor=order.checkout_net_minor,
            is_paid=order.is_paid,
            is_test=order.is_test,
            is_cancelled=order.status == Order.Status.CANCELLED,
            has_redeemed_card=order.id in redeemed,
            is_self_served=order.id in self_served,
        )
        for order in orders
    }


def _line_state(line: OrderLine) -> LineState:
    return LineState(
        is_added=line.origin == OrderLine.Origin.EDIT,
        total_minor=line.total_minor,
        tax_minor=line.tax_minor,
        refunded_minor=line.refunded_minor,
    )
