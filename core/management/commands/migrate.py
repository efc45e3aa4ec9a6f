from contextlib import closing
from threading import Event
from typing import Any

import psycopg
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import Error as DatabaseError
from django.db import connections
from django.db.migrations import Migration

from core import clock
from core.db.direct import Database
from core.db.guard import LOCK, has_table, newer_trouble
from core.tenancy import platform_scope

MARKS = "core_migrationmark"
WAIT_SECONDS = 0.5


class Command(DjangoMigrate):
    """Django's own, with all tenants' rows in sight: without a scope, row-level security would hide them.

    One at a time: a second waits until the first has ended. What began and did not end is marked until one does.
    """

    _guard: "psycopg.Connection[tuple[Any, ...]]"
    _alias: str
    _current: Migration | None = None

    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:
            with platform_scope("migrate"):
                super().handle(*args, **options)
            return
        self._alias = options["database"]
        with closing(Database.of_settings(self._alias).connect()) as self._guard:
            self._wait_for_others(options["verbosity"])
            if trouble := newer_trouble(self._guard):
                raise CommandError(trouble)
            self._mark("running", "", "")
            try:
                self._migrate(*args, **options)
            except DatabaseError as error:
                raise CommandError(self._told(error)) from error
            self._unmark("running", "", "")

    def _migrate(self, *args: Any, **options: Any) -> None:
        """A large table takes longer than any page may; a lock that does not come is still given up on."""
        with connections[self._alias].cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        with platform_scope("migrate"):
            super().handle(*args, **options)
        with connections[self._alias].cursor() as cursor:
            cursor.execute("RESET statement_timeout")
            cursor.execute("RESET lock_timeout")

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_start":
            self._current = migration
            self._allow_waiting(for_ever=not migration.atomic)
        elif action == "apply_success" and hasattr(migration, "contract_of"):
            self._mark("contract", migration.app_label, migration.name)
        elif action == "unapply_success" and hasattr(migration, "contract_of"):
            self._unmark("contract", migration.app_label, migration.name)
        super().migration_progress_callback(action, migration, fake)

    def _allow_waiting(self, *, for_ever: bool) -> None:
        """An index that is made while the shop goes on waits for open transactions and holds up nobody meanwhile."""
        with connections[self._alias].cursor() as cursor:
            cursor.execute("SET lock_timeout = 0" if for_ever else "RESET lock_timeout")

    def _wait_for_others(self, verbosity: int) -> None:
        """Asks again and again: one that waited in the server would be waited for by an index that is made online."""
        has_told = not verbosity
        while self._guard.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() != (True,):
            if not has_told:
                self.stdout.write("Another migrate is running on this database; waiting until it has ended.")
                self.stdout.flush()  # also into a pipe: a long silence would look like a fault
                has_told = True
            Event().wait(WAIT_SECONDS)

    def _mark(self, kind: str, app: str, name: str) -> None:
        if has_table(self._guard, MARKS):
            self._guard.execute(
                f"INSERT INTO {MARKS} (kind, app, name, at) VALUES (%s, %s, %s, %s) "  # noqa: S608 - a constant
                "ON CONFLICT (kind, app, name) DO UPDATE SET at = EXCLUDED.at",
                [kind, app, name, clock.now()],
            )

    def _unmark(self, kind: str, app: str, name: str) -> None:
        if has_table(self._guard, MARKS):
            self._guard.execute(
                f"DELETE FROM {MARKS} WHERE kind = %s AND app = %s AND name = %s",  # noqa: S608 - a constant
                [kind, app, name],
            )

    def _told(self, error: DatabaseError) -> str:
        reason = str(error).strip().partition("\n")[0]
        if self._current is None:
            return f"The migrate ended early: {reason}."
        kept = (
            "Nothing of it was kept, so the database stands where the migration before left it."
            if self._current.atomic
            else "A part of it may stand; applying it again begins with taking that away."
        )
        return f"{self._current} could not be applied: {reason}. {kept} See docs/upgrading.md."
