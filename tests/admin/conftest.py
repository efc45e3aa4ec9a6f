"""Staff of one shop, by role, and rows for every page to show."""

from collections.abc import Callable

import pytest
from django.test import Client

from merchants.models import Membership, Merchant, User
from tests.factories import UserFactory

Staff = Callable[..., Client]


@pytest.fixture
def member(scope: Merchant) -> Callable[[str], User]:
    def make(role: str = "owner") -> User:
        user = UserFactory(email=f"{role}@harrow.example", name=f"Ines {role.title()}")
        Membership.objects.create(user=user, role=role)
        return user

    return make


@pytest.fixture
def staff(member: Callable[[str], User]) -> Staff:
    """A browser that is signed in with this role."""

    def sign_in(role: str = "owner") -> Client:
        client = Client()
        client.force_login(member(role))
        return client

    return sign_in
