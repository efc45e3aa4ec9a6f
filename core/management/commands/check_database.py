from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.db.direct import Database
from core.db.guard import start_trouble


class Command(BaseCommand):
    help = "Say whether web, worker and beat may start on this database. Status 1 and one sentence when they may not."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if trouble := start_trouble(Database.of_settings()):
            raise CommandError(trouble)
