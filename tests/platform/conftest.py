"""An operator, signed in."""

import pytest
from django.test import Client

from merchants.models import User
from tests.factories import UserFactory


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(email="op@pro.example", name="Olga Operator", is_operator=True)


@pytest.fixture
def ops(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client
