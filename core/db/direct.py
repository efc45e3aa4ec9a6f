"""Connections past Django, for work on a database as a whole: backups, restoring, the lock of an upgrade."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import psycopg
from django.db import connections
from psycopg import sql

# All tenants' rows, for as long as it takes, in a form that is the same wherever and whenever it is read.
SETTINGS = {
    "app.tenant": "*",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}
OPTIONS = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())


@dataclass(frozen=True, slots=True)
class Database:
    name: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""

    @classmethod
    def of_settings(cls, alias: str = "default") -> Self:
        found: Mapping[str, Any] = connections[alias].settings_dict
        return cls(found["NAME"], found["HOST"], str(found["PORT"]), found["USER"], found["PASSWORD"])

    @classmethod
    def of_url(cls, url: str) -> Self:
        parts = urlsplit(url)
        return cls(
            unquote(parts.path.lstrip("/")) or "postgres",
            parts.hostname or "",
            str(parts.port or ""),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    def named(self, name: str) -> Self:
        """Another database of the same server."""
        return replace(self, name=name)

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(
            dbname=self.name,
            host=self.host or None,
            port=self.port or None,
            user=self.user or None,
            password=self.password or None,
            connect_timeout=10,
            autocommit=True,
            options=OPTIONS,
        )

    def environment(self) -> dict[str, str]:
        """For PostgreSQL's own programs. Not arguments: those can be read by every user of the machine."""
        pairs = {
            "PGDATABASE": self.name,
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGOPTIONS": OPTIONS,
        }
        return {name: value for name, value in pairs.items() if value}


def drop_database(server: "psycopg.Connection[tuple[Any, ...]]", name: str) -> None:
    """Ends our own connections to it first. WITH (FORCE) fails for a plain role when autovacuum happens to be there."""
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user", [name]
    )
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
