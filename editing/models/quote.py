"""What a change costs, promised for a few minutes. Never changed once written."""

from django.db import models

from core.clock import now
from core.models import TenantModel
from editing.models.session import EditSession


class Quote(TenantModel):
    session = models.ForeignKey(EditSession, on_delete=models.PROTECT, related_name="quotes")
    hash = models.CharField(max_length=64)
    order_version = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    lines = models.JSONField()
    items_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    due_minor = models.BigIntegerField()
    new_total_minor = models.BigIntegerField()
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "session", "-created_at"], name="editing_quote_latest")]
        constraints = [
            models.CheckConstraint(condition=models.Q(due_minor__gte=0), name="editing_quote_due_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.due_minor} {self.currency}"
