from importlib import import_module

from django.apps import AppConfig

from core.privacy.registry import register


class MerchantsConfig(AppConfig):
    name = "merchants"

    def ready(self) -> None:
        register(import_module("merchants.privacy").KEEPER)
