from django.db import migrations

from core.db.operations import AppendOnly, EnableRls, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial"), ("orders", "0002_walls")]

    operations = [
        EnableRls("OrderFact", "PostPurchaseEntry", "MetricDay", "DirtyDay"),
        TenantForeignKey("OrderFact", "order"),
        TenantForeignKey("PostPurchaseEntry", "order"),
        AppendOnly("PostPurchaseEntry"),
    ]
