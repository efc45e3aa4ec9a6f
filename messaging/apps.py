from importlib import import_module

from django.apps import AppConfig

from core.privacy.registry import register


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        privacy = import_module("messaging.privacy")
        register(privacy.MESSAGES)
        register(privacy.SUPPRESSIONS)
