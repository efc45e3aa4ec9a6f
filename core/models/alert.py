"""What operators must know: a cause that was found, whether they were mailed, and when it was gone again."""

from django.db import models

from core.clock import now


class Alert(models.Model):
    """Of the whole installation, so it belongs to no merchant. The message holds no personal data."""

    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=64, blank=True, help_text="What of this kind: a merchant, a run.")
    message = models.TextField()
    raised_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now, help_text="When the cause was last found.")
    resolved_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True, help_text="Moved on while a process is mailing it.")
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=models.Q(resolved_at=None), name="core_alert_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["mail_due_at"], condition=models.Q(mail_due_at__isnull=False), name="core_alert_mail"),
            models.Index(fields=["-raised_at"], name="core_alert_raised"),
        ]

    def __str__(self) -> str:
        return self.message
