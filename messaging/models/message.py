"""A message to a shopper: rendered once, written with the change that it tells about, sent by a worker."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.clock import now
from core.models import TenantModel


class Message(TenantModel):
    """One mail. Its text never changes after it was written, so a repeated sending is recognisable as the same mail."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Given up"
        SUPPRESSED = "suppressed", "Not sent"

    class Kind(models.TextChoices):
        TRANSACTIONAL = "transactional", "About an order"
        MARKETING = "marketing", "News"

    class Withheld(models.TextChoices):
        """Why it was not sent: the reasons of suppressed addresses, and one more."""

        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        BOUNCED = "bounced", "Address does not exist"
        COMPLAINED = "complained", "Marked as spam"
        MANUAL = "manual", "Blocked by staff"
        ERASED = "erased", "Erased"

    template = models.CharField(max_length=64)
    kind = models.CharField(max_length=13, choices=Kind, default=Kind.TRANSACTIONAL, db_default="transactional")
    locale = models.CharField(max_length=16)
    to_email = models.EmailField(max_length=254)
    to_email_normalised = models.GeneratedField(
        expression=Lower("to_email"), output_field=models.CharField(max_length=254), db_persist=True
    )
    customer = models.ForeignKey(
        "orders.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    order = models.ForeignKey("orders.Order", null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    dedupe_key = models.CharField(max_length=200, help_text="The same key twice is one message.")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    withheld_because = models.CharField(max_length=12, choices=Withheld, blank=True, default="", db_default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    provider_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "dedupe_key"], name="messaging_message_once"),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False) | ~Q(state="sending"),
                name="messaging_message_sending_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="messaging_message_sent_when",
            ),
            models.CheckConstraint(
                condition=Q(state="suppressed") & ~Q(withheld_because="")
                | ~Q(state="suppressed") & Q(withheld_because=""),
                name="messaging_message_withheld_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=["queued", "sending"]), name="messaging_message_due"
            ),
            models.Index(
                fields=["merchant", "created_at"], condition=Q(state="failed"), name="messaging_message_failed"
            ),
            models.Index(fields=["merchant", "-created_at"], name="messaging_message_recent"),
            models.Index(fields=["merchant", "state", "-created_at"], name="messaging_message_state"),
            models.Index(fields=["merchant", "to_email_normalised"], name="messaging_message_to"),
            models.Index(fields=["merchant", "order", "-created_at"], name="messaging_message_of_order"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def message_id(self) -> str:
        """The Message-ID header: the same at every attempt, so that mailboxes show a repeated mail once."""
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ")
        return f"<{self.pk}@{domain}>"
