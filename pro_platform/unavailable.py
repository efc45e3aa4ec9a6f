"""Valkey or PostgreSQL does not answer, or a lock could not be had: 503 and "try again", never a crash."""

from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from redis import RedisError

from portal.views import errors

RETRY_SECONDS = 5
STAFF_PAGES = ("/admin/", "/accounts/")
log = structlog.get_logger(__name__)


class UnavailableMiddleware:
    """For pages: the API tells the same as a problem (core.api.problems), and none of this reaches it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RedisError | OperationalError | InterfaceError):
            return None
        log.error("unavailable", exc_info=exception)
        if hasattr(request, "merchant") and not request.path_info.startswith(STAFF_PAGES):
            response = errors.server_error(request)
        else:
            response = HttpResponse("Something on our side does not answer. Try again in a moment.")
        response.status_code = 503
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
