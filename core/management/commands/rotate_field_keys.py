from typing import Any

from django.core.management.base import BaseCommand

from core.crypto import rotate


class Command(BaseCommand):
    help = "Encrypt all stored secrets anew under the first key of FIELD_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        count = rotate()
        self.stdout.write(f"{count} rows now stand under the first key. The other keys can be removed.")
