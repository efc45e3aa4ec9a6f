from django.apps import AppConfig


class DevtoolsConfig(AppConfig):
    """Demo shops and stand-ins for third parties; installed only where settings.DEVTOOLS is on."""

    name = "devtools"
