"""Servers, an empty migrated database and Django for a measurement; all of it is gone afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.db import connection

from devtools.launcher.keys import new_keys
from devtools.launcher.places import ROOT, Places
from devtools.launcher.record import Record
from devtools.launcher.servers import Servers, discard, start_servers
from devtools.launcher.supervisor import Supervisor, stopping_on_signals


@dataclass(frozen=True)
class Ground:
    database_url: str
    redis_url: str
    folder: Path


@contextmanager
def ground(name: str) -> Iterator[Ground]:
    """On the servers of DATABASE_URL and REDIS_URL where they are set, else on throw-away ones of its own."""
    with tempfile.TemporaryDirectory(prefix="pro-benchmark-") as folder, stopping_on_signals():
        places = Places(Path(folder) / "servers")
        places.make()
        supervisor = Supervisor(Record(places.state))
        try:
            supervisor.record.claim()
            servers = start_servers(supervisor, places, new_keys(), os.environ, binaries_from=Places(ROOT / "var"))
            with _database(servers, f"benchmark_{name}") as database_url:
                yield Ground(database_url, servers.redis_url, Path(folder))
        finally:
            supervisor.stop()
            discard(places)


@contextmanager
def _database(servers: Servers, name: str) -> Iterator[str]:
    os.environ.update(
        PRO_ENV="test",
        DJANGO_SETTINGS_MODULE="pro_platform.settings",
        DATABASE_URL=servers.database_url,
        REDIS_URL=servers.redis_url,
        TEST_DATABASE_NAME=name,
        LOG_LEVEL="WARNING",
    )
    django.setup()
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield urlsplit(servers.database_url)._replace(path=f"/{name}").geturl()
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
