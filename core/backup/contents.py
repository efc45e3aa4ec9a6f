"""What a database holds, in a form that two databases can be compared by: counts and hashes, computed by the server."""

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]
# Rows and a hash of each table, by name.
Contents = dict[str, tuple[int, str]]

TABLES_SQL = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND NOT relispartition ORDER BY relname
"""
# Each row's md5 as two numbers, and their sums: in any order the same, and no memory however many rows there are.
# A sum, unlike an exclusive or, also notices a row that is there twice.
HASH_SQL = """
    SELECT count(*), coalesce(sum(('x' || left(digest, 16))::bit(64)::bigint::numeric), 0)::text
        || ':' || coalesce(sum(('x' || right(digest, 16))::bit(64)::bigint::numeric), 0)::text
    FROM (SELECT md5(row::text) AS digest FROM {table} AS row) AS digests
"""


def tables(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute(TABLES_SQL).fetchall()]


def contents(connection: Connection, tell: Callable[[str], None] = lambda _: None) -> Contents:
    """Reads every table once, within the caller's transaction."""
    found: Contents = {}
    for table in tables(connection):
        tell(f"reading {table}")
        query = sql.SQL(HASH_SQL).format(table=sql.Identifier("public", table))
        row = connection.execute(query).fetchone()
        if row is not None:
            found[table] = (row[0], row[1])
    return found


def sequences(connection: Connection) -> dict[str, int]:
    """The last value that each has given out; 0 where none was. Not part of any snapshot: they only ever go up."""
    rows = connection.execute(
        "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public'"
    )
    return dict(rows.fetchall())


def migrations(connection: Connection) -> list[str]:
    if "django_migrations" not in tables(connection):
        return []
    rows = connection.execute("SELECT app || '.' || name FROM public.django_migrations ORDER BY app, name")
    return [name for (name,) in rows.fetchall()]


def differing(expected: Contents, found: Contents) -> list[str]:
    """The tables that are not alike, each with what is wrong."""
    words = []
    for table in sorted({*expected, *found}):
        if table not in found:
            words.append(f"{table} is missing")
        elif table not in expected:
            words.append(f"{table} is not in the backup")
        elif expected[table][0] != found[table][0]:
            words.append(f"{table} has {found[table][0]} rows instead of {expected[table][0]}")
        elif expected[table] != found[table]:
            words.append(f"{table} has other contents")
    return words
