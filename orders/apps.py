from importlib import import_module

from django.apps import AppConfig

from core.privacy.registry import register


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        privacy = import_module("orders.privacy")
        register(privacy.CUSTOMER)
        register(privacy.ORDERS)
