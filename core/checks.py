"""Checks for `manage.py check --deploy`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def mails_can_leave(app_configs: Any, **options: Any) -> list[CheckMessage]:
    if settings.EMAIL_URL:
        return []
    return [
        Warning(
            "EMAIL_URL is empty: mails to shoppers and staff and alerts to operators cannot leave.",
            hint="Set it to a mail server, like smtp://user:password@host:587. Until then nobody can reset a password.",
            id="core.W001",
        )
    ]
