from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("portal", "0002_walls")]

    operations = [AddIndexOnline("portallink", models.Index(fields=["expires_at"], name="portal_link_expiry"))]
