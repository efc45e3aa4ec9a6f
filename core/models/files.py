"""A file in the database: an upload on its way to a worker, an export on its way to a person.

Kept here and not on a disk, because web and worker may run on two machines, and a backup must hold what a run needs.
"""

from django.db import models

from core.clock import now
from core.models.base import TenantModel


class StoredFile(TenantModel):
    purpose = models.CharField(max_length=32)
    name = models.CharField(max_length=255, help_text="As its sender called it; never a path of ours.")
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["merchant", "-created_at"], name="core_storedfile_created"),
            models.Index(fields=["expires_at"], name="core_storedfile_expiry"),
        ]

    def __str__(self) -> str:
        return self.name


class StoredFilePart(TenantModel):
    """Up to a megabyte of the file, compressed."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "file", "position"], name="core_storedfilepart_place"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.position}"
