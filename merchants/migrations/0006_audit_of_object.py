from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("merchants", "0005_lists_at_any_size")]

    operations = [
        AddIndexOnline(
            "auditentry",
            models.Index(fields=["merchant", "object_id", "object_type", "-at"], name="merchants_audit_of_object"),
        ),
        RemoveIndexConcurrently("auditentry", "merchants_audit_object"),
    ]
