"""Orders of the demo shop that can still be changed, by what their saved card does."""

import uuid
from datetime import datetime, timedelta

from devtools.stripe.cards import CARDS
from editing.models import EditSession
from orders.models import EditWindow, OrderTender

ENOUGH_TIME = timedelta(minutes=45)


def open_order_with_card(card: str, now: datetime) -> uuid.UUID | None:
    """The newest order with an open window that nobody has begun to change. Call it in the shop's scope.

    `card` is the name of a test card; an order shows only its last digits.
    """
    return (
        OrderTender.objects.filter(
            provider="stripe",
            last4=CARDS[card].number[-4:],
            order__window__state=EditWindow.State.OPEN,
            order__window__closes_at__gt=now + ENOUGH_TIME,
        )
        .exclude(provider_payment_method="")
        .exclude(order_id__in=EditSession.objects.values("order_id"))
        .order_by("-order__placed_at")
        .values_list("order_id", flat=True)
        .first()
    )
