"""The outbox row: a domain event, written in the transaction of the change that it reports."""

from django.db import models

from core.models.base import TenantModel


class OutboxEvent(TenantModel):
    """One event. Rows of one aggregate are dispatched in order of `id`; writers of an aggregate hold its row lock."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        DONE = "done", "Dispatched"
        DEAD = "dead", "Given up"

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]
    name = models.CharField(max_length=64)
    aggregate_type = models.CharField(max_length=32)
    aggregate_id = models.UUIDField()
    payload = models.JSONField(default=dict, help_text="Ids only, never personal data.")
    occurred_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    handled = models.JSONField(default=list, help_text="Names of the subscribers that are done with it.")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=models.Q(state="pending"), name="core_outbox_due"),
            models.Index(
                fields=["merchant", "aggregate_type", "aggregate_id", "id"],
                condition=models.Q(state="pending"),
                name="core_outbox_order",
            ),
            models.Index(fields=["merchant", "-id"], name="core_outbox_newest"),
            models.Index(fields=["merchant", "state", "-id"], name="core_outbox_state"),
            models.Index(
                fields=["state", "finished_at"],
                condition=models.Q(state__in=["done", "dead"]),
                name="core_outbox_finished",
            ),
            models.Index(fields=["merchant", "id"], condition=models.Q(state="dead"), name="core_outbox_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.aggregate_id}"
