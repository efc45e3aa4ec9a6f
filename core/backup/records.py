"""When the last good backup was taken, as the database itself remembers it."""

from datetime import datetime

from core.backup.contents import tables
from core.backup.manifest import Manifest
from core.db.direct import Database
from core.models import BackupRecord


def last_backup() -> BackupRecord | None:
    """The newest backup of this database that was written and checked."""
    return BackupRecord.objects.order_by("-taken_at").first()


def record_backup(database: Database, name: str, manifest: Manifest, finished_at: datetime) -> None:
    """Into the database that was backed up, which need not be the one of the settings."""
    table = BackupRecord._meta.db_table
    with database.connect() as connection:
        if table not in tables(connection):  # of an earlier release, before its upgrade
            return
        connection.execute(
            f"INSERT INTO {table} (taken_at, finished_at, name, size) VALUES (%s, %s, %s, %s)",  # noqa: S608
            [manifest.taken_at, finished_at, name, manifest.size],
        )
