"""What is committed about the API is what the code says: docs/openapi.yaml, docs/errors.md, the docs page."""

import json
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.validation import validate_schema

from core.api.errors_list import listed_errors
from core.api.schema import openapi
from core.api.views import ApiView
from core.errors import DomainError, ErrorKind

OPENAPI = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
METHODS = {"get", "post", "put", "patch", "delete"}


def operations():
    for path, item in openapi()["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method.upper()} {path}", item[method]


def views(patterns=None):
    for pattern in patterns if patterns is not None else get_resolver("pro_platform.api").url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "view_class"):
            yield pattern.callback.view_class


def test_the_committed_description_is_current():
    committed = yaml.safe_load(OPENAPI.read_text(encoding="utf-8"))
    current = yaml.safe_load(json.dumps(openapi()))
    assert committed == current, "Run: python manage.py spectacular --file docs/openapi.yaml"


def test_it_is_valid_openapi():
    validate_schema(openapi())


@pytest.mark.parametrize("name", [name for name, _ in operations()])
def test_every_operation_names_its_key_its_scope_and_its_problems(name):
    operation = dict(operations())[name]
    assert operation["security"] == [{"apiKey": []}]
    assert "Needs the scope `" in operation["description"]
    assert operation["tags"]
    documented = {"400", "401", "403", "405", "406", "422", "429", "500", "503"}
    if "{" in name:
        documented.add("404")
    if "requestBody" in operation:
        documented |= {"413", "415"}
    assert documented <= operation["responses"].keys()
    for status in documented:
        assert "application/problem+json" in operation["responses"][status]["content"]


def test_an_idempotency_key_is_asked_for_where_it_is_needed():
    cancel = dict(operations())["POST /api/v1/orders/{order_id}/cancel"]
    assert [row["name"] for row in cancel["parameters"] if row["in"] == "header"] == ["Idempotency-Key"]


def test_every_view_is_an_api_view_that_says_its_scopes():
    found = list(views())
    assert found
    for view in found:
        assert issubclass(view, ApiView), view
        handled = {method.upper() for method in METHODS if hasattr(view, method)}
        assert handled == set(view.required_scopes), view


class TestErrors:
    def test_the_committed_list_is_current(self):
        call_command("docs_errors", "--check")

    def test_a_stale_list_is_told(self, tmp_path, settings):
        settings.BASE_DIR = tmp_path
        with pytest.raises(CommandError, match="not current"):
            call_command("docs_errors", "--check")
        call_command("docs_errors")
        call_command("docs_errors", "--check")

    def test_codes_are_snake_case_and_messages_are_sentences(self):
        for error in listed_errors():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", error.code)
            assert error.message.endswith((".", "}")), error
            assert error.status >= 400

    def test_one_code_cannot_stand_for_two_refusals(self):
        class Twice(DomainError):
            code = "order_not_found"
            kind = ErrorKind.NOT_FOUND

        Twice.__module__ = "orders.errors"
        try:
            with pytest.raises(ValueError, match="order_not_found is the code of both"):
                listed_errors()
        finally:
            Twice.__module__ = "tests.gone"


@pytest.mark.django_db
class TestDocsPage:
    def test_it_shows_every_operation_and_every_code(self, client):
        page = client.get("/api/docs/").content.decode()
        for path in openapi()["paths"]:
            assert path in page
        for error in listed_errors():
            assert f'id="error-{error.code}"' in page

    def test_it_needs_nothing_from_elsewhere(self, client):
        answer = client.get("/api/docs/")
        page = answer.content.decode()
        assert "<script" not in page
        assert "style=" not in page
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]

    def test_ids_are_unique_and_links_lead_somewhere(self, client):
        page = client.get("/api/docs/").content.decode()
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)

    def test_problem_types_lead_to_the_page(self, client):
        kind = client.get("/api/v1/orders").json()["type"]
        assert kind.endswith("/api/docs/#error-unauthenticated")
        assert 'id="error-unauthenticated"' in client.get("/api/docs/").content.decode()

    def test_the_description_is_served(self, client):
        answer = client.get("/api/schema/")
        assert answer.json()["info"]["title"] == "PRO Platform API"
