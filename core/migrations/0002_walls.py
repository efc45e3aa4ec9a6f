from django.db import migrations

from core.db.operations import EnableRls


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [EnableRls("OutboxEvent", "InboundWebhook")]
