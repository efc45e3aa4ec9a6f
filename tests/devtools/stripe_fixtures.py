"""Fixtures for every test that pays: import them into a conftest.

    from tests.devtools.stripe_fixtures import stripe_client, stripe_server, stripe_server_session  # noqa: F401

One server per test process; each test finds it empty.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from devtools.stripe.running import StripeServer


@pytest.fixture(scope="session")
def stripe_server_session() -> Iterator[StripeServer]:
    with StripeServer() as server:
        yield server


@pytest.fixture
def stripe_server(stripe_server_session: StripeServer) -> StripeServer:
    stripe_server_session.reset()
    return stripe_server_session


@pytest.fixture
def stripe_client(stripe_server: StripeServer) -> Any:
    """The official client, without its own retries: a test sees every answer."""
    return client_for(stripe_server)


def client_for(server: StripeServer, **options: Any) -> Any:
    return stripe.StripeClient(server.api_key, base_addresses={"api": server.url}, max_network_retries=0, **options)
