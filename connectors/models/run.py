"""One file on its way in: how far it is, what came of it, and every line that was not taken."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from connectors.models.profile import ImportKind
from core.clock import now
from core.crypto import EncryptedTextField
from core.models import StoredFile, TenantModel


class ImportRun(TenantModel):
    """Batches before `checkpoint` are stored, with their counts, sums and notes; whoever holds the lease goes on."""

    class State(models.TextChoices):
        CHECKING = "checking", "Being read"
        PREVIEWED = "previewed", "Waits for you"
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        CANCELLING = "cancelling", "Stopping"
        CANCELLED = "cancelled", "Stopped"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    # A worker has something to do.
    DRIVEN = (State.CHECKING, State.QUEUED, State.RUNNING, State.CANCELLING)
    # Nothing more comes.
    ENDED = (State.CANCELLED, State.DONE, State.FAILED)

    kind = models.CharField(max_length=10, choices=ImportKind)
    profile_name = models.CharField(max_length=64)
    profile_settings = models.JSONField(help_text="The profile as it was when the run began.")
    is_upload = models.BooleanField(help_text="The file is kept here; without it, a command reads it from a disk.")
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="import_runs")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State)
    bytes_read = models.BigIntegerField(default=0)
    items_total = models.PositiveIntegerField(default=0)
    items_done = models.PositiveIntegerField(default=0)
    checkpoint = models.PositiveIntegerField(default=0, help_text="The next batch.")
    counts = models.JSONField(default=dict, help_text="Lines, and items by kind and outcome.")
    sums = models.JSONField(default=dict, help_text="By currency: in, imported, reported, as exact decimals.")
    # As they would be stored, so with names; gone as soon as the run starts or ends.
    preview = EncryptedTextField(blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)
    error_line = models.PositiveIntegerField(null=True)
    error_column = models.CharField(max_length=200, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    takes = models.PositiveSmallIntegerField(default=0, help_text="Drivers since the last batch that was stored.")
    created_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        verbose_name = "import"
        indexes = [
            models.Index(fields=["merchant", "-created_at"], name="connectors_run_recent"),
            models.Index(fields=["merchant", "sha256"], name="connectors_run_same_file"),
            models.Index(fields=["finished_at"], name="connectors_run_finished"),
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["checking", "queued", "running", "cancelling"]),
                name="connectors_run_due",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def has_ended(self) -> bool:
        return self.state in self.ENDED


class ImportNote(TenantModel):
    """A line that was not taken (`is_line`), or a remark about one that was. `amount` is exact, as the file has it."""

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="notes")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=64)
    message = models.TextField()
    amount = models.CharField(max_length=64)
    currency = models.CharField(max_length=3, blank=True)
    is_line = models.BooleanField()
    phase = models.CharField(max_length=16)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "run", "line", "id"], name="connectors_note_of_run")]

    def __str__(self) -> str:
        return f"{self.line}: {self.message}"
