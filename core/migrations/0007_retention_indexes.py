from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0006_operations")]

    operations = [
        AddIndexOnline(
            "outboxevent",
            models.Index(
                fields=["state", "finished_at"],
                condition=models.Q(state__in=["done", "dead"]),
                name="core_outbox_finished",
            ),
        ),
        AddIndexOnline("inboundwebhook", models.Index(fields=["received_at"], name="core_inbound_age")),
        AddIndexOnline(
            "inboundwebhook",
            models.Index(fields=["received_at"], condition=~models.Q(body=""), name="core_inbound_bodies"),
        ),
    ]
