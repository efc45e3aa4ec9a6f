"""Restoring a backup: into an empty database, or beside the one that is there, which it replaces when all is right."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from core.backup import contents
from core.backup.contents import Connection
from core.backup.errors import BackupError
from core.backup.manifest import Manifest, key_fingerprints
from core.backup.programs import find_programs, run
from core.backup.taking import Tell, find_backup
from core.db.direct import Database, drop_database

FORGETS_WITHIN_SECONDS = 3.0
LONGEST_NAME = 63  # in bytes, as PostgreSQL is built
# A database that every server has and nobody works in: from there the others can be renamed.
MAINTENANCE = ("postgres", "template1")
LOCALE_SQL = """
    SELECT pg_encoding_to_char(encoding) AS encoding, datlocprovider::text AS provider, datcollate AS collation,
        datctype AS ctype, coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') AS locale
    FROM pg_database AS d WHERE datname = %s
"""
OTHERS_SQL = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass
class Restored:
    manifest: Manifest
    replaced: bool
    warnings: list[str]


class NotEmptyError(BackupError):
    """There is something in the database, and nobody has said that it may go."""


def restore(database: Database, path: Path, tell: Tell, *, replace: bool = False, has_keys: bool = True) -> Restored:
    """Raises BackupError, and leaves what was there as it was, unless the whole backup is there afterwards."""
    manifest_file, dump = find_backup(path)
    manifest = Manifest.read(manifest_file)
    tell("checking the dump")
    manifest.check_dump(dump)
    with database.connect() as connection:
        programs = find_programs(_suitable_version(connection, manifest))
        _refuse_foreign_owner(connection, database)
        is_empty = not contents.tables(connection)
    warnings = _missing_keys(manifest, key_fingerprints() if has_keys else {})
    if is_empty:
        _fill(database, programs, dump, manifest, tell)
    elif not replace:
        raise NotEmptyError(
            f"The database {database.name} is not empty; confirm with --yes that the backup replaces it."
        )
    else:
        warnings += _replace(database, programs, dump, manifest, tell)
    return Restored(manifest, replaced=not is_empty, warnings=warnings)


def _suitable_version(connection: Connection, manifest: Manifest) -> int:
    ours, theirs = connection.info.server_version // 10_000, manifest.server_version // 10_000
    if ours < theirs:
        raise BackupError(f"The backup is of PostgreSQL {theirs} and this server is {ours}; use a newer server.")
    return ours


def _refuse_foreign_owner(connection: Connection, database: Database) -> None:
    """What a superuser restored would belong to the superuser, and the application could not migrate it any more."""
    row = connection.execute(
        "SELECT pg_get_userbyid(datdba), current_user::text FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if row is None or row[0] != row[1]:
        owner, role = row or ("somebody else", "this role")
        raise BackupError(f"The database {database.name} belongs to {owner}, and this is {role}; restore as {owner}.")


def _fill(database: Database, programs: Path, dump: Path, manifest: Manifest, tell: Tell) -> None:
    """All of it or, in one transaction, nothing; then compares every table with the manifest."""
    tell("restoring")
    run(
        [
            *(programs / "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"),
            *("--enable-row-security", "--dbname", make_conninfo(dbname=database.name), dump),
        ],
        database,
    )
    with database.connect() as connection:
        wrong = contents.differing(manifest.tables, contents.contents(connection, tell))
        found = contents.sequences(connection)
        wrong += [
            f"{name} stands at {found.get(name, 0)} instead of {least}"
            for name, least in manifest.sequences.items()
            if found.get(name, 0) < least
        ]
        if wrong:
            raise BackupError(f"What was restored differs from the backup: {', '.join(wrong)}.")
        tell("gathering statistics")
        connection.execute("ANALYZE")


def _replace(database: Database, programs: Path, dump: Path, manifest: Manifest, tell: Tell) -> list[str]:
    """Fills a new database beside the old one; both change their names in one transaction, then the old one goes.

    Returns warnings.
    """
    draft = database.named(name_beside(database.name, "restoring"))
    old = name_beside(database.name, "replaced")
    with _maintenance(database) as server:
        _refuse_company(server, database)
        for left in (draft.name, old):  # of a restore that was killed
            drop_database(server, left)
        _create_like(server, database.name, draft.name)
        try:
            _fill(draft, programs, dump, manifest, tell)
            tell("putting it in place")
            with server.transaction():
                for name, becomes in ((database.name, old), (draft.name, database.name)):
                    server.execute(
                        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(becomes))
                    )
        except errors.ObjectInUse as error:
            raise BackupError(
                f"Somebody connected to {database.name} meanwhile, so it was left as it is; stop web, worker and beat."
            ) from error
        finally:
            drop_database(server, draft.name)
        tell("removing what was there")
        try:
            drop_database(server, old)
        except errors.ObjectInUse:
            return [f"Somebody still reads what was there before; drop the database {old} yourself."]
        return []


def name_beside(name: str, what: str) -> str:
    """Another one, always the same. PostgreSQL cuts a longer one silently, perhaps to that of the database itself."""
    whole = f"{name}_{what}"
    if len(whole.encode()) <= LONGEST_NAME:
        return whole
    return f"pro_{what}_{hashlib.sha256(name.encode()).hexdigest()[:16]}"


@contextmanager
def _maintenance(database: Database) -> Iterator[Connection]:
    connection = None
    for name in MAINTENANCE:
        try:
            connection = database.named(name).connect()
            break
        except psycopg.OperationalError:
            continue
    if connection is None:
        raise BackupError(
            f"Neither of the databases {' and '.join(MAINTENANCE)} may be connected to, which replacing another one "
            "needs; make an empty database and restore into that."
        )
    with connection:
        if connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [database.name]).fetchone() != (True,):
            raise BackupError(f"Another restore into {database.name} is under way.")
        yield connection


def _refuse_company(server: Connection, database: Database) -> None:
    """A connection that was just closed takes the server a moment to forget."""
    deadline = time.monotonic() + FORGETS_WITHIN_SECONDS
    while (count := _connections(server, database)) and time.monotonic() < deadline:
        Event().wait(0.1)
    if count:
        raise BackupError(
            f"The database {database.name} is in use ({count} open connections); stop web, worker and beat first."
        )


def _connections(server: Connection, database: Database) -> int:
    row = server.execute(OTHERS_SQL, [database.name]).fetchone()
    return row[0] if row else 0


def _create_like(server: Connection, model: str, name: str) -> None:
    """With the encoding and sorting order of the other database, which a server's default need not be."""
    with server.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        cursor.execute(LOCALE_SQL, [model])
        has: dict[str, Any] = cursor.fetchone() or {}
    provider = {"c": "libc", "i": "icu", "b": "builtin"}[has["provider"]]
    words = [
        sql.SQL(
            "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {} LOCALE_PROVIDER {}"
        ).format(sql.Identifier(name), has["encoding"], has["collation"], has["ctype"], sql.SQL(provider))
    ]
    if provider != "libc":
        words.append(sql.SQL("{} {}").format(sql.SQL(f"{provider}_LOCALE"), has["locale"]))
    try:
        server.execute(sql.SQL(" ").join(words))
    except errors.InsufficientPrivilege as error:
        raise BackupError(
            "This role may not create the database to restore into; make an empty one and restore into that."
        ) from error


def _missing_keys(manifest: Manifest, ours: dict[str, list[str]]) -> list[str]:
    """Where either side names no keys, nobody can tell whether they are the right ones."""
    if not (manifest.keys and ours):
        return ["Whether the present keys are those of the backup is not known."]
    return [
        f"{name} lacks {len(missing)} of the keys in use when the backup was taken "
        f"({', '.join(sorted(missing))}): what stands under them cannot be read."
        for name, needed in manifest.keys.items()
        if (missing := set(needed) - set(ours.get(name, [])))
    ]
