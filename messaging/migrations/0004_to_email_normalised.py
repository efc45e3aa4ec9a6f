from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_suppression")]

    operations = [
        migrations.AddField(
            "message",
            "to_email_normalised",
            models.GeneratedField(
                db_persist=True, expression=Lower("to_email"), output_field=models.CharField(max_length=254)
            ),
        ),
    ]
