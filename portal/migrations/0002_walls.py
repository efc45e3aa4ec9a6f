from django.db import migrations

from core.db.operations import EnableRls, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]

    operations = [
        EnableRls("PortalLink"),
        TenantForeignKey("PortalLink", "order"),
    ]
