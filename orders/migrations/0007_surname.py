from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_customer_erased")]

    operations = [
        migrations.AddField(
            "customer",
            "surname_normalised",
            models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("name_normalised"), models.Value("^.* "), models.Value(""), function="regexp_replace"
                ),
                output_field=models.CharField(max_length=603),
            ),
        ),
    ]
