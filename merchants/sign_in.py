"""How staff sign in: allauth by e-mail and password, with a second step where the person has set one up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up: an owner adds people, or `manage.py create_merchant` does."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
