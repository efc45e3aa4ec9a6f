from importlib import import_module

from django.apps import AppConfig

from core.privacy.registry import register


class MetricsConfig(AppConfig):
    name = "metrics"
    verbose_name = "Numbers"

    def ready(self) -> None:
        import_module("metrics.handlers")
        register(import_module("metrics.privacy").KEEPER)
