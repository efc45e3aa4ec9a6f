"""How staff sign in: allauth by e-mail and password, with a second step where the person has set one up."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from merchants.middleware import PREFIX


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up: an owner adds people, or `manage.py create_merchant` does."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At our own address, or the shop's verified domain; any other Host is what a stranger wrote there."""
        url = urlsplit(str(super().get_reset_password_from_key_url(key)))
        if _is_at_own_domain(self.request):
            return url.geturl()
        return f"{settings.PUBLIC_URL}{url.path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        merchant = getattr(self.request, "merchant", None)
        name = merchant.name if merchant else "PRO Platform"
        site = SimpleNamespace(name=name, domain=urlsplit(settings.PUBLIC_URL).netloc)
        super().send_mail(template_prefix, email, {**context, "current_site": site})

    def format_email_subject(self, subject: str) -> str:
        return str(subject)


def _is_at_own_domain(request: HttpRequest) -> bool:
    return getattr(request, "merchant", None) is not None and PREFIX not in request.META["SCRIPT_NAME"]
