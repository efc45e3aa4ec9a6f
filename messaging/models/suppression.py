"""Addresses that must not be written to. Kept as hashes, so that the wish outlives everything else about a person."""

from django.db import models

from core.clock import now
from core.models import TenantModel


class Channel(models.TextChoices):
    EMAIL = "email", "Email"


class Suppression(TenantModel):
    """One address of one channel. The reasons stand from the weakest to the strongest."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        BOUNCED = "bounced", "Address does not exist"
        COMPLAINED = "complained", "Marked as spam"
        MANUAL = "manual", "Blocked by staff"

    channel = models.CharField(max_length=8, choices=Channel, default=Channel.EMAIL)
    address_hash = models.CharField(max_length=64)
    key_version = models.CharField(max_length=8, help_text="The pepper that the hash was made under.")
    reason = models.CharField(max_length=12, choices=Reason)
    at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "channel", "address_hash"], name="messaging_suppression_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.reason}"
