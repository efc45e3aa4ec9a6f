from importlib import import_module

from django.apps import AppConfig

from core.privacy.registry import register


class GiftcardsConfig(AppConfig):
    name = "giftcards"
    verbose_name = "Gift cards"

    def ready(self) -> None:
        register(import_module("giftcards.privacy").KEEPER)
