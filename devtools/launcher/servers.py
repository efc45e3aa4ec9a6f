"""PostgreSQL and Valkey for one run: those that DATABASE_URL and REDIS_URL name, else embedded ones."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
import redis

from devtools.launcher.child import Child
from devtools.launcher.console import LauncherError, Step
from devtools.launcher.places import Places
from devtools.launcher.ports import free_port
from devtools.launcher.postgres import THROW_AWAY, Postgres, reachable_binaries
from devtools.launcher.supervisor import Supervisor
from devtools.launcher.valkey import Valkey, client_of

USUAL_PORTS = {"postgres": 54330, "valkey": 63790, "stripe": 12111}


@dataclass(frozen=True)
class Servers:
    database_url: str
    redis_url: str


def start_servers(
    supervisor: Supervisor,
    places: Places,
    keys: Mapping[str, str],
    environment: Mapping[str, str],
    *,
    binaries_from: Places | None = None,
) -> Servers:
    """`binaries_from` marks throw-away servers: quick and forgetful, with the binaries of the lasting installation."""
    database_url, redis_url = environment.get("DATABASE_URL", ""), environment.get("REDIS_URL", "")
    started: list[Child] = []
    postgres = None
    with Step("Starting PostgreSQL and Valkey" if not (database_url and redis_url) else "Reaching the servers"):
        if not database_url:
            postgres = _postgres(places, keys, binaries_from)
            postgres.initialise()
            started.append(supervisor.start(postgres.program(places.logs / "postgres.log")))
        if not redis_url:
            port = free_port() if binaries_from else port_for("valkey", places)
            valkey = Valkey(places.valkey, port, keys["VALKEY_PASSWORD"], is_durable=not binaries_from)
            valkey.configure()
            started.append(supervisor.start(valkey.program(places.logs / "valkey.log")))
            redis_url = valkey.url
        supervisor.wait_for(started)
        if postgres:
            postgres.create_app_database()
            database_url = postgres.url
        _reach(database_url, redis_url)
    return Servers(database_url, redis_url)


def start_database(supervisor: Supervisor, places: Places, keys: Mapping[str, str]) -> str:
    """The embedded PostgreSQL of a lasting installation, alone; returns its URL."""
    postgres = _postgres(places, keys, None)
    with Step("Starting PostgreSQL"):
        postgres.initialise()
        supervisor.wait_for([supervisor.start(postgres.program(places.logs / "postgres.log"))])
        postgres.create_app_database()
    return postgres.url


def _postgres(places: Places, keys: Mapping[str, str], binaries_from: Places | None) -> Postgres:
    home, account = places.postgres_home()
    binaries = reachable_binaries(account, (binaries_from or places).make_outside)
    password = keys["POSTGRES_PASSWORD"]
    if binaries_from:
        return Postgres(home, binaries, account, free_port(), password, THROW_AWAY)
    return Postgres(home, binaries, account, port_for("postgres", places), password)


def port_for(service: str, places: Places) -> int:
    """The same port as last time when it is still free, so that an open psql or a bookmark goes on working."""
    file = places.state / "ports.json"
    try:
        known = dict(json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        known = {}
    port = free_port(known.get(service, USUAL_PORTS[service]))
    file.write_text(json.dumps({**known, service: port}))
    return port


def _reach(database_url: str, redis_url: str) -> None:
    try:
        psycopg.connect(database_url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise LauncherError(f"the database of DATABASE_URL cannot be reached: {str(error).strip()}") from error
    client = client_of(redis_url)
    try:
        client.ping()
    except redis.RedisError as error:
        raise LauncherError(f"the server of REDIS_URL cannot be reached: {error}") from error
    finally:
        client.close()


def discard(places: Places) -> None:
    """Removes every trace of a throw-away installation."""
    shutil.rmtree(places.outside(), ignore_errors=True)
    shutil.rmtree(places.var, ignore_errors=True)
