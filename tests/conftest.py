"""What every test may ask for: two merchants, an open scope, a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from core import clock
from core.tenancy import tenant_scope
from merchants.models import Merchant
from tests.factories import MerchantFactory

settings.register_profile("quick", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def pytest_configure(config: pytest.Config) -> None:
    import os

    settings.load_profile("full" if os.environ.get("PRO_TEST_FULL") else "quick")


# A Tuesday noon, in no zone's clock change.
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """Rate limits of one test must not reach the next. Each test process has a Valkey database of its own."""
    cache.clear()


@pytest.fixture
def at() -> Iterator[datetime]:
    """The clock stands at noon."""
    with clock.frozen(NOON):
        yield NOON


@pytest.fixture
def merchant(db: None) -> Merchant:
    return MerchantFactory(slug="harrow", name="Harrow & Pine", currency="USD", time_zone="America/Los_Angeles")


@pytest.fixture
def other_merchant(db: None) -> Merchant:
    return MerchantFactory(slug="kettle", name="Kettle & Fern", currency="GBP", time_zone="Europe/London")


@pytest.fixture
def scope(merchant: Merchant) -> Iterator[Merchant]:
    """The first merchant's scope is open."""
    with tenant_scope(merchant.pk):
        yield merchant
