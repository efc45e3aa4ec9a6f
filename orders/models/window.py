"""The Golden Window: how long an order may still be changed."""

from django.db import models
from django.db.models import Q

from core.clock import now
from core.models import TenantModel
from orders.models.order import Order


class EditWindow(TenantModel):
    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSING = "closing", "Closing"
        RELEASED = "released", "Closed"
        PREEMPTED = "preempted", "Closed early"
        CANCELLED = "cancelled", "Cancelled"

    class Reason(models.TextChoices):
        ELAPSED = "elapsed", "Time was up"
        STAFF = "staff", "Closed by staff"
        FULFILMENT_STARTED = "fulfilment_started", "Fulfilment started"
        CANCELLED = "cancelled", "Order cancelled"

    LIVE = (State.OPEN, State.CLOSING)

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="window")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=18, choices=Reason, blank=True)
    policy = models.JSONField(default=dict, help_text="The merchant's settings when it opened.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gte=models.F("opened_at")), name="orders_editwindow_order"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "closing"], closed_at__isnull=True)
                | Q(state__in=["released", "preempted", "cancelled"], closed_at__isnull=False),
                name="orders_editwindow_closed_when",
            ),
        ]
        indexes = [
            models.Index(fields=["closes_at"], condition=Q(state__in=["open", "closing"]), name="orders_window_due"),
            models.Index(fields=["merchant", "state", "closes_at"], name="orders_window_state"),
        ]

    def __str__(self) -> str:
        return f"Window of {self.order_id}"

    @property
    def is_open(self) -> bool:
        """Its time may be up before a sweep has closed it."""
        return self.state == self.State.OPEN and self.closes_at > now()


class WindowAdmission(TenantModel):
    """An edit that was let in before the window closed and may finish until its deadline."""

    window = models.ForeignKey(EditWindow, on_delete=models.CASCADE, related_name="admissions")
    edit_id = models.UUIDField()
    admitted_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "edit_id"], name="orders_windowadmission_once"),
            models.UniqueConstraint(
                fields=["merchant", "window"],
                condition=Q(left_at__isnull=True),
                name="orders_windowadmission_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Admission of {self.edit_id}"
