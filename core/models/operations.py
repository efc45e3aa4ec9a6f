"""What the installation knows about itself: backups that were taken, steps of an upgrade. No merchant's rows."""

from django.db import models


class BackupRecord(models.Model):
    """A backup that was written and checked. The row is not in that backup itself, so a restored one is older."""

    taken_at = models.DateTimeField(help_text="The moment whose data it holds.")
    finished_at = models.DateTimeField()
    name = models.CharField(max_length=255)
    size = models.BigIntegerField(help_text="Bytes.")

    class Meta:
        indexes = [models.Index(fields=["-taken_at"], name="core_backup_taken")]

    def __str__(self) -> str:
        return self.name


class MigrationMark(models.Model):
    """Written by `manage.py migrate`: one that runs or was interrupted, and each contract step that was applied."""

    class Kind(models.TextChoices):
        RUNNING = "running", "Began and has not ended"
        CONTRACT = "contract", "Took away what earlier releases used"

    kind = models.CharField(max_length=8, choices=Kind)
    app = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "app", "name"], name="core_migrationmark_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.app}.{self.name}"
