"""Clients with keys of the two merchants. Imported by the conftest files that need them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from core.tenancy import tenant_scope
from merchants.models import Merchant
from merchants.models.api_key import SCOPES
from merchants.services.api_keys import api_key_issue
from tests.api_client import ApiClient


def issue_key(merchant: Merchant, **options: Any) -> str:
    with tenant_scope(merchant.pk):
        return api_key_issue(merchant_id=merchant.pk, **{"name": "Test", "scopes": list(SCOPES), **options})[1]


@pytest.fixture
def api(merchant: Merchant) -> ApiClient:
    """A key of the first merchant with every scope."""
    return ApiClient(issue_key(merchant))


@pytest.fixture
def other_api(other_merchant: Merchant) -> ApiClient:
    return ApiClient(issue_key(other_merchant))


@pytest.fixture
def make_api(merchant: Merchant) -> Callable[..., ApiClient]:
    return lambda **options: ApiClient(issue_key(merchant, **options))


@pytest.fixture
def keep_connection() -> Iterator[None]:
    """A WSGI application called in process closes the test's own connection after each request; not here.

    Ask for it after the fixtures that use Django's test client, which connects these signals again.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
