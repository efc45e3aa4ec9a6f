from importlib import import_module

from django.apps import AppConfig

from core.privacy.registry import register


class EditingConfig(AppConfig):
    name = "editing"

    def ready(self) -> None:
        import_module("editing.handlers")
        register(import_module("editing.privacy").KEEPER)
