"""Keys with which partners call the API."""

from django.db import models

from core.clock import now
from core.models import TenantModel

SCOPES = {
    "orders:read": "Read orders",
    "orders:write": "Send, cancel and update orders; make portal links",
    "catalogue:read": "Read products",
    "catalogue:write": "Send products",
    "customers:read": "Read customers",
    "customers:write": "Send customers",
    "customers:erase": "Erase customers",
    "metrics:read": "Read numbers",
}


class ApiKey(TenantModel):
    """A bearer key. The secret is shown once; its hash stays."""

    class Kind(models.TextChoices):
        SECRET = "secret", "Secret"
        PUBLISHABLE = "publishable", "Publishable"

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=11, choices=Kind, default=Kind.SECRET)
    prefix = models.CharField(max_length=16, help_text="The first characters, to tell keys apart.")
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None
