"""One attempt to take money for one edit, and its history."""

from django.db import models
from django.db.models import F, Q

from core.clock import now
from core.models import TenantModel
from payments.rules import LIVE_STATES, STORED_STATES


class PaymentIntentRecord(TenantModel):
    """Our side of a provider's intent. Written before the provider is called, so no kill leaves money unaccounted for.

    The database refuses a step backwards, another amount, or another provider intent under the same record
    (trigger `payments_intent_guard` of the second migration).
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Not decided yet"
        REQUIRES_ACTION = "requires_action", "Waiting for the shopper's bank"
        REQUIRES_CAPTURE = "requires_capture", "Authorised"
        SUCCEEDED = "succeeded", "Captured"
        DECLINED = "declined", "Declined"
        CANCELLED = "cancelled", "Cancelled"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="payment_intents")
    edit_id = models.UUIDField()
    attempt = models.PositiveSmallIntegerField()
    rail = models.CharField(max_length=20, default="stripe")
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    provider_intent_id = models.CharField(max_length=64, blank=True)
    provider_status = models.CharField(max_length=40, blank=True)
    provider_customer = models.CharField(max_length=128)
    provider_payment_method = models.CharField(max_length=128)
    description = models.CharField(max_length=200, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    decline_code = models.CharField(max_length=64, blank=True)
    next_action_url = models.URLField(max_length=2000, blank=True)
    idempotency_key = models.CharField(max_length=120)
    key_round = models.PositiveSmallIntegerField(default=1)
    # A call whose answer has not been recorded: its outcome is unknown until somebody has looked.
    open_call = models.CharField(max_length=20, blank=True)
    open_call_at = models.DateTimeField(null=True, blank=True)
    void_requested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        verbose_name = "payment"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "idempotency_key"], name="payments_intent_one_per_key"),
            models.UniqueConstraint(fields=["merchant", "edit_id", "attempt"], name="payments_intent_one_per_attempt"),
            models.UniqueConstraint(
                fields=["merchant", "edit_id"],
                condition=Q(status__in=[str(state) for state in LIVE_STATES], void_requested_at__isnull=True),
                name="payments_intent_one_live_per_edit",
            ),
            models.UniqueConstraint(
                fields=["merchant", "provider_intent_id"],
                condition=~Q(provider_intent_id=""),
                name="payments_intent_one_per_provider_intent",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_intent_amount_positive"),
            models.CheckConstraint(
                condition=Q(captured_minor__gte=0) & Q(captured_minor__lte=F("amount_minor")),
                name="payments_intent_captured_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(status="succeeded", captured_minor__gt=0) | (~Q(status="succeeded") & Q(captured_minor=0)),
                name="payments_intent_captured_iff_succeeded",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(state) for state in STORED_STATES]), name="payments_intent_status_known"
            ),
            models.CheckConstraint(condition=Q(attempt__gte=1), name="payments_intent_attempt_counts_from_one"),
        ]
        indexes = [
            models.Index(fields=["merchant", "order", "-created_at"], name="payments_intent_of_order"),
            models.Index(fields=["merchant", "-created_at"], name="payments_intent_recent"),
            models.Index(fields=["merchant", "status", "-created_at"], name="payments_intent_status"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_intent_id or self.idempotency_key} {self.status}"


class PaymentEvent(TenantModel):
    """One line of an intent's history. Never changed, never deleted."""

    class Source(models.TextChoices):
        SERVICE = "service", "Our call"
        WEBHOOK = "webhook", "Webhook"
        REFRESH = "refresh", "Looked up"

    intent = models.ForeignKey(PaymentIntentRecord, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=30, help_text="authorise.called, authorise.answered, webhook.applied …")
    source = models.CharField(max_length=10, choices=Source)
    from_status = models.CharField(max_length=20)
    to_status = models.CharField(max_length=20)
    detail = models.JSONField(default=dict, help_text="Codes and ids of the provider, never personal data.")
    at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        verbose_name = "payment event"
        indexes = [models.Index(fields=["merchant", "intent", "at"], name="payments_event_of_intent")]

    def __str__(self) -> str:
        return f"{self.kind} {self.from_status} → {self.to_status}"
