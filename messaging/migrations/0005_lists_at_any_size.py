from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0004_to_email_normalised")]

    operations = [
        AddIndexOnline(
            "message", models.Index(fields=["merchant", "state", "-created_at"], name="messaging_message_state")
        ),
        AddIndexOnline(
            "message", models.Index(fields=["merchant", "to_email_normalised"], name="messaging_message_to")
        ),
    ]
