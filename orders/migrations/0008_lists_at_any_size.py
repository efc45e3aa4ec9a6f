from django.db import migrations, models

from core.db.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0007_surname")]

    operations = [
        AddIndexOnline(
            "customer", models.Index(fields=["merchant", "surname_normalised"], name="orders_customer_surname")
        ),
        AddIndexOnline("product", models.Index(fields=["merchant", "title", "id"], name="orders_product_all_titles")),
    ]
