"""One shopper's change of one order, from draft to its end, with each step that moved it."""

from django.db import models
from django.db.models import Q

from core.clock import now
from core.models import TenantModel
from editing.rules import HOLDING_STATES, EditState, StepName
from orders.models import Order, Variant


class EditSession(TenantModel):
    class State(models.TextChoices):
        DRAFT = EditState.DRAFT, "Being put together"
        COMMITTING = EditState.COMMITTING, "Under way"
        AWAITING_CUSTOMER = EditState.AWAITING_CUSTOMER, "Waiting for shopper"
        COMPENSATING = EditState.COMPENSATING, "Being undone"
        APPLIED = EditState.APPLIED, "Applied"
        DECLINED = EditState.DECLINED, "Declined"
        FAILED = EditState.FAILED, "Not possible"
        EXPIRED = EditState.EXPIRED, "Expired"
        ABANDONED = EditState.ABANDONED, "Left"
        MANUAL_REVIEW = EditState.MANUAL_REVIEW, "Needs a person"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="edit_sessions")
    state = models.CharField(max_length=17, choices=State, default=State.DRAFT)
    actor_type = models.CharField(max_length=8, default="shopper")
    actor_id = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=128, blank=True)
    currency = models.CharField(max_length=3)
    due_minor = models.BigIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=1, help_text="Which payment intent is the live one.")
    intent_id = models.UUIDField(null=True, blank=True)
    ends_as = models.CharField(max_length=17, blank=True, help_text="While being undone: the state that follows.")
    failure_code = models.CharField(max_length=64, blank=True)
    failure_message = models.CharField(max_length=300, blank=True, help_text="To the shopper.")
    admitted_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    next_drive_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        verbose_name = "edit"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "order"],
                condition=Q(state__in=[str(state) for state in HOLDING_STATES]),
                name="editing_editsession_one_holding_per_order",
            ),
            models.UniqueConstraint(
                fields=["merchant", "order", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="editing_editsession_once_per_key",
            ),
            models.CheckConstraint(condition=Q(due_minor__gte=0), name="editing_editsession_due_not_negative"),
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in EditState]), name="editing_editsession_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_drive_at"],
                condition=Q(state__in=["committing", "compensating"]),
                name="editing_session_drive",
            ),
            models.Index(
                fields=["deadline_at"], condition=Q(state="awaiting_customer"), name="editing_session_deadline"
            ),
            models.Index(fields=["merchant", "order", "-created_at"], name="editing_session_order"),
            models.Index(fields=["merchant", "-created_at"], name="editing_session_recent"),
            models.Index(fields=["merchant", "state", "-created_at"], name="editing_session_state"),
        ]

    def __str__(self) -> str:
        return f"Edit of {self.order_id}"


class EditOperation(TenantModel):
    class Kind(models.TextChoices):
        ADD = "add", "Add"

    session = models.ForeignKey(EditSession, on_delete=models.CASCADE, related_name="operations")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.ADD)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "session", "variant"], name="editing_editoperation_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="editing_editoperation_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} × {self.variant_id}"


class SagaStep(TenantModel):
    """How far a committed edit has come. `started` without `done` means: it may have happened, look first."""

    class State(models.TextChoices):
        WAITING = "waiting", "To do"
        STARTED = "started", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        UNDONE = "undone", "Undone"

    session = models.ForeignKey(EditSession, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=10, choices=[(str(name), str(name)) for name in StepName])
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, help_text="Ids and codes of what came of it.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "session", "name"], name="editing_sagastep_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class EditTransition(TenantModel):
    """Append-only: each change of an edit's state, with its reason."""

    session = models.ForeignKey(EditSession, on_delete=models.PROTECT, related_name="transitions")
    before = models.CharField(max_length=17, blank=True)
    after = models.CharField(max_length=17)
    reason = models.CharField(max_length=64, blank=True)
    actor_type = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["merchant", "session", "at"], name="editing_transition_session")]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
