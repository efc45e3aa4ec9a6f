"""The roll-up by day, and the queue of days that must be computed again."""

from django.db import models
from django.db.models import F, Q

from core.models import TenantModel


class MetricDay(TenantModel):
    """Additive sums of one bucket, never a rate: rates of sums are right over any range, sums of rates never."""

    local_date = models.DateField()
    currency = models.CharField(max_length=3)
    channel = models.CharField(max_length=64)
    orders = models.PositiveIntegerField()
    engaged_orders = models.PositiveIntegerField()
    window_engaged_orders = models.PositiveIntegerField()
    self_service_orders = models.PositiveIntegerField()
    original_minor = models.BigIntegerField()
    engaged_original_minor = models.BigIntegerField()
    pp_gross_minor = models.BigIntegerField()
    pp_refunded_minor = models.BigIntegerField()
    home_original_minor = models.BigIntegerField()
    home_engaged_original_minor = models.BigIntegerField()
    home_pp_gross_minor = models.BigIntegerField()
    home_pp_refunded_minor = models.BigIntegerField()
    computed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "local_date", "currency", "channel"], name="metrics_metricday_bucket"
            ),
            models.CheckConstraint(
                name="metrics_metricday_counts",
                condition=Q(orders__gt=0)
                & Q(engaged_orders__lte=F("orders"), self_service_orders__lte=F("orders"))
                & Q(window_engaged_orders__lte=F("engaged_orders")),
            ),
            models.CheckConstraint(
                name="metrics_metricday_amounts",
                condition=Q(engaged_original_minor__gte=0, engaged_original_minor__lte=F("original_minor"))
                & Q(pp_refunded_minor__gte=0, pp_refunded_minor__lte=F("pp_gross_minor"))
                & Q(home_engaged_original_minor__gte=0)
                & Q(home_engaged_original_minor__lte=F("home_original_minor"))
                & Q(home_pp_refunded_minor__gte=0, home_pp_refunded_minor__lte=F("home_pp_gross_minor")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.local_date} {self.currency} {self.channel}"


class DirtyDay(TenantModel):
    """A day whose roll-up is behind its facts. `marked_at` is the first mark that still waits."""

    local_date = models.DateField()
    marked_at = models.DateTimeField()
    touched_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "local_date"], name="metrics_dirtyday_once"),
        ]

    def __str__(self) -> str:
        return str(self.local_date)
