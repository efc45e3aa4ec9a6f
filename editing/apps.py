from importlib import import_module

from django.apps import AppConfig


class EditingConfig(AppConfig):
    name = "editing"

    def ready(self) -> None:
        import_module("editing.handlers")
