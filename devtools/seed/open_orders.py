"""Orders of the demo shop that can still be changed, by what their saved card does."""

import uuid
from datetime import datetime, timedelta

from devtools.saved_cards import ASKS_BANK, DECLINES, GOOD
from editing.models import EditSession
from orders.models import EditWindow, OrderTender

# The last digits of Stripe's test cards tell them apart (docs.stripe.com/testing).
LAST4 = {GOOD: "4242", DECLINES: "0341", ASKS_BANK: "3184"}
ENOUGH_TIME = timedelta(minutes=45)


def open_order_with_card(card: str, now: datetime) -> uuid.UUID | None:
    """The newest order with an open window that nobody has begun to change. Call it in the shop's scope."""
    return (
        OrderTender.objects.filter(
            provider="stripe",
            last4=LAST4[card],
            order__window__state=EditWindow.State.OPEN,
            order__window__closes_at__gt=now + ENOUGH_TIME,
        )
        .exclude(provider_payment_method="")
        .exclude(order_id__in=EditSession.objects.values("order_id"))
        .order_by("-order__placed_at")
        .values_list("order_id", flat=True)
        .first()
    )
