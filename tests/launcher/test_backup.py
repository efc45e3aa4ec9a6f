"""bin/backup and bin/restore, for real: on a database that is stopped, on one that runs, and by URL."""

import os
import subprocess

import psycopg
import pytest

from devtools.launcher.backup import main, reached, read_options
from devtools.launcher.keys import load_or_make_keys
from devtools.launcher.manage import remember_environment
from devtools.launcher.places import ROOT
from devtools.launcher.record import Record
from devtools.launcher.servers import start_database
from devtools.launcher.supervisor import Supervisor


@pytest.fixture(autouse=True)
def _no_servers_of_the_shell(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("TEST_DATABASE_NAME", raising=False)
    monkeypatch.delenv("FIELD_ENCRYPTION_KEYS", raising=False)
    monkeypatch.delenv("HASH_PEPPERS", raising=False)


@pytest.fixture
def installation(hidden):
    """One that has been run and is stopped, with a table."""
    with reached("", hidden, may_run=True) as environment, psycopg.connect(environment["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    return hidden


def test_a_stopped_installation_is_backed_up_wiped_and_restored(installation, tmp_path, capfd):
    assert main("backup", ["--to", str(tmp_path)], installation) == 0
    secrets = installation.secrets.read_text()
    installation.wipe()
    installation.make()
    installation.secrets.write_text(secrets)
    installation.secrets.chmod(0o600)
    assert main("restore", [str(tmp_path)], installation) == 0
    assert "1 tables, 1 rows, all as they were" in capfd.readouterr().out


def test_one_that_runs_is_backed_up_and_not_replaced(installation, tmp_path, capfd, started):
    """The record's lock is held by a launcher, here by this process."""
    supervisor = Supervisor(Record(installation.state))
    supervisor.record.claim()
    keys = load_or_make_keys(installation.secrets, has_data=True)
    url = start_database(supervisor, installation, keys)
    try:
        environment = {**keys, "DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "PRO_ENV": "development"}
        remember_environment(installation, {**os.environ, **environment})
        assert main("backup", ["--to", str(tmp_path)], installation) == 0
        assert main("restore", [str(tmp_path), "--yes"], installation) == 1
        assert "already runs from this checkout" in capfd.readouterr().err
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE other")
        other = f"{url.rpartition('/')[0]}/other"
        assert main("restore", [str(tmp_path), "--database-url", other], installation) == 0
        with psycopg.connect(other) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
    finally:
        supervisor.stop()
        supervisor.record.release()


def test_paths_are_those_of_the_caller_and_the_url_is_no_argument(monkeypatch):
    monkeypatch.setenv("PRO_CALLED_FROM", "/somewhere")
    url = "postgres://app:secret@db/app"
    assert read_options("backup", ["--to", "here"]) == ("", ["backup", "--to", "/somewhere/here"])
    assert read_options("restore", ["file.dump", "--yes", "--database-url", url]) == (
        url,
        ["restore", "/somewhere/file.dump", "--yes", "--no-keys"],
    )
    for name in ("FIELD_ENCRYPTION_KEYS", "HASH_PEPPERS"):
        assert "--no-keys" in read_options("backup", ["--database-url", url])[1]
        monkeypatch.setenv(name, "given")
    assert read_options("restore", ["/file.dump", "--database-url", url]) == (url, ["restore", "/file.dump"])


def test_a_database_of_the_shell_goes_with_the_keys_of_the_installation(hidden, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://app@db/app")
    with reached("", hidden, may_run=True) as environment:
        assert environment["DATABASE_URL"] == "postgres://app@db/app"
    assert environment["HASH_PEPPERS"] == load_or_make_keys(hidden.secrets, has_data=True)["HASH_PEPPERS"]


@pytest.mark.parametrize("name", ["backup", "restore"])
def test_the_commands_exist(name):
    assert os.access(ROOT / "bin" / name, os.X_OK)
    told = subprocess.run([ROOT / "bin" / name, "--help"], capture_output=True, text=True, check=True)
    assert f"usage: bin/{name}" in told.stdout
