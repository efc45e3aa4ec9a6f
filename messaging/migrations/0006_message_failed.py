from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0005_lists_at_any_size")]

    operations = [
        AddIndexOnline(
            "message",
            models.Index(
                fields=["merchant", "created_at"], condition=models.Q(state="failed"), name="messaging_message_failed"
            ),
        ),
    ]
