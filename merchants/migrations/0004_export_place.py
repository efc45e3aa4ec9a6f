from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('merchants', '0003_lifecycle'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='merchantexport',
            name='table',
        ),
        migrations.AddField(
            model_name='merchantexport',
            name='model',
            field=models.CharField(blank=True, max_length=100),
        ),
    ]
