"""What was answered under an Idempotency-Key."""

from django.db import models

from core.clock import now
from core.crypto import EncryptedTextField
from core.models.base import TenantModel


class IdempotencyRecord(TenantModel):
    """Claimed before the work, completed after it. A claim whose lease has ended belongs to a dead process."""

    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    lease_token = models.UUIDField()
    lease_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=64, blank=True)
    # Answers may hold personal data or a link that acts as a key.
    body = EncryptedTextField(blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="core_idempotencyrecord_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="core_idempotency_age")]

    def __str__(self) -> str:
        return self.key
