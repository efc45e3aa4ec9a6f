"""What the metrics need to know of one order."""

from metrics.rules import LineState, OrderState
from orders.models import Order, OrderLine, OrderRevision, OrderTender

SHOPPER = "shopper"


def order_state(order: Order) -> OrderState:
    """The order as it stands now.

    A gift card counts as redeemed on the order when its tender names the redemption: a shop's own vouchers do not.
    """
    mine = {"merchant_id": order.merchant_id, "order_id": order.id}
    lines = list(OrderLine.objects.filter(**mine))
    bought_more = {line.edit_id for line in lines if line.edit_id is not None}
    edits = OrderRevision.objects.filter(**mine, edit_id__isnull=False, actor_type=SHOPPER)
    cards = OrderTender.objects.filter(**mine, kind=OrderTender.Kind.GIFT_CARD, captured_minor__gt=0)
    return OrderState(
        lines=tuple(
            LineState(
                is_added=line.origin == OrderLine.Origin.EDIT,
                total_minor=line.total_minor,
                tax_minor=line.tax_minor,
                refunded_minor=line.refunded_minor,
            )
            for line in lines
        ),
        original_minor=order.checkout_net_minor,
        is_paid=order.is_paid,
        is_test=order.is_test,
        is_cancelled=order.status == Order.Status.CANCELLED,
        has_redeemed_card=cards.exclude(redemption_ref="").exists(),
        is_self_served=any(edit not in bought_more for edit in edits.values_list("edit_id", flat=True)),
    )
