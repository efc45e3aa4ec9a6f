from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("editing", "0002_walls")]

    operations = [
        AddIndexOnline("editsession", models.Index(fields=["merchant", "-created_at"], name="editing_session_recent")),
    ]
