from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.backup.errors import BackupError
from core.backup.progress import Progress
from core.backup.taking import backup_take
from core.db.direct import Database

DEFAULT_FOLDER = Path("var", "backups")


class Command(BaseCommand):
    help = "Write a consistent, checked backup of the database: a dump and a manifest of what is in it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=Path(settings.BASE_DIR) / DEFAULT_FOLDER, help="folder")
        parser.add_argument("--database-url", help="instead of the database of the settings")
        parser.add_argument("--no-keys", action="store_true", help="the keys of the settings are not the database's")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["database_url"]
        database = Database.of_url(url) if url else Database.of_settings()
        with Progress(self.stdout.write) as progress:
            try:
                file, manifest = backup_take(database, options["to"], progress, has_keys=not options["no_keys"])
            except (BackupError, psycopg.Error) as error:
                raise CommandError(" ".join(str(error).split())) from error
        rows = sum(count for count, _ in manifest.tables.values())
        self.stdout.write(
            f"{file.with_suffix('.dump')}: {len(manifest.tables)} tables, {rows} rows, {manifest.size / 1e6:.1f} MB, "
            f"in {progress.seconds:.1f} s."
        )
