"""The embedded servers, for real: made, stopped, killed, found again with their data."""

import os
import stat

import psycopg
import pytest
import redis

from devtools.launcher.account import can_reach
from devtools.launcher.child import Child
from devtools.launcher.console import LauncherError
from devtools.launcher.keys import load_or_make_keys, new_keys
from devtools.launcher.places import ROOT, Places
from devtools.launcher.ports import free_port
from devtools.launcher.postgres import THROW_AWAY, Postgres, reachable_binaries
from devtools.launcher.stack import wait_until
from devtools.launcher.valkey import Valkey, client_of


def make_postgres(places: Places, settings: tuple[str, ...] = THROW_AWAY) -> Postgres:
    home, account = places.postgres_home()
    binaries = reachable_binaries(account, Places(ROOT / "var").make_outside)
    return Postgres(home, binaries, account, free_port(), "first", settings)


def start(server: Postgres | Valkey, places: Places, started: list[Child]) -> Child:
    child = Child(server.program(places.logs / "server.log"))
    started.append(child)
    child.start()
    child.wait_until_ready()
    return child


def test_postgres_keeps_its_data_and_binds_the_application_to_row_level_security(hidden, started):
    server = make_postgres(hidden, settings=())
    server.initialise()
    first = start(server, hidden, started)
    server.create_app_database()
    server.create_app_database()
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        role = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert role == (False, False, False, True)
    assert owner == ("app",)

    first.kill()  # as when the machine stops, with its pid file left behind
    server.initialise()
    start(server, hidden, started)
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_postgres_lives_where_its_account_can_reach_it_and_nobody_else_can_look(hidden):
    mode_before = stat.S_IMODE(hidden.var.parent.stat().st_mode)
    home, account = hidden.postgres_home()
    assert (home, account) == hidden.postgres_home()
    assert can_reach(account, home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(hidden.var.parent.stat().st_mode) == mode_before == 0o700
    assert home.is_relative_to(hidden.outside() if os.geteuid() == 0 else hidden.var)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another account")
def test_data_of_a_deleted_checkout_at_the_same_path_is_not_taken_over(hidden):
    home, _ = hidden.postgres_home()
    (home / "old").touch()
    (hidden.var / "installation").unlink()
    assert hidden.postgres_home()[0] == home
    assert not (home / "old").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another account")
def test_binaries_are_copied_when_their_folder_cannot_be_entered(hidden):
    _, account = hidden.postgres_home()
    installed = reachable_binaries(None, hidden.make_outside)
    assert not can_reach(account, hidden.var)
    # the superuser's own checkout is such a folder on many machines; here the wheel may or may not be reachable
    found = reachable_binaries(account, hidden.make_outside)
    assert found == installed or found.is_relative_to(hidden.outside())


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(hidden, started, bystander):
    server = make_postgres(hidden)
    server.initialise()
    (server.data / "postmaster.pid").write_text(f"{bystander.pid}\n{server.data}\n")
    server.initialise()
    start(server, hidden, started)


def test_data_of_another_version_is_refused_in_one_sentence(hidden):
    server = make_postgres(hidden)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(LauncherError, match="made by PostgreSQL 9 and this is"):
        server.initialise()


def test_a_lost_password_is_explained(hidden, started):
    server = make_postgres(hidden)
    server.initialise()
    start(server, hidden, started)
    other = Postgres(server.home, server.binaries, server.account, server.port, "second")
    with pytest.raises(LauncherError, match=r"another var/secrets\.env"):
        other.trouble()


def test_valkey_keeps_what_it_has_acknowledged_when_killed(hidden, started):
    server = Valkey(hidden.valkey, free_port(), "secret")
    server.configure()
    child = start(server, hidden, started)
    with client_of(server.url) as client:
        client.set("key", "value")
        client.wait(0, 0)
        wait_until(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0, 5)
    child.kill()
    start(server, hidden, started)
    with client_of(server.url) as client:
        assert client.get("key") == b"value"
    with pytest.raises(redis.AuthenticationError), client_of(f"redis://127.0.0.1:{server.port}") as stranger:
        stranger.ping()


def test_keys_are_made_once_and_private(hidden):
    keys = load_or_make_keys(hidden.secrets, has_data=False)
    assert load_or_make_keys(hidden.secrets, has_data=True) == keys
    assert stat.S_IMODE(hidden.secrets.stat().st_mode) == 0o600
    assert set(keys) == set(new_keys())
    hidden.secrets.unlink()
    with pytest.raises(LauncherError, match="is missing, and without its keys"):
        load_or_make_keys(hidden.secrets, has_data=True)
    older = "".join(f"{name}={value}\n" for name, value in keys.items() if name != "HASH_PEPPERS")
    hidden.secrets.write_text(older)
    grown = load_or_make_keys(hidden.secrets, has_data=True)
    assert grown == {**keys, "HASH_PEPPERS": grown["HASH_PEPPERS"]} == load_or_make_keys(hidden.secrets, has_data=True)
    hidden.secrets.write_text("SECRET_KEY=x\n")
    with pytest.raises(LauncherError, match="misses FIELD_ENCRYPTION_KEYS, POSTGRES_PASSWORD, VALKEY_PASSWORD"):
        load_or_make_keys(hidden.secrets, has_data=True)
