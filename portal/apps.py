from importlib import import_module

from django.apps import AppConfig

from core.privacy.registry import register


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        import_module("portal.handlers")
        register(import_module("portal.privacy").KEEPER)
