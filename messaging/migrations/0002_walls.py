from django.db import migrations

from core.db.operations import EnableRls, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("orders", "0002_walls")]

    operations = [
        EnableRls("Message"),
        TenantForeignKey("Message", "customer"),
        TenantForeignKey("Message", "order"),
    ]
