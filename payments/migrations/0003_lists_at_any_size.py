from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0002_walls")]

    operations = [
        AddIndexOnline(
            "paymentintentrecord", models.Index(fields=["merchant", "-created_at"], name="payments_intent_recent")
        ),
        AddIndexOnline(
            "paymentintentrecord",
            models.Index(fields=["merchant", "status", "-created_at"], name="payments_intent_status"),
        ),
    ]
