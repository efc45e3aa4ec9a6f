from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("merchants", "0004_export_place")]

    operations = [
        AddIndexOnline(
            "auditentry", models.Index(fields=["merchant", "actor_type", "-at"], name="merchants_audit_kind")
        ),
        AddIndexOnline(
            "auditentry", models.Index(fields=["merchant", "actor_id", "-at"], name="merchants_audit_actor")
        ),
    ]
