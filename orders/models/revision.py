"""What an order was after each change. Immutable; ids and amounts only, no personal data."""

from django.db import models

from core.clock import now
from orders.models.order import Order
from orders.models.part import OrderPart


class OrderRevision(OrderPart):
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="revisions", db_constraint=False, db_index=False
    )
    version = models.PositiveIntegerField()
    reason = models.CharField(max_length=32, help_text="ingested, updated, edited, cancelled …")
    actor_type = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=64, blank=True)
    edit_id = models.UUIDField(null=True, blank=True)
    total_minor = models.BigIntegerField()
    snapshot = models.JSONField()
    created_at = models.DateTimeField(default=now)

    class Meta(OrderPart.Meta):
        ordering = ["-version"]
        indexes = [
            models.Index(
                fields=["merchant", "-created_at"],
                condition=models.Q(edit_id__isnull=False),
                name="orders_orderrevision_edits",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "order", "version"], name="orders_orderrevision_version"),
            models.UniqueConstraint(
                fields=["merchant", "edit_id"],
                condition=models.Q(edit_id__isnull=False),
                name="orders_orderrevision_once_per_edit",
            ),
        ]

    def __str__(self) -> str:
        return f"Revision {self.version}"
