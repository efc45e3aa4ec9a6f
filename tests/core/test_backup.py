"""Backups hold one moment of every table, come back exactly, and are refused when they are not what was written."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from psycopg import sql

from core import clock
from core.backup import contents, last_backup
from core.backup.contents import tables
from core.backup.errors import BackupError
from core.backup.manifest import Manifest
from core.backup.progress import Progress
from core.backup.restoring import NotEmptyError, restore
from core.backup.taking import backup_take, find_backup
from core.db.direct import Database, drop_database
from core.models import BackupRecord, TenantModel
from core.tenancy import tenant_scope
from devtools.launcher.stack import wait_until
from tests.tenancy.rows import one_of_everything

ROOT = Path(__file__).resolve().parents[2]


def quiet(_):
    """Nobody looks at the progress."""


@pytest.fixture
def source(transactional_db):
    return Database.of_settings()


@pytest.fixture
def target(source):
    """An empty database beside that of the tests."""
    database = source.named(f"{source.name}_restored")
    with source.named("postgres").connect() as server:
        drop_database(server, database.name)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database.name)))
        yield database
        drop_database(server, database.name)


@pytest.fixture
def two_shops(merchant, other_merchant):
    for each in (merchant, other_merchant):
        with tenant_scope(each.pk):
            one_of_everything(currency=each.currency)


def databases(target):
    """It, and what restoring has put beside it."""
    with target.named("postgres").connect() as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [target.name])
        return {name for (name,) in rows.fetchall()}


def read(database):
    with database.connect() as connection:
        return contents.contents(connection)


def url_of(database):
    return f"postgres://{database.user}:{database.password}@{database.host}:{database.port}/{database.name}"


def run_sql(database, statement):
    with database.connect() as connection:
        return connection.execute(statement)


def test_backup_wipe_restore_every_table_is_equal(source, target, two_shops, tmp_path):
    file, manifest = backup_take(source, tmp_path, quiet)
    restore(target, tmp_path, quiet)
    assert read(target) == manifest.tables
    with source.connect() as connection:
        assert set(manifest.tables) == set(tables(connection))
    counted = {table for table, (count, _) in manifest.tables.items() if count}
    assert counted >= {model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)}
    assert manifest.tables["orders_order"][0] == 2, "of both merchants"
    assert file.parent == tmp_path


def test_policies_keys_triggers_and_sequences_come_back(source, target, two_shops, tmp_path):
    backup_take(source, tmp_path, quiet)
    restore(target, tmp_path, quiet)
    catalogue = """
        SELECT 'policy', tablename, policyname, qual FROM pg_policies
        UNION ALL SELECT 'walls', relname, '', relrowsecurity::text || relforcerowsecurity FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal
        UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT 'sequence', sequencename, '', coalesce(last_value::text, '') FROM pg_sequences
    """
    found = []
    for database in (source, target):
        with database.connect() as connection:
            rows = connection.execute(catalogue).fetchall()
        # PostgreSQL writes the casts of an IN-list differently when it has read its own writing
        found.append({(*row[:3], re.sub(r"::[a-z ]+(\[\])?|[()]", "", row[3])) for row in rows})
    assert {row for row in found[0] ^ found[1] if row[1] != "core_backuprecord_id_seq"} == set()
    with target.connect() as connection:
        connection.execute("SET app.tenant = ''")
        assert connection.execute("SELECT count(*) FROM orders_order").fetchone() == (0,)


def test_files_are_private_whole_and_named_by_time(source, two_shops, tmp_path):
    folder = tmp_path / "made" / "here"
    with clock.frozen(clock.now() - timedelta(days=1)):
        older, _ = backup_take(source, folder, quiet)
    newer, manifest = backup_take(source, folder, quiet)
    assert find_backup(folder) == (newer, newer.with_suffix(".dump"))
    assert sorted(folder.iterdir()) == sorted([older, older.with_suffix(".dump"), newer, newer.with_suffix(".dump")]), (
        "nothing unfinished stays"
    )
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert manifest.size == newer.with_suffix(".dump").stat().st_size
    assert Manifest.read(newer) == manifest
    assert "core.0001_initial" in manifest.migrations


def test_the_last_good_backup_is_remembered(source, tmp_path, at):
    assert last_backup() is None
    backup_take(source, tmp_path, quiet)
    with clock.frozen(at + timedelta(hours=1)):
        file, manifest = backup_take(source, tmp_path, quiet)
    found = last_backup()
    assert (found.taken_at, found.name, found.size) == (at + timedelta(hours=1), file.stem, manifest.size)


def test_no_key_is_written_down(source, tmp_path, settings):
    file, manifest = backup_take(source, tmp_path, quiet)
    text = file.read_text()
    for key in (*settings.FIELD_ENCRYPTION_KEYS, *settings.HASH_PEPPERS, settings.SECRET_KEY):
        assert key not in text
    assert {name: len(keys) for name, keys in manifest.keys.items()} == {
        "FIELD_ENCRYPTION_KEYS": len(settings.FIELD_ENCRYPTION_KEYS),
        "HASH_PEPPERS": len(settings.HASH_PEPPERS),
    }


def test_a_restore_without_the_keys_says_so(source, target, tmp_path, settings):
    backup_take(source, tmp_path, quiet)
    assert restore(target, tmp_path, quiet).warnings == []
    settings.FIELD_ENCRYPTION_KEYS = ["b25seS13aGlsZS10aGUtaW1hZ2UtaXMtYmVpbmctISE="]
    (warning,) = restore(target, tmp_path, quiet, replace=True).warnings
    assert warning.startswith("FIELD_ENCRYPTION_KEYS lacks 1 of the keys")
    (warning,) = restore(target, tmp_path, quiet, replace=True, has_keys=False).warnings
    assert warning == "Whether the present keys are those of the backup is not known."


@pytest.fixture
def backup(source, two_shops, tmp_path):
    return backup_take(source, tmp_path, quiet)[0]


def cut(file):
    dump = file.with_suffix(".dump")
    with dump.open("r+b") as stream:
        stream.truncate(dump.stat().st_size // 2)


def flip(file):
    dump = file.with_suffix(".dump")
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)


def edit(file):
    file.write_text(file.read_text().replace('"orders_order": [\n   2', '"orders_order": [\n   3'))


def half(file):
    file.write_text(file.read_text()[: file.stat().st_size // 2])


def other_format(file):
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "format": 2}))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (cut, r"bytes instead of \d+: it was cut off"),
        (flip, r"\.dump was changed after it was written"),
        (edit, r"\.json was changed after it was written"),
        (half, "cannot be read as a manifest"),
        (other_format, r"\.json was changed after it was written"),
        (lambda file: file.unlink(), "is missing, so nothing says"),
        (lambda file: file.with_suffix(".dump").unlink(), "cannot be read"),
    ],
    ids=["cut", "flip", "edit", "half", "format", "no manifest", "no dump"],
)
def test_what_is_not_as_written_is_refused_before_anything_is_touched(backup, target, damage, says):
    run_sql(target, "CREATE TABLE kept AS SELECT 42 AS answer")
    before = backup.read_text()
    damage(backup)
    assert damage is not edit or backup.read_text() != before
    with pytest.raises(BackupError, match=says):
        restore(target, backup.with_suffix(".dump"), quiet, replace=True)
    assert list(read(target)) == ["kept"]


def test_a_database_that_is_not_empty_is_replaced_only_when_confirmed(backup, source, target):
    run_sql(target, "CREATE TABLE kept AS SELECT 42 AS answer")
    with pytest.raises(NotEmptyError, match="is not empty"):
        restore(target, backup, quiet)
    assert list(read(target)) == ["kept"]
    assert restore(target, backup, quiet, replace=True).replaced
    assert read(target) == Manifest.read(backup).tables
    assert databases(target) == {target.name}, "nothing is left beside it"


def test_a_backup_that_does_not_keep_its_word_is_named_and_not_put_in_place(backup, source, target):
    """The dump is whole and is what was written, and yet a table of it differs from the manifest."""
    run_sql(target, "CREATE TABLE kept AS SELECT 42 AS answer")
    manifest = Manifest.read(backup)
    manifest.tables["orders_order"] = (3, "0:0")
    manifest.tables["orders_customer"] = (2, "0:0")
    manifest.sequences["core_outboxevent_id_seq"] += 1000
    backup.write_text(manifest.text())
    with pytest.raises(
        BackupError, match="orders_customer has other contents, orders_order has 2 rows instead of 3, "
    ) as e:
        restore(target, backup, quiet, replace=True)
    assert "core_outboxevent_id_seq stands at" in str(e.value)
    assert list(read(target)) == ["kept"]
    assert databases(target) == {target.name}


@pytest.mark.parametrize("words", ["LC_COLLATE 'C' LC_CTYPE 'C'", "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"])
def test_sorting_order_stays_that_of_the_database(backup, source, target, words):
    how = "SELECT datlocprovider, datcollate, datctype, to_jsonb(d)->>'datlocale' FROM pg_database AS d"
    with source.named("postgres").connect() as server:
        if "builtin" in words and server.info.server_version < 170_000:
            words = "LC_COLLATE 'C' LC_CTYPE 'C'"
        name = sql.Identifier(target.name)
        drop_database(server, target.name)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(name, sql.SQL(words)))
        run_sql(target, "CREATE TABLE kept AS SELECT 42 AS answer")
        before = server.execute(f"{how} WHERE datname = %s", [target.name]).fetchone()
        restore(target, backup, quiet, replace=True)
        assert server.execute(f"{how} WHERE datname = %s", [target.name]).fetchone() == before


def test_a_kill_in_the_middle_leaves_the_old_data_and_the_next_restore_clears_up(source, target, two_shops, tmp_path):
    run_sql(source, "CREATE TABLE large AS SELECT n, repeat('x', 100) AS t FROM generate_series(1, 200000) AS n")
    backup_take(source, tmp_path, quiet)
    run_sql(source, "DROP TABLE large")
    run_sql(target, "CREATE TABLE kept AS SELECT 42 AS answer")
    draft = f"{target.name}_restoring"
    words = [sys.executable, "manage.py", "restore", str(tmp_path), "--yes"]
    process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "DATABASE_URL": url_of(target)})
    wait_until(lambda: draft in databases(target) or process.poll() is not None, 30, "the new database")
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was killed before its end"
    assert draft in databases(target)
    assert list(read(target)) == ["kept"]
    restore(target, tmp_path, quiet, replace=True)
    assert "orders_order" in read(target)
    assert databases(target) == {target.name}


def test_a_database_in_use_is_left_alone(backup, target, monkeypatch):
    monkeypatch.setattr("core.backup.restoring.FORGETS_WITHIN_SECONDS", 0.3)
    run_sql(target, "CREATE TABLE kept AS SELECT 42 AS answer")
    with (
        target.connect(),
        pytest.raises(BackupError, match=r"is in use \(1 open connections\); stop web, worker and beat"),
    ):
        restore(target, backup, quiet, replace=True)
    assert list(read(target)) == ["kept"]


def test_a_database_of_somebody_else_is_refused(backup):
    with pytest.raises(BackupError, match="belongs to postgres, and this is app; restore as postgres"):
        restore(Database.of_settings().named("postgres"), backup, quiet)


def test_it_is_of_one_moment_while_rows_are_written(source, target, tmp_path):
    """Pairs are written in one transaction each; whatever moment is dumped, every pair is whole."""
    run_sql(source, "CREATE TABLE pair (id bigint, side text)")
    stop, written = threading.Event(), []

    def write():
        with source.connect() as connection:
            while not stop.is_set():
                with connection.transaction():
                    connection.execute("INSERT INTO pair VALUES (%s, 'left')", [len(written)])
                    connection.execute("INSERT INTO pair VALUES (%s, 'right')", [len(written)])
                written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        _, manifest = backup_take(source, tmp_path, quiet)
    finally:
        stop.set()
        writer.join()
        run_sql(source, "DROP TABLE pair")
    restore(target, tmp_path, quiet)
    with target.connect() as connection:
        rows = connection.execute("SELECT count(*), count(DISTINCT id) FROM pair").fetchone()
    assert rows[0] == 2 * rows[1] == manifest.tables["pair"][0]
    assert 0 < rows[1] < len(written), "rows were written before and after the moment"


def test_a_row_that_is_there_twice_or_moved_is_noticed(source, target):
    run_sql(target, "CREATE TABLE a AS SELECT n, 'x' AS t FROM generate_series(1, 100) AS n")
    run_sql(target, "CREATE TABLE b AS SELECT * FROM a ORDER BY n DESC")
    first = read(target)
    assert first["a"] == first["b"], "the order does not matter"
    run_sql(target, "UPDATE b SET n = 2 WHERE n = 1")
    assert contents.differing(first, read(target)) == ["b has other contents"]
    run_sql(target, "INSERT INTO b VALUES (2, 'x')")
    run_sql(target, "DROP TABLE a")
    run_sql(target, "CREATE TABLE c (n int)")
    assert contents.differing(first, read(target)) == [
        "a is missing",
        "b has 101 rows instead of 100",
        "c is not in the backup",
    ]


def test_the_commands(source, target, two_shops, tmp_path, capsys):
    call_command("backup", to=tmp_path, database_url=url_of(source))
    assert " tables, " in capsys.readouterr().out
    call_command("restore", tmp_path, database_url=url_of(target))
    assert "all as they were" in capsys.readouterr().out
    with pytest.raises(CommandError, match="is not empty; confirm with --yes"):
        call_command("restore", tmp_path, database_url=url_of(target))
    call_command("restore", tmp_path, database_url=url_of(target), yes=True)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match="holds no backup"):
        call_command("restore", tmp_path / "empty", database_url=url_of(target))


def test_a_folder_that_cannot_be_written_to_is_named(source, tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(BackupError, match="cannot be written to"):
        backup_take(source, blocked, quiet)


def test_a_failed_dump_leaves_nothing(source, tmp_path, monkeypatch):
    BackupRecord.objects.all().delete()
    real = shutil.which("false")
    monkeypatch.setattr("core.backup.taking.find_programs", lambda _: tmp_path / "programs")
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "pg_dump").symlink_to(real)
    with pytest.raises(BackupError, match="pg_dump failed"):
        backup_take(source, tmp_path / "to", quiet)
    assert list((tmp_path / "to").iterdir()) == []
    assert last_backup() is None


def test_without_programs_it_says_which_to_install(monkeypatch):
    from core.backup import programs

    monkeypatch.setattr(programs, "_folders", lambda: iter(()))
    with pytest.raises(BackupError, match=r"here is none\. Install postgresql-client-18"):
        programs.find_programs(18)


def test_what_takes_long_says_so(monkeypatch):
    monkeypatch.setattr("core.backup.progress.TELL_EVERY_SECONDS", 0.01)
    said = []
    with Progress(said.append) as progress:
        progress("reading orders_order")
        wait_until(lambda: said, 5, "a word")
    assert said[-1].startswith("… reading orders_order (")
