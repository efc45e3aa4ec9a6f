"""An operator, signed in."""

import pytest
from django.test import Client

from core.db import slow
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


@pytest.fixture(autouse=True)
def _slow_statements_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where an earlier test had no Valkey."""
    monkeypatch.setattr(slow, "_silent_until", 0.0)
