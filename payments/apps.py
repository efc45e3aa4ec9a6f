from importlib import import_module

from django.apps import AppConfig

from core.privacy.registry import register
from payments.rails import registry


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        import_module("payments.handlers")
        register(import_module("payments.privacy").KEEPER)
        registry.register("stripe", import_module("payments.services.accounts").stripe_rail)
