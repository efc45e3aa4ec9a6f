"""A signed link: a bearer secret that opens one order. Only its hash is kept."""

from django.db import models

from core.clock import now
from core.models import TenantModel


class PortalLink(TenantModel):
    class Purpose(models.TextChoices):
        ORDER = "order", "Order page"

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="portal_links")
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.ORDER)
    token_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "token_hash"], name="portal_portallink_token"),
        ]
        indexes = [
            models.Index(fields=["merchant", "order", "-created_at"], name="portal_link_of_order"),
            models.Index(fields=["expires_at"], name="portal_link_expiry"),
        ]

    def __str__(self) -> str:
        return f"Link to {self.order_id}"
