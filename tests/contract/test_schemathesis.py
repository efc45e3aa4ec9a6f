"""schemathesis makes requests from the OpenAPI file, good and bad, and finds no 5xx and no undocumented answer."""

import os

import pytest
import schemathesis
from django.conf import settings as django_settings
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pro_platform.wsgi import application
from tests.order_bodies import order_body, product_body

# "A valid body is accepted" is left out on purpose: a total that is no sum is well-formed and refused.
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 200 if os.environ.get("PRO_TEST_FULL") else 15

schema = schemathesis.openapi.from_path(django_settings.BASE_DIR / "docs" / "openapi.yaml")
schema.app = application


@pytest.fixture
def known_ids(api):
    """Ids of rows that exist, so that requests also reach what lies behind a 404."""
    times = {"placed_at": "2026-01-05T10:00:00Z", "paid_at": "2026-01-05T10:00:05Z"}
    order = api.post("/orders", order_body(**times)).json()
    product = api.post("/products", product_body()).json()
    return {"order_id": order["id"], "product_id": product["id"], "customer_id": order["customer"]["id"]}


@pytest.mark.django_db
@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_is_answered_with_a_server_error(case, api, known_ids, keep_connection, settings):
    settings.API_REQUESTS_PER_MINUTE = 10**9
    case.path_parameters = {
        name: known_ids[name] if name in known_ids and len(str(value)) % 2 == 0 else value
        for name, value in case.path_parameters.items()
    }
    case.call_and_validate(headers=api.headers, checks=CHECKS)
