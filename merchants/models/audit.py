"""Who changed what, before and after. Ids and settings only, no personal data. Append-only."""

from django.db import models

from core.clock import now
from core.models import TenantModel


class AuditEntry(TenantModel):
    class Actor(models.TextChoices):
        USER = "user", "Staff"
        API_KEY = "api_key", "API key"
        SHOPPER = "shopper", "Shopper"
        SYSTEM = "system", "System"

    actor_type = models.CharField(max_length=8, choices=Actor)
    actor_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["merchant", "-at"], name="merchants_audit_at"),
            models.Index(fields=["merchant", "actor_type", "-at"], name="merchants_audit_kind"),
            models.Index(fields=["merchant", "actor_id", "-at"], name="merchants_audit_actor"),
            models.Index(fields=["merchant", "object_id", "object_type", "-at"], name="merchants_audit_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
