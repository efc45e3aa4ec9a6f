"""What was given back of an order, refund by refund. Immutable; ids and amounts only."""

from django.db import models
from django.db.models import F, Q

from core.clock import now
from orders.models.order import Order
from orders.models.part import OrderPart


class OrderRefund(OrderPart):
    """One refund. A line's own columns hold at least what its refunds say, or more where the shop tells only sums."""

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="refunds", db_constraint=False, db_index=False
    )
    external_id = models.CharField(max_length=128)
    refunded_at = models.DateTimeField()
    amount_minor = models.PositiveBigIntegerField(help_text="Of lines and shipping together.")
    shipping_minor = models.PositiveBigIntegerField(default=0)
    lines = models.JSONField(default=list, help_text="[{line_id, quantity, amount_minor}]")
    created_at = models.DateTimeField(default=now)

    class Meta(OrderPart.Meta):
        ordering = ["refunded_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "order", "external_id"], name="orders_orderrefund_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=F("shipping_minor")), name="orders_orderrefund_shipping_within_amount"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "external_id"], name="orders_orderrefund_external")]

    def __str__(self) -> str:
        return f"Refund {self.external_id}"
