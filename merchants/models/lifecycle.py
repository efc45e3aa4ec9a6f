"""The end of a merchant: the copy of its rows that it takes along, and what is kept after it is gone."""

from django.db import models

from core.clock import now
from core.models import TenantModel


class MerchantDeletion(models.Model):
    """Made when the deletion begins, and all that is left when it is done. Belongs to no merchant: there is none."""

    merchant_number = models.BigIntegerField(unique=True)
    slug = models.CharField(max_length=50)
    name = models.CharField(max_length=100)
    requested_by = models.CharField(max_length=254)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)
    rows = models.JSONField(default=dict, help_text="Deleted rows by model; counted with each step.")

    def __str__(self) -> str:
        return self.name


class MerchantExport(TenantModel):
    """All rows of the merchant, written by a worker in slices. The slices are stored files; the download joins them."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Being written"
        DONE = "done", "Ready"

    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    requested_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(help_text="The files of its slices go then too.")
    # Where the next slice begins: the model by its label, and the last of its rows that is written.
    model = models.CharField(max_length=100, blank=True)
    after = models.CharField(max_length=64, blank=True)
    slices = models.JSONField(default=list, help_text="Model, file, rows and size of each, in order.")

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["merchant", "-created_at"], name="merchants_export_recent"),
            models.Index(fields=["created_at"], condition=~models.Q(state="done"), name="merchants_export_unfinished"),
        ]

    def __str__(self) -> str:
        return f"Export of {self.created_at:%Y-%m-%d}"
