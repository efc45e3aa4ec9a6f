from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0008_lists_at_any_size")]

    operations = [
        AddIndexOnline("variant", models.Index(fields=["merchant", "sku"], name="orders_variant_sku")),
    ]
