"""Stock set aside for an edit while its charge is under way."""

from django.db import models

from core.clock import now
from core.models import TenantModel
from orders.models.catalogue import Variant


class StockReservation(TenantModel):
    class State(models.TextChoices):
        HELD = "held", "Held"
        CONSUMED = "consumed", "Taken"
        RELEASED = "released", "Given back"

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    edit_id = models.UUIDField()
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.HELD)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "edit_id", "variant"], name="orders_stockreservation_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="orders_stockreservation_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
