from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0009_variant_sku")]

    operations = [
        AddIndexOnline("orderline", models.Index(fields=["merchant", "variant"], name="orders_orderline_variant")),
    ]
