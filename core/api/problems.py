"""Errors as RFC 9457 problem+json. The only place that turns an error kind into a status and a body."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from core.api.errors import BodyTooLarge, DependencyDown, InvalidFields, Malformed, Unauthenticated
from core.errors import Busy, DomainError, NotFound

CONTENT_TYPE = "application/problem+json"

# What HTTP itself can refuse, beyond the kinds of the house: status -> (code, detail).
HTTP_PROBLEMS: dict[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be understood."),
    401: (Unauthenticated.code, Unauthenticated.message),
    403: ("forbidden", "This is not allowed."),
    404: (NotFound.code, NotFound.message),
    405: ("method_not_allowed", "This address does not take that method."),
    406: ("not_acceptable", "This address does not serve the type that Accept asks for."),
    413: ("body_too_large", "The body is too large. Send less at a time."),
    415: ("unsupported_media_type", "Send application/json."),
    429: ("rate_limited", "Too many requests. Wait a moment."),
    500: ("internal_error", "Something went wrong on our side. It has been recorded."),
    503: (DependencyDown.code, DependencyDown.message),
}


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    detail: str
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        return {
            "type": f"{settings.PUBLIC_URL}/api/docs/#error-{self.code}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": dict(self.errors),
        }


def from_domain(error: DomainError) -> Problem:
    headers = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if error.kind.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return Problem(error.kind.status, error.code, error.detail, error.field_errors, headers)


def from_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    code, default = HTTP_PROBLEMS.get(status, (HTTPStatus(status).phrase.lower().replace(" ", "_"), ""))
    return Problem(status, code, default or HTTPStatus(status).phrase, {}, headers or {})


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's hook. None lets an unexpected error propagate: it is a fault of ours, and is answered as a 500."""
    problem = problem_of(error)
    if problem is None:
        return None
    return Response(problem.body(), status=problem.status, headers=dict(problem.headers), content_type=CONTENT_TYPE)


def problem_of(error: Exception) -> Problem | None:
    translated = _as_domain_error(error)
    if translated is not None:
        return from_domain(translated)
    if isinstance(error, PermissionDenied):
        return from_status(403)
    if isinstance(error, exceptions.APIException):
        return from_status(error.status_code)
    return None


def _as_domain_error(error: Exception) -> DomainError | None:
    match error:
        case DomainError():
            return error
        case exceptions.ValidationError():
            return invalid_fields(flatten(error.detail))
        case exceptions.ParseError():
            return Malformed(reason=str(error.detail))
        case UnreadablePostError():
            return Malformed(reason="it ended early.")
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Unauthenticated()
        case exceptions.NotFound() | Http404():
            return NotFound()
        case RequestDataTooBig():
            return BodyTooLarge(limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        case OperationalError() | InterfaceError():
            return from_database(error)
    return None


def from_database(error: Exception) -> DomainError:
    """A lock that could not be had, or a server that does not answer. Either way nothing was changed."""
    # 55P03 lock_not_available, 57014 query_canceled (statement time-out), 40P01 deadlock_detected, 40001 serialization
    state = getattr(error.__cause__, "sqlstate", None)
    return Busy() if state in {"55P03", "57014", "40P01", "40001"} else DependencyDown()


def invalid_fields(errors: dict[str, list[str]]) -> InvalidFields:
    shown = ", ".join(list(errors)[:5]) + (" and more" if len(errors) > 5 else "")
    return InvalidFields(field_errors=errors, fields=shown)


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested error detail as {"lines.0.quantity": ["…"]}. What concerns the whole body stands under "body"."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            here = path if key == "non_field_errors" else f"{path}.{key}".lstrip(".")
            for name, messages in flatten(value, here).items():
                found.setdefault(name, []).extend(messages)
        return found
    if isinstance(detail, list) and any(isinstance(item, (dict, list)) for item in detail):
        return flatten({str(index): item for index, item in enumerate(detail) if item}, path)
    messages = detail if isinstance(detail, list) else [detail]
    return {path or "body": [str(message) for message in messages]}


def respond(problem: Problem) -> HttpResponse:
    """A problem outside of DRF: from middleware."""
    return JsonResponse(problem.body(), status=problem.status, content_type=CONTENT_TYPE, headers=dict(problem.headers))


def ensure_problem(response: HttpResponseBase) -> HttpResponseBase:
    """Django's own error pages (no such address, a crash, a refused host) become problems on API paths."""
    if response.status_code < 400 or response.headers.get("Content-Type", "").startswith(CONTENT_TYPE):
        return response
    kept = {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
    return respond(from_status(response.status_code, headers=kept))


def _answer(request: HttpRequest, status: int, page: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    return respond(from_status(status)) if request.path_info.startswith("/api/") else page()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _answer(request, 400, lambda: defaults.bad_request(request, exception))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _answer(request, 403, lambda: defaults.permission_denied(request, exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _answer(request, 404, lambda: defaults.page_not_found(request, exception))


def server_error(request: HttpRequest) -> HttpResponseBase:
    problem = problem_of_crash()
    if request.path_info.startswith("/api/"):
        return respond(problem)
    page = defaults.server_error(request)
    page.status_code = problem.status
    for name, value in problem.headers.items():
        page.headers[name] = value
    return page


def problem_of_crash() -> Problem:
    """For a handler500, which runs while the error is handled: a database that is down is a 503, all else a 500."""
    error = sys.exception()
    known = problem_of(error) if isinstance(error, Exception) else None
    return known if known is not None and known.status == HTTPStatus.SERVICE_UNAVAILABLE else from_status(500)
