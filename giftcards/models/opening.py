"""What cards held that were issued before the platform kept them. The ledger starts from these rows."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from core.crypto import EncryptedTextField, PepperedHash
from core.models import TenantModel
from orders.models import Customer


class OpeningBalance(TenantModel):
    """One card. Found by the hash of its code; the code itself stands encrypted, and its last four to be told by."""

    peppered: ClassVar = PepperedHash("giftcards.code", hash="code_hash", plain="code")

    code = EncryptedTextField()
    code_hash = models.CharField(max_length=64)
    key_version = models.CharField(max_length=8, help_text="The pepper that the hash was made under.")
    last4 = models.CharField(max_length=4)
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField()
    issued_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="opening_balances"
    )
    note = models.CharField(max_length=500, blank=True)
    imported_at = models.DateTimeField(default=now)
    posted_at = models.DateTimeField(null=True, blank=True, help_text="When the ledger took it over.")

    class Meta(TenantModel.Meta):
        verbose_name = "gift card"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "code_hash"], name="giftcards_opening_once"),
            models.CheckConstraint(condition=Q(balance_minor__gte=0), name="giftcards_opening_not_negative"),
            models.CheckConstraint(
                condition=Q(issued_at__isnull=True)
                | Q(expires_at__isnull=True)
                | Q(expires_at__gt=models.F("issued_at")),
                name="giftcards_opening_expires_after_issue",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-imported_at", "-id"], name="giftcards_opening_recent"),
            models.Index(fields=["merchant", "customer"], name="giftcards_opening_customer"),
            models.Index(fields=["merchant", "last4"], name="giftcards_opening_last4"),
            models.Index(fields=["merchant", "currency"], include=["balance_minor"], name="giftcards_opening_sums"),
        ]

    def __str__(self) -> str:
        return f"Card …{self.last4}"
