"""Whether this code may work on this database: asked before web, worker and beat start, and by bin/run.

Rules of an upgrade (docs/upgrading.md): a release may run on the schema of the next one until a contract step.
"""

from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from core.db.direct import Database

# Held by `manage.py migrate` for as long as it runs.
LOCK = 7_070_001
Connection = psycopg.Connection[tuple[Any, ...]]


def start_trouble(database: Database) -> str:
    """What stands in the way of a start, in one sentence; empty when nothing does.

    A database that does not answer is no reason: it may come up later, and /readyz says so until then.
    """
    try:
        with database.connect() as connection:
            return trouble(connection)
    except psycopg.OperationalError:
        return ""


def trouble(connection: Connection) -> str:
    if _is_migrating(connection):
        return "A migrate is running on this database. Start again when it has ended."
    return newer_trouble(connection) or _interrupted(connection) or _missing(connection) or _invalid_index(connection)


def newer_trouble(connection: Connection, *, is_strict: bool = False) -> str:
    """About migrations that this code does not know. Strict: any is too many; else only a contract step is."""
    known = set(MigrationLoader(None).disk_migrations)
    unknown = {(app, name) for kind, app, name, _ in marks(connection) if kind == "contract"} - known
    if is_strict:
        unknown |= {(app, name) for app, name in _applied(connection) - known if app in _rooms()}
    if not unknown:
        return ""
    first = ".".join(min(unknown))
    return (
        f"The database is newer than this code: {first} is applied and not known here. "
        "Start the newer release, or restore a backup that was taken before the upgrade."
    )


def marks(connection: Connection) -> list[tuple[Any, ...]]:
    """Kind, app, name and time of what `manage.py migrate` has noted; none where its table is yet to come."""
    if not has_table(connection, "core_migrationmark"):
        return []
    return connection.execute("SELECT kind, app, name, at FROM core_migrationmark").fetchall()


def has_table(connection: Connection, table: str) -> bool:
    return connection.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{table}"]).fetchone() == (True,)


def _is_migrating(connection: Connection) -> bool:
    """In autocommit the lock is given back with the end of the statement."""
    return connection.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [LOCK]).fetchone() != (True,)


def _applied(connection: Connection) -> set[tuple[str, str]]:
    if not has_table(connection, "django_migrations"):
        return set()
    return {(app, name) for app, name in connection.execute("SELECT app, name FROM django_migrations").fetchall()}


def _rooms() -> set[str]:
    """Ours: other packages merge and drop old migrations of theirs."""
    return {config.label for config in apps.get_app_configs() if "site-packages" not in Path(config.path).parts}


def _interrupted(connection: Connection) -> str:
    for kind, _, _, at in marks(connection):
        if kind == "running":
            return f"The migrate that began at {at:%Y-%m-%d %H:%M} UTC was interrupted. Run manage.py migrate again."
    return ""


def _missing(connection: Connection) -> str:
    missing = sorted(set(MigrationLoader(None).graph.nodes) - _applied(connection))
    if not missing:
        return ""
    return f"{len(missing)} migrations are not applied, the first is {'.'.join(missing[0])}. Run manage.py migrate."


def _invalid_index(connection: Connection) -> str:
    """CREATE INDEX CONCURRENTLY leaves one when it is killed; it costs every write and serves no query."""
    row = connection.execute(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1 LIMIT 1"
    ).fetchone()
    if row is None:
        return ""
    return (
        f"The index {row[0]} is not valid, because its making was interrupted. "
        f"Run REINDEX INDEX CONCURRENTLY {row[0]} in psql, then start again."
    )
