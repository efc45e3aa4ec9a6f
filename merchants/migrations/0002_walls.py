from django.db import migrations

from core.db.operations import AppendOnly, EnableRls


class Migration(migrations.Migration):
    dependencies = [("merchants", "0001_initial")]

    operations = [
        EnableRls("Membership", "ApiKey", "MerchantDomain", "AuditEntry"),
        AppendOnly("AuditEntry"),
    ]
