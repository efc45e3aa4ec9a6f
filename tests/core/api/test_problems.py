"""Every refusal is a problem, also those that Django and the database make."""

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions

from core.api.problems import flatten, problem_of
from core.errors import DomainError, ErrorKind


def caused(cause):
    error = OperationalError("down")
    error.__cause__ = cause
    return error


class Teapot(DomainError):
    code = "teapot"
    kind = ErrorKind.CONFLICT
    message = "Short and {shape}."
    retry_after_seconds = 7


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Teapot(shape="stout"), 409, "teapot"),
        (exceptions.ValidationError({"a": ["b"]}), 422, "invalid"),
        (exceptions.ParseError("x"), 400, "malformed"),
        (UnreadablePostError(), 400, "malformed"),
        (exceptions.NotAuthenticated(), 401, "unauthenticated"),
        (PermissionDenied(), 403, "forbidden"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (Http404(), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (RequestDataTooBig(), 413, "body_too_large"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (caused(psycopg.errors.LockNotAvailable()), 503, "busy"),
        (caused(psycopg.errors.QueryCanceled()), 503, "busy"),
        (caused(psycopg.errors.DeadlockDetected()), 503, "busy"),
        (caused(psycopg.errors.AdminShutdown()), 503, "unavailable"),
        (caused(psycopg.OperationalError("refused")), 503, "unavailable"),
        (InterfaceError("closed"), 503, "unavailable"),
    ],
)
def test_each_error_has_its_status_and_code(error, status, code):
    problem = problem_of(error)
    assert (problem.status, problem.code) == (status, code)
    assert (status == 503 or code == "teapot") == ("Retry-After" in problem.headers)
    assert set(problem.body()) == {"type", "title", "status", "detail", "code", "errors"}


def test_an_unexpected_error_is_not_hidden():
    assert problem_of(ValueError("ours")) is None


def test_nested_details_become_paths():
    detail = exceptions.ValidationError(
        {"lines": [{}, {"quantity": ["low"], "non_field_errors": ["odd"]}], "non_field_errors": ["whole"], "a": "b"}
    ).detail
    assert flatten(detail) == {"lines.1.quantity": ["low"], "lines.1": ["odd"], "body": ["whole"], "a": ["b"]}


@pytest.mark.django_db
class TestOverHttp:
    def test_no_such_address(self, api):
        answer = api.get("/nothing/here")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
    def test_other_methods_are_named(self, api, method):
        answer = api.request(method, "/orders")
        assert answer.status_code == 405
        assert answer.json()["code"] == "method_not_allowed"
        assert "GET" in answer.headers["Allow"]

    def test_only_json_is_served(self, api):
        answer = api.client.get("/api/v1/orders", headers={**api.headers, "Accept": "text/html"})
        assert answer.status_code == 406
        assert answer.json()["code"] == "not_acceptable"

    def test_a_crash_is_a_500_problem_without_its_reason(self, api, monkeypatch):
        from orders.api import views

        def crash():
            raise ValueError("the reason")

        monkeypatch.setattr(views, "orders_for_output", crash)
        api.client.raise_request_exception = False
        answer = api.get("/orders")
        assert answer.status_code == 500
        assert answer.json()["code"] == "internal_error"
        assert b"the reason" not in answer.content

    def test_answers_are_not_cached_and_carry_the_request_id(self, api):
        answer = api.client.get("/api/v1/orders", headers={**api.headers, "X-Request-ID": "from-partner-1"})
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-ID"] == "from-partner-1"
