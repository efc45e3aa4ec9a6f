"""The merchant's account at Stripe."""

from django.db import models

from core.clock import now
from core.crypto import EncryptedTextField
from core.models import TenantModel


class StripeAccount(TenantModel):
    """One per merchant. Without an `account_id` the platform's own account is charged."""

    account_id = models.CharField(max_length=64, blank=True, help_text="acct_… of a connected account, or empty.")
    webhook_secret = EncryptedTextField(blank=True)
    previous_webhook_secret = EncryptedTextField(blank=True, help_text="Still accepted while a new one rolls out.")
    webhook_endpoint_id = models.CharField(max_length=64, blank=True)
    webhook_url = models.URLField(max_length=500, blank=True)
    connected_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        verbose_name = "Stripe account"
        constraints = [models.UniqueConstraint(fields=["merchant"], name="payments_stripeaccount_one_per_merchant")]

    def __str__(self) -> str:
        return self.account_id or "platform account"

    @property
    def webhook_secrets(self) -> list[str]:
        return [secret for secret in (self.webhook_secret, self.previous_webhook_secret) if secret]
