"""What one order gives to the metrics. Ids and figures only."""

from django.db import models
from django.db.models import F, Q

from core.models import TenantModel


class OrderFact(TenantModel):
    """One row per order, always computed from the order as a whole, so that a repeated event changes nothing.

    `*_minor` is in the order's currency, `home_*_minor` the same in the merchant's at the order's frozen rate.
    The local date is frozen with the merchant's time zone of the day of ingest.
    """

    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    local_date = models.DateField()
    time_zone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    channel = models.CharField(max_length=64)
    is_eligible = models.BooleanField()
    is_engaged = models.BooleanField()
    is_window_engaged = models.BooleanField()
    is_self_served = models.BooleanField()
    original_minor = models.BigIntegerField()
    pp_gross_minor = models.BigIntegerField()
    pp_refunded_minor = models.BigIntegerField()
    home_original_minor = models.BigIntegerField()
    home_pp_gross_minor = models.BigIntegerField()
    home_pp_refunded_minor = models.BigIntegerField()
    refreshed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                name="metrics_orderfact_amounts",
                condition=Q(original_minor__gte=0)
                & Q(home_original_minor__gte=0)
                & Q(pp_refunded_minor__gte=0, pp_refunded_minor__lte=F("pp_gross_minor"))
                & Q(home_pp_refunded_minor__gte=0, home_pp_refunded_minor__lte=F("home_pp_gross_minor")),
            ),
            models.CheckConstraint(
                name="metrics_orderfact_engagement",
                condition=(Q(is_window_engaged=False) | Q(is_engaged=True))
                & (Q(is_window_engaged=True) | Q(pp_gross_minor=0, home_pp_gross_minor=0)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["merchant", "local_date"],
                include=[
                    "currency",
                    "channel",
                    "is_engaged",
                    "is_window_engaged",
                    "is_self_served",
                    "original_minor",
                    "pp_gross_minor",
                    "pp_refunded_minor",
                    "home_original_minor",
                    "home_pp_gross_minor",
                    "home_pp_refunded_minor",
                ],
                condition=Q(is_eligible=True),
                name="metrics_orderfact_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.local_date}"


class PostPurchaseEntry(TenantModel):
    """Ledger of post-purchase revenue by the instant at which it came or went; append-only.

    The entries of an order always add up to what its fact says now. The facts answer "what did the orders of
    January earn", the ledger "what was earned in January".
    """

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    home_amount_minor = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                name="metrics_entry_not_zero", condition=~Q(amount_minor=0) | ~Q(home_amount_minor=0)
            )
        ]
        indexes = [
            models.Index(fields=["merchant", "occurred_at"], name="metrics_entry_time"),
            models.Index(fields=["merchant", "order"], name="metrics_entry_order"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.amount_minor} {self.currency}"
