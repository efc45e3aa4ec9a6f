from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0007_retention_indexes")]

    operations = [
        AddIndexOnline(
            "inboundwebhook", models.Index(fields=["merchant", "state", "-received_at"], name="core_inbound_state")
        ),
        AddIndexOnline("outboxevent", models.Index(fields=["merchant", "-id"], name="core_outbox_newest")),
    ]
