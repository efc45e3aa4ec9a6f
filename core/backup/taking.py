"""Taking a backup: a dump and its manifest of one and the same moment, while the shop goes on writing."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from psycopg import IsolationLevel

from core import clock
from core.backup import contents
from core.backup.contents import Connection
from core.backup.errors import BackupError
from core.backup.manifest import FORMAT, Manifest, hash_file, key_fingerprints
from core.backup.programs import find_programs, run
from core.backup.records import record_backup
from core.db.direct import Database
from core.version import VERSION

PREFIX = "pro-"
DUMP, MANIFEST, PART = ".dump", ".json", ".part"
Tell = Callable[[str], None]


def backup_take(database: Database, folder: Path, tell: Tell, *, has_keys: bool = True) -> tuple[Path, Manifest]:
    """Writes, checks and records a backup; returns its manifest. What is left behind on failure is nothing.

    `has_keys` False: the keys of the settings are not those that the database was written with.
    """
    with _claimed(folder):
        with database.connect() as connection:
            if not contents.tables(connection):  # an address with a slip in it, and nobody would notice for months
                raise BackupError(f"The database {database.name} holds no table; is it the one that was meant?")
            programs = find_programs(connection.info.server_version // 10_000)
            taken_at = clock.now()
            name = f"{PREFIX}{taken_at:%Y%m%d-%H%M%S-%f}"
            part = _private_file(folder / f"{name}{DUMP}{PART}")
            manifest = replace(
                _dump(database, connection, programs, part, taken_at, tell),
                keys=key_fingerprints() if has_keys else {},
            )
        tell("checking the dump")
        run([programs / "pg_restore", "--file", os.devnull, part], None)
        manifest_part = _private_file(folder / f"{name}{MANIFEST}{PART}")
        manifest_part.write_text(manifest.text(), encoding="utf-8")
        for file in (part, manifest_part):  # the manifest last: a dump without one is no backup
            _sync(file)
            file.rename(file.with_suffix(""))
            _sync(folder)
        record_backup(database, name, manifest, clock.now())
        return folder / f"{name}{MANIFEST}", manifest


def find_backup(path: Path) -> tuple[Path, Path]:
    """Manifest and dump of a file of either kind, or of the newest backup in a folder."""
    if path.is_dir():
        found = sorted(path.glob(f"{PREFIX}*{MANIFEST}"))
        if not found:
            raise BackupError(f"{path} holds no backup.")
        path = found[-1]
    if path.suffix not in {DUMP, MANIFEST}:
        raise BackupError(f"{path} is no backup: its files end with {DUMP} and {MANIFEST}.")
    return path.with_suffix(MANIFEST), path.with_suffix(DUMP)


def _dump(
    database: Database, connection: Connection, programs: Path, part: Path, taken_at: datetime, tell: Tell
) -> Manifest:
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction():
        # Before the dump reads them: what a sequence had given out by now, the dump knows as well.
        sequences = contents.sequences(connection)
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        if row is None:
            raise BackupError("The server gave no snapshot.")
        run(
            [
                *(programs / "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--enable-row-security"),
                *(f"--snapshot={row[0]}", "--file", part),
            ],
            database,
            lambda: tell(f"dumping, {part.stat().st_size / 1e6:.0f} MB so far"),
        )
        found = contents.contents(connection, tell)
        return Manifest(
            format=FORMAT,
            taken_at=taken_at.astimezone(UTC),
            server_version=connection.info.server_version,
            platform_version=VERSION,
            size=part.stat().st_size,
            sha256=hash_file(part),
            tables=found,
            sequences=sequences,
            migrations=contents.migrations(connection),
            keys={},
        )


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder, so that unfinished files in it belong to none that still runs."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise BackupError(f"{folder} cannot be written to ({error.strerror}).") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(f"Another backup is being written to {folder}.") from error
        _drop_parts(folder)
        try:
            yield
        finally:
            _drop_parts(folder)
    except OSError as error:
        raise BackupError(f"{folder} cannot be written to ({error.strerror}).") from error
    finally:
        os.close(handle)


def _drop_parts(folder: Path) -> None:
    for left in folder.glob(f"{PREFIX}*{PART}"):
        left.unlink()


def _private_file(file: Path) -> Path:
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return file


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
