from importlib import import_module

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "metrics"
    verbose_name = "Numbers"

    def ready(self) -> None:
        import_module("metrics.handlers")
