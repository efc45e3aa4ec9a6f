from django.db import migrations

from core.db.operations import AppendOnly, EnableRls, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("editing", "0001_initial")]

    operations = [
        EnableRls("EditSession", "EditOperation", "SagaStep", "EditTransition", "Quote"),
        TenantForeignKey("EditSession", "order"),
        TenantForeignKey("EditOperation", "session"),
        TenantForeignKey("EditOperation", "variant"),
        TenantForeignKey("SagaStep", "session"),
        TenantForeignKey("EditTransition", "session"),
        TenantForeignKey("Quote", "session"),
        AppendOnly("EditTransition"),
        AppendOnly("Quote"),
    ]
