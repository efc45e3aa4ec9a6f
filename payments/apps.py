from importlib import import_module

from django.apps import AppConfig

from payments.rails import registry


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        import_module("payments.handlers")
        registry.register("stripe", import_module("payments.services.accounts").stripe_rail)
