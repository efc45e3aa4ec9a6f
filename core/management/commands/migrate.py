from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate

from core.tenancy import platform_scope


class Command(DjangoMigrate):
    """Django's own, with all tenants' rows in sight: without a scope, row-level security would hide them."""

    def handle(self, *args: Any, **options: Any) -> None:
        with platform_scope("migrate"):
            super().handle(*args, **options)
