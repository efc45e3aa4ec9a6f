"""The servers below: size and connections of the database, versions, room on the disk. Asked of catalogues only."""

import platform
import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from redis import RedisError

from core.health import missing_migrations
from core.valkey import valkey

TABLES_SHOWN = 10
UNKNOWN = "no answer"

_DATABASE_SQL = """
    SELECT pg_database_size(current_database()),
        (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
        current_setting('max_connections')::int, current_setting('server_version')
"""
_TABLES_SQL = """
    SELECT relname::text, pg_total_relation_size(oid), greatest(reltuples, 0)::bigint FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    size: int
    rows: int  # as the planner estimates them


@dataclass(frozen=True, slots=True)
class Database:
    size: int
    connections: int
    max_connections: int
    version: str
    tables: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Migrations:
    applied: int
    missing: int
    last: str


def database() -> Database:
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE_SQL)
        size, connections, max_connections, version = cursor.fetchone()
        cursor.execute(_TABLES_SQL, [TABLES_SHOWN])
        tables = [Table(*row) for row in cursor.fetchall()]
    return Database(size, connections, max_connections, version, tables)


def migrations() -> Migrations:
    rows = MigrationRecorder(connection).migration_qs
    last = rows.order_by("-applied", "-id").values_list("app", "name").first()
    return Migrations(rows.count(), len(missing_migrations()), ".".join(last) if last else "none")


def valkey_version() -> str:
    try:
        info: Any = valkey().info("server")
    except RedisError:
        return UNKNOWN
    return str(info["valkey_version"]) if "valkey_version" in info else f"Redis {info['redis_version']}"


@lru_cache(maxsize=1)
def app_version() -> str:
    """Of the code that runs; it does not change while the process lives."""
    project = settings.BASE_DIR / "pyproject.toml"
    if not project.exists():  # not part of every image
        return "unknown"
    return str(tomllib.loads(project.read_text())["project"]["version"])


def versions(database: Database) -> Sequence[tuple[str, str]]:
    return [
        ("PRO Platform", app_version()),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("PostgreSQL", database.version),
        ("Valkey", valkey_version()),
    ]


def disk() -> tuple[int, int]:
    """Free and total bytes where this web server's data are; with embedded servers, everybody's."""
    usage = shutil.disk_usage(settings.BASE_DIR)
    return usage.free, usage.total
