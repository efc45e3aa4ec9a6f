"""Two full shops side by side: one row of everything in each."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.core import serializers
from django.db.models import Model
from django.test import Client

from core.tenancy import platform_scope, tenant_scope
from merchants.models import Membership, Merchant
from tests.api_client import ApiClient
from tests.api_fixtures import issue_key
from tests.factories import UserFactory
from tests.tenancy.enumeration import tenant_models
from tests.tenancy.rows import one_of_everything


@dataclass
class Shop:
    merchant: Merchant
    rows: dict[str, Model]
    staff: Client
    api: ApiClient

    @property
    def base(self) -> str:
        return f"/m/{self.merchant.slug}"

    def ids(self) -> set[str]:
        """Those that no other text holds by chance."""
        return {str(row.pk) for row in self.rows.values() if isinstance(row.pk, UUID)}

    def fingerprint(self) -> str:
        """Changes with any row of this shop."""
        with platform_scope("isolation test"):
            rows = [
                serializers.serialize("json", model._base_manager.filter(merchant_id=self.merchant.pk).order_by("pk"))
                for model in tenant_models()
            ]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _shop(merchant: Merchant) -> Shop:
    with tenant_scope(merchant.pk):
        owner: Any = UserFactory()
        Membership.objects.create(user=owner, role="owner")
        rows = one_of_everything(currency=merchant.currency)
    staff = Client()
    staff.force_login(owner)
    return Shop(merchant, rows, staff, ApiClient(issue_key(merchant)))


@pytest.fixture
def ours(merchant: Merchant) -> Shop:
    """The shop that is to be left alone."""
    return _shop(merchant)


@pytest.fixture
def theirs(other_merchant: Merchant) -> Shop:
    """The shop that tries."""
    return _shop(other_merchant)


@pytest.fixture
def untouched(ours: Shop, theirs: Shop) -> Iterator[None]:
    """Whatever the test does as the other shop, not one row of ours changes."""
    before = ours.fingerprint()
    yield
    assert ours.fingerprint() == before
