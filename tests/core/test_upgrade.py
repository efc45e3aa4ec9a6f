"""Upgrades: one migrate at a time, a killed one is noticed and finished, nothing starts on what it cannot work on."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections
from psycopg import sql
from psycopg.errors import UniqueViolation

from core.db.direct import Database, drop_database
from core.db.guard import LOCK, newer_trouble, start_trouble
from devtools import processes
from devtools.launcher.console import LauncherError
from devtools.launcher.programs import executable
from devtools.launcher.stack import wait_until
from devtools.launcher.task import run_task

ROOT = Path(__file__).resolve().parents[2]
INDEX = "portal_link_expiry"
WAITING = "Another migrate is running on this database; waiting until it has ended.\n"


@pytest.fixture
def database(transactional_db):
    """A copy of the tests' database, fully migrated, that no test's connection is in."""
    connections["default"].close()
    usual = Database.of_settings()
    made = usual.named(f"{usual.name}_upgrade")
    with usual.named("postgres").connect() as server:
        drop_database(server, made.name)
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"
        server.execute(ours, [usual.name])
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(made.name), sql.Identifier(usual.name))
        server.execute(copy)
        yield made
        drop_database(server, made.name)


def environment(database, **more):
    url = f"postgres://{database.user}:{database.password}@{database.host}:{database.port}/{database.name}"
    return {**os.environ, "DATABASE_URL": url, **more}


def manage(database, *words, **more):
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment(database, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_line(process):
    assert select.select([process.stdout], [], [], 30)[0], "nothing was said within 30 s"
    return process.stdout.readline()


def migrate(database, *target, **more):
    process = manage(database, "migrate", *target, **more)
    said, complaint = process.communicate(timeout=60)
    return process.returncode, said, complaint


def run_sql(database, statement, *params):
    with database.connect() as connection:
        return connection.execute(statement, params or None)


def indexes(database):
    rows = run_sql(database, "SELECT indexrelid::regclass::text, indisvalid FROM pg_index").fetchall()
    return dict(rows)


def at_work(database, like):
    sql_ = "SELECT pid FROM pg_stat_activity WHERE query LIKE %s AND state = 'active' AND datname = %s"
    return [pid for (pid,) in run_sql(database, sql_, like, database.name).fetchall()]


def end_on_server(database, like):
    """A server goes on with a statement whose client was killed, until it has something to tell it."""
    for pid in at_work(database, like):
        run_sql(database, "SELECT pg_terminate_backend(%s)", pid)
    wait_until(lambda: not at_work(database, like), 10, "its end on the server")


def leave_an_invalid_index(database):
    run_sql(database, "CREATE TABLE twice AS SELECT 1 AS n FROM generate_series(1, 2)")
    with pytest.raises(UniqueViolation):
        run_sql(database, "CREATE UNIQUE INDEX CONCURRENTLY twice_once ON twice (n)")


def mark(database, kind, app="", name=""):
    run_sql(
        database,
        "INSERT INTO core_migrationmark (kind, app, name, at) VALUES (%s, %s, %s, '2026-03-10 12:00Z')",
        *(kind, app, name),
    )


def applied(database, app, name):
    run_sql(database, "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", app, name)


def test_a_database_as_this_code_wants_it(database):
    assert start_trouble(database) == ""


def test_a_database_that_does_not_answer_is_waited_for(database):
    """Web, worker and beat may start before it; /readyz tells."""
    assert start_trouble(Database("app", "127.0.0.1", "1", "app")) == ""


def test_missing_migrations(database):
    run_sql(database, "DELETE FROM django_migrations WHERE app = 'portal' AND name = '0003_link_expiry'")
    assert start_trouble(database) == (
        "1 migrations are not applied, the first is portal.0003_link_expiry. Run manage.py migrate."
    )


def test_an_empty_database(database):
    run_sql(database, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert "are not applied, the first is" in start_trouble(database)


def test_a_migrate_that_runs(database):
    with database.connect() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert start_trouble(database) == "A migrate is running on this database. Start again when it has ended."
    assert start_trouble(database) == ""


def test_a_migrate_that_was_interrupted(database):
    mark(database, "running")
    assert start_trouble(database) == (
        "The migrate that began at 2026-03-10 12:00 UTC was interrupted. Run manage.py migrate again."
    )


def test_an_index_that_was_not_finished(database):
    leave_an_invalid_index(database)
    assert start_trouble(database) == (
        "The index twice_once is not valid, because its making was interrupted. "
        "Run REINDEX INDEX CONCURRENTLY twice_once in psql, then start again."
    )


def test_a_newer_database_is_no_trouble_until_a_contract_step(database):
    """So that a release can be taken back, and the old one goes on while the new one starts."""
    applied(database, "orders", "9998_more_room")
    assert start_trouble(database) == ""
    with database.connect() as connection:
        assert "orders.9998_more_room is applied and not known" in newer_trouble(connection, is_strict=True)
    applied(database, "orders", "9999_less_room")
    mark(database, "contract", "orders", "9999_less_room")
    assert start_trouble(database) == (
        "The database is newer than this code: orders.9999_less_room is applied and not known here. "
        "Start the newer release, or restore a backup that was taken before the upgrade."
    )


def test_a_package_may_drop_migrations_of_its_own(database):
    applied(database, "account", "0099_squashed_since")
    with database.connect() as connection:
        assert newer_trouble(connection, is_strict=True) == ""


@pytest.mark.processes
@pytest.mark.parametrize("process", [processes.WEB, processes.WORKER, processes.BEAT], ids=lambda each: each.name)
def test_web_worker_and_beat_end_with_one_sentence(database, process):
    mark(database, "running")
    words = executable(process.words({**processes.DEVELOPMENT, "port": "0"}))
    ended = subprocess.run(words, cwd=ROOT, env=environment(database), capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    lines = [line for line in (ended.stdout + ended.stderr).splitlines() if "was interrupted" in line]
    assert [line.removeprefix("CommandError: ") for line in lines] == [
        "The migrate that began at 2026-03-10 12:00 UTC was interrupted. Run manage.py migrate again."
    ]


@pytest.mark.processes
@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (
            lambda database: applied(database, "orders", "9999_of_a_branch"),
            "The database is newer than this code: orders.9999_of_a_branch is applied and not known here. "
            "Start the newer release, or restore a backup that was taken before the upgrade.",
        ),
        (
            lambda database: run_sql(database, "DELETE FROM django_migrations WHERE app = 'portal'"),
            'portal.0001_initial could not be applied: relation "portal_portallink" already exists. '
            "Nothing of it was kept, so the database stands where the migration before left it. See docs/upgrading.md.",
        ),
        (
            lambda database: leave_an_invalid_index(database),
            "The index twice_once is not valid, because its making was interrupted. "
            "Run REINDEX INDEX CONCURRENTLY twice_once in psql, then start again.",
        ),
    ],
    ids=["newer", "half", "index"],
)
def test_bin_run_refuses_with_one_sentence(database, tmp_path, harm, says):
    harm(database)
    words = executable(["devtools.launcher.prepare"])
    with pytest.raises(LauncherError) as refusal:
        run_task("Preparing", words, environment(database), tmp_path / "prepare.log")
    assert str(refusal.value) == says


@pytest.mark.processes
def test_two_migrates_wait_for_each_other(database):
    run_sql(database, "DELETE FROM django_migrations WHERE app = 'portal' AND name = '0003_link_expiry'")
    with database.connect() as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        both = [manage(database, "migrate") for _ in range(2)]
        assert [first_line(each) for each in both] == [WAITING, WAITING]
    ended = [each.communicate(timeout=60) for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert sum("Applying portal.0003_link_expiry" in said for said, _ in ended) == 1
    assert start_trouble(database) == ""


@pytest.mark.processes
def test_a_migrate_killed_while_it_makes_an_index_is_noticed_and_finished(database):
    run_sql(database, "DELETE FROM django_migrations WHERE app = 'portal' AND name = '0003_link_expiry'")
    with database.connect() as shopper, shopper.transaction():
        # An open transaction that the making of the index has to wait for, after it has entered it as not yet valid.
        run_sql(database, f"DROP INDEX {INDEX}")
        shopper.execute("LOCK TABLE portal_portallink IN ROW EXCLUSIVE MODE")
        process = manage(database, "migrate")
        wait_until(lambda: indexes(database).get(INDEX) is False, 30, "the index to be begun")
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        end_on_server(database, "CREATE INDEX CONCURRENTLY%")
    assert indexes(database)[INDEX] is False
    wait_until(lambda: "was interrupted" in start_trouble(database), 10, "its lock to be given back")
    status, said, complaint = migrate(database)
    assert (status, complaint) == (0, "")
    assert "Applying portal.0003_link_expiry" in said
    assert indexes(database)[INDEX] is True
    assert start_trouble(database) == ""


@pytest.mark.processes
def test_a_migrate_killed_within_a_migration_leaves_nothing_of_it(database, tmp_path):
    """PostgreSQL takes a migration back as a whole; the rest of the way is gone by the next migrate."""
    later = room(tmp_path, {"0001_things": CREATE + SLEEP})
    process = manage(database, "migrate", **later)
    wait_until(lambda: at_work(database, "SELECT pg_sleep(60)%"), 30, "the migration to be in its middle")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    end_on_server(database, "SELECT pg_sleep(60)%")
    wait_until(lambda: "was interrupted" in start_trouble(database), 10, "its lock to be given back")
    assert run_sql(database, "SELECT to_regclass('later_thing')").fetchone() == (None,)
    room(tmp_path, {"0001_things": CREATE})
    assert migrate(database, **later)[0] == 0
    assert run_sql(database, "SELECT to_regclass('later_thing')::text").fetchone() == ("later_thing",)
    assert start_trouble(database) == ""


@pytest.mark.processes
def test_a_contract_step_is_noted_and_the_release_before_refuses(database, tmp_path):
    drop = "    operations = [migrations.RemoveField('Thing', 'size')]\n    contract_of = '0.0.1'\n"
    later = room(tmp_path, {"0001_things": CREATE, "0002_no_size": drop})
    assert migrate(database, **later)[0] == 0
    assert "later.0002_no_size is applied and not known here" in start_trouble(database)
    assert migrate(database)[2].startswith("CommandError: The database is newer than this code: later.0002_no_size")
    assert migrate(database, "later", "0001", **later)[0] == 0
    assert start_trouble(database) == "", "the step is taken back, and a room more is no trouble"


CREATE = """
    operations = [
        migrations.CreateModel(
            "Thing", [("id", models.BigAutoField(primary_key=True)), ("size", models.IntegerField(null=True))]
        ),
    ]
"""
SLEEP = "    operations.append(migrations.RunSQL('SELECT pg_sleep(60)'))\n"


def room(folder, migrations):
    """A release with one room more; returns the environment that starts it."""
    package = folder / "later" / "migrations"
    package.mkdir(parents=True, exist_ok=True)
    (folder / "later" / "__init__.py").touch()
    (package / "__init__.py").touch()
    before = []
    for name, body in migrations.items():
        head = "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
        (package / f"{name}.py").write_text(f"{head}    dependencies = {before}\n{body}")
        before = [("later", name)]
    (package / "max_migration.txt").write_text(f"{before[0][1]}\n")
    (folder / "later_settings.py").write_text(
        "from pro_platform.settings import *\n\nINSTALLED_APPS = [*INSTALLED_APPS, 'later']\n"
    )
    return {"PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "later_settings", "PYTHONDONTWRITEBYTECODE": "1"}
