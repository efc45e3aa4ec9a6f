from importlib import import_module

from django.apps import AppConfig

from core.privacy.registry import register


class ConnectorsConfig(AppConfig):
    name = "connectors"

    def ready(self) -> None:
        register(import_module("connectors.privacy").KEEPER)
