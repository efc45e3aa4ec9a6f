import sys
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.backup.errors import BackupError
from core.backup.progress import Progress
from core.backup.restoring import NotEmptyError, Restored, restore
from core.db.direct import Database


class Command(BaseCommand):
    help = "Restore a backup and compare every table with its manifest. What it replaces goes only when all is right."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, help="a backup's file, or a folder: the newest backup in it")
        parser.add_argument("--database-url", help="instead of the database of the settings")
        parser.add_argument("--no-keys", action="store_true", help="the keys of the settings are not the database's")
        parser.add_argument("--yes", action="store_true", help="replace what is in the database, without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["database_url"]
        database = Database.of_url(url) if url else Database.of_settings()
        has_keys, path = not options["no_keys"], options["backup"]
        try:
            restored = self._restore(database, path, replace=options["yes"], has_keys=has_keys)
        except NotEmptyError as error:
            if not sys.stdin.isatty():
                raise CommandError(str(error)) from error
            if input(f"The database {database.name} is not empty. Type yes to replace it: ").strip() != "yes":
                raise CommandError("Nothing was changed.") from error
            restored = self._restore(database, path, replace=True, has_keys=has_keys)
        for warning in restored.warnings:
            self.stderr.write(f"Warning: {warning}")

    def _restore(self, database: Database, path: Path, *, replace: bool, has_keys: bool) -> Restored:
        with Progress(self.stdout.write) as progress:
            try:
                restored = restore(database, path, progress, replace=replace, has_keys=has_keys)
            except NotEmptyError:
                raise
            except (BackupError, psycopg.Error) as error:
                raise CommandError(" ".join(str(error).split())) from error
        rows = sum(count for count, _ in restored.manifest.tables.values())
        self.stdout.write(
            f"{database.name} holds the backup of {restored.manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC: "
            f"{len(restored.manifest.tables)} tables, {rows} rows, all as they were, in {progress.seconds:.1f} s."
        )
        return restored
