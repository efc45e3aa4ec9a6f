"""A webhook that somebody sent us: stored after its signature held, processed later by a worker."""

from django.db import models

from core.clock import now
from core.models.base import TenantModel


class InboundWebhook(TenantModel):
    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        PROCESSED = "processed", "Processed"
        IGNORED = "ignored", "Not of interest"

    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=255)
    topic = models.CharField(max_length=100)
    body = models.TextField(help_text="As received. Purged after 30 days.")
    received_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    processed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "source", "external_id"], name="core_inboundwebhook_once"),
        ]
        indexes = [
            models.Index(fields=["merchant", "-received_at"], name="core_inbound_received"),
            models.Index(fields=["merchant", "state", "-received_at"], name="core_inbound_state"),
            models.Index(
                fields=["merchant", "received_at"], condition=models.Q(state="received"), name="core_inbound_waiting"
            ),
            models.Index(fields=["received_at"], name="core_inbound_age"),
            models.Index(fields=["received_at"], condition=~models.Q(body=""), name="core_inbound_bodies"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.topic} {self.external_id}"
