"""Every migration goes back as well as forth, down to an empty database, and leaves the same schema again."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from psycopg import sql

ALIAS = "scratch"
# From the top of the house down, so that each step takes back the migrations of one room.
ROOMS = (
    "connectors",
    "portal",
    "metrics",
    "editing",
    "giftcards",
    "payments",
    "messaging",
    "orders",
    "core",
    "merchants",
)

SCHEMA_SQL = """
    SELECT 'column', table_name, column_name, data_type || coalesce(character_maximum_length::text, '') || is_nullable
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'policy', tablename, policyname, qual || with_check FROM pg_policies
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL SELECT 'walls', relname, '', relrowsecurity::text || relforcerowsecurity::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""


@pytest.fixture
def scratch(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """An empty database beside the one of the tests."""
    usual = connections["default"].settings_dict
    name = f"{usual['NAME']}_scratch"
    admin = psycopg.connect(
        host=usual["HOST"] or None,
        port=usual["PORT"] or None,
        user=usual["USER"] or None,
        password=usual["PASSWORD"] or None,
        dbname=usual["NAME"],
        autocommit=True,
    )
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with admin, django_db_blocker.unblock():
        admin.execute(drop)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        connections.databases[ALIAS] = {**usual, "NAME": name}
        try:
            yield ALIAS
        finally:
            connections[ALIAS].close()
            del connections[ALIAS], connections.databases[ALIAS]
            admin.execute(drop)


def migrate(*target: str) -> None:
    call_command("migrate", *target, database=ALIAS, verbosity=0, interactive=False)


def schema() -> set[tuple[str, ...]]:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(SCHEMA_SQL)
        return set(cursor.fetchall())


def test_there_and_back(scratch):
    migrate()
    there = schema()
    for room in ROOMS:
        migrate(room, "zero")
        left = [line for line in schema() if line[1].startswith(f"{room}_")]
        assert left == [], f"{room} leaves something behind"
    migrate()
    assert schema() == there
