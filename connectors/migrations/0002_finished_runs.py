from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("connectors", "0001_initial")]

    operations = [AddIndexOnline("importrun", models.Index(fields=["finished_at"], name="connectors_run_finished"))]
