"""No model lets one shop see or change another's rows, neither through the ORM nor through plain SQL."""

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.utils import DatabaseError

from core.models import TenantModel
from core.tenancy import NoScope, tenant_scope
from tests.tenancy.conftest import Shop
from tests.tenancy.enumeration import tenant_models

# Rows that belong to no merchant. Each has a reason; nothing is added here without one.
UNTENANTED = {
    "merchants.Merchant": "what tenants' rows point to; pages narrow it to the merchant of the address",
    "merchants.MerchantDeletion": "what is kept of a merchant that is gone; read by operators only",
    "core.Alert": "for operators; names merchants, holds nothing of theirs",
    "core.BackupRecord": "for operators; knows when a backup was taken, nothing of its content",
    "core.MigrationMark": "for operators; names migrations",
    "merchants.User": "a person may work at several shops; reached through Membership",
    "account.EmailAddress": "belongs to a User, read by sign-in only",
    "account.EmailConfirmation": "belongs to a User, read by sign-in only",
    "mfa.Authenticator": "belongs to a User, read by sign-in only",
    "sessions.Session": "opaque; holds a user id, never shown",
    "contenttypes.ContentType": "names of models",
    "auth.Permission": "Django's own, unused: roles are in merchants/permissions.py",
    "auth.Group": "Django's own, unused",
    "admin.LogEntry": "Django's own, never written: merchants.AuditEntry is",
    "django_celery_beat.PeriodicTask": "schedules of the house",
    "django_celery_beat.PeriodicTasks": "schedules of the house",
    "django_celery_beat.CrontabSchedule": "schedules of the house",
    "django_celery_beat.IntervalSchedule": "schedules of the house",
    "django_celery_beat.SolarSchedule": "schedules of the house",
    "django_celery_beat.ClockedSchedule": "schedules of the house",
}
LABELS = [model._meta.label for model in tenant_models()]


def test_every_model_has_a_merchant_or_a_reason_not_to() -> None:
    untenanted = {model._meta.label for model in apps.get_models() if not issubclass(model, TenantModel)}
    assert untenanted == set(UNTENANTED) & untenanted, f"say why: {untenanted - set(UNTENANTED)}"


def test_every_tenant_model_has_a_row_in_this_test(ours: Shop) -> None:
    assert set(ours.rows) == set(LABELS), "add the new model to tests/tenancy/rows.py"


def test_no_many_to_many_table_is_made_behind_our_back() -> None:
    for model in tenant_models():
        for field in model._meta.many_to_many:
            assert not field.remote_field.through._meta.auto_created, f"{field} needs a tenant `through`"


def test_every_table_is_under_row_level_security(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relkind = 'r'")
        walled = dict(cursor.fetchall())
    assert not [model._meta.label for model in tenant_models() if not walled[model._meta.db_table]]


def test_orm(ours: Shop, theirs: Shop, untouched: None) -> None:
    with tenant_scope(theirs.merchant.pk):
        for label, row in ours.rows.items():
            model = type(row)
            for manager in (model._default_manager, model._base_manager):
                assert not manager.filter(pk=row.pk).exists(), label
                assert not manager.filter(merchant_id=ours.merchant.pk).exists(), label
            with pytest.raises(NoScope), transaction.atomic():
                row.save()
            with pytest.raises(NoScope), transaction.atomic():
                row.delete()
            with pytest.raises(NoScope):
                model._default_manager.filter(pk=row.pk).update(merchant_id=theirs.merchant.pk)


def test_sql(ours: Shop, theirs: Shop, untouched: None) -> None:
    with tenant_scope(theirs.merchant.pk), connection.cursor() as cursor:
        for label, row in ours.rows.items():
            table = connection.ops.quote_name(row._meta.db_table)
            cursor.execute(f"SELECT count(*) FROM {table} WHERE merchant_id = %s", [ours.merchant.pk])  # noqa: S608
            assert cursor.fetchone() == (0,), label
            for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
                try:
                    with transaction.atomic():
                        cursor.execute(f"{change} WHERE merchant_id = %s AND id = %s", [ours.merchant.pk, row.pk])
                        assert cursor.rowcount == 0, label
                except DatabaseError:
                    continue  # an append-only table refuses every change, which is as good
            # A copy of one of their own rows, put under our shop.
            columns = [f'"{field.column}"' for field in row._meta.concrete_fields if not field.generated]
            copied = ["%s" if column == '"merchant_id"' else column for column in columns]
            copy = f"SELECT {', '.join(copied)} FROM {table} WHERE merchant_id = %s LIMIT 1"  # noqa: S608
            smuggle = f"INSERT INTO {table} ({', '.join(columns)}) {copy}"
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                cursor.execute(smuggle, [ours.merchant.pk, theirs.merchant.pk])
