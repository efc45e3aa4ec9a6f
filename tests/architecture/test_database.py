"""What PostgreSQL itself must hold for every tenant table, read from its catalogue: a new table is covered at once."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from core.models import TenantManager, TenantModel
from tests.tenancy.rows import one_of_everything

pytestmark = pytest.mark.django_db

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
TABLES = [model._meta.db_table for model in TENANT_MODELS]
APPEND_ONLY = {
    "merchants.AuditEntry",
    "orders.OrderRefund",
    "orders.OrderRevision",
    "editing.EditTransition",
    "editing.Quote",
    "payments.PaymentEvent",
    "metrics.PostPurchaseEntry",
}
# Rows that belong to no merchant.
GLOBAL = {
    "core.Alert",
    "core.BackupRecord",
    "core.MigrationMark",
    "merchants.Merchant",
    "merchants.MerchantDeletion",
    "merchants.User",
}

# Indexes that do not lead with the merchant, each with its reason.
ACROSS_MERCHANTS = {
    "merchants_apikey_secret_hash_key": "finds the merchant of a key",
    "merchants_merchantdomain_host_key": "finds the merchant of a host name",
    "merchants_export_unfinished": "one sweep serves all merchants",
    "core_outbox_due": "one sweep serves all merchants",
    "core_idempotency_age": "one purge serves all merchants",
    "core_outbox_finished": "one purge serves all merchants",
    "core_inbound_age": "one purge serves all merchants",
    "core_inbound_bodies": "one purge serves all merchants",
    "portal_link_expiry": "one purge serves all merchants",
    "core_storedfile_expiry": "one purge serves all merchants",
    "connectors_run_due": "one sweep serves all merchants",
    "connectors_run_finished": "one purge serves all merchants",
    "orders_window_due": "one sweep serves all merchants",
    "editing_session_drive": "one sweep serves all merchants",
    "editing_session_deadline": "one sweep serves all merchants",
    "messaging_message_due": "one sweep serves all merchants",
    "orders_editwindow_order_id_key": "one to one with a row of the same merchant",
    "metrics_orderfact_order_id_key": "one to one with a row of the same merchant",
}


def rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def labels(found: list[type[models.Model]]) -> set[str]:
    return {model._meta.label for model in found}


def own_models() -> Iterator[type[models.Model]]:
    for config in apps.get_app_configs():
        if not config.module.__name__.startswith(("django", "rest_framework", "allauth")):
            yield from config.get_models()


def test_every_model_belongs_to_a_merchant_or_is_known_not_to():
    assert labels([model for model in own_models() if not issubclass(model, TenantModel)]) == GLOBAL


def test_every_door_to_a_tenant_model_is_guarded():
    for model in TENANT_MODELS:
        for manager in (model._base_manager, model._default_manager, *model._meta.managers):
            assert isinstance(manager, TenantManager), f"{model._meta.label}: {type(manager).__name__}"


def test_no_table_is_made_that_no_model_guards():
    """An automatic many-to-many table has no merchant and no policy."""
    automatic = [
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in model._meta.local_many_to_many
        if field.remote_field.through._meta.auto_created
    ]
    assert automatic == []


def test_row_level_security_is_on_and_binds_the_owner_too():
    found = rows("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert {table for (table,) in found} >= set(TABLES)


def test_every_policy_holds_for_reading_and_writing():
    found = {
        table: (name, permissive, roles, command, using, check)
        for table, name, permissive, roles, command, using, check in rows(
            "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies "
            "WHERE schemaname = current_schema()"
        )
    }
    assert set(found) == set(TABLES), "one policy for each tenant table, and none elsewhere"
    for table, (name, permissive, roles, command, using, check) in found.items():
        assert (name, permissive, roles, command) == ("tenant", "PERMISSIVE", "{public}", "ALL"), table
        assert using == check, table
        assert "merchant_id = " in using, table
        assert "app.tenant" in using, table


def test_the_role_of_the_application_is_bound_by_policies():
    assert rows("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False, False)]


def test_a_row_refers_only_to_rows_of_its_own_merchant():
    """PostgreSQL checks foreign keys past the policies, so each stands there with the merchant in it.

    The one without may be left out (`orders.models.part.OrderPart`): it says less.
    """
    found = rows(
        """
        SELECT con.conrelid::regclass::text, con.confrelid::regclass::text,
            (SELECT array_agg(attname::text ORDER BY place)
             FROM unnest(con.conkey) WITH ORDINALITY AS key(number, place)
             JOIN pg_attribute ON attrelid = con.conrelid AND attnum = number)
        FROM pg_constraint AS con WHERE con.contype = 'f' AND con.convalidated
        """
    )
    between = {(table, target, tuple(columns)) for table, target, columns in found if {table, target} <= set(TABLES)}
    single = {key for key in between if len(key[2]) == 1}
    in_models = {
        (model._meta.db_table, field.remote_field.model._meta.db_table, (field.column,))
        for model in TENANT_MODELS
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and issubclass(field.remote_field.model, TenantModel)
    }
    assert len(in_models) >= 20
    assert {(table, target, ("merchant_id", *columns)) for table, target, columns in in_models} - between == set()
    assert single <= in_models


INDEXES_SQL = """
    SELECT index.relname, x.indisunique, x.indnkeyatts,
        (SELECT attname::text FROM pg_attribute WHERE attrelid = x.indrelid AND attnum = x.indkey[0]),
        EXISTS (SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conrelid = x.indrelid AND conkey[1] = x.indkey[0])
    FROM pg_index AS x
    JOIN pg_class AS index ON index.oid = x.indexrelid
    JOIN pg_class AS owner ON owner.oid = x.indrelid
    WHERE owner.relname = ANY(%s) AND NOT x.indisprimary
"""


def test_indexes_lead_with_the_merchant():
    """Also allowed: the index that Django makes for a foreign key alone, and the LIKE companion of a unique text."""
    wrong = set()
    for index, is_unique, width, first, is_foreign_key in rows(INDEXES_SQL, TABLES):
        of_foreign_key = is_foreign_key and width == 1 and not is_unique
        if first != "merchant_id" and not of_foreign_key and not index.endswith("_like"):
            wrong.add(index)
    assert wrong == set(ACROSS_MERCHANTS)


def test_history_is_append_only():
    found = rows("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled = 'O'")
    by_table = {model._meta.db_table: model._meta.label for model in TENANT_MODELS}
    assert {by_table[table] for (table,) in found} == APPEND_ONLY


def test_history_refuses_changes_and_deletion(scope):
    made = one_of_everything()
    for label in sorted(APPEND_ONLY):
        row = made[label]
        table = type(row)._meta.db_table
        with pytest.raises(IntegrityError, match=f"Rows of {table} are never changed or deleted"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(id=row.pk)
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            type(row).objects.filter(pk=row.pk)._raw_delete("default")
        assert type(row).objects.filter(pk=row.pk).exists()
