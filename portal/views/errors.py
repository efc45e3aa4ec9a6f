"""Error pages in the shop's look. They read nothing but the merchant that the address has named."""

from django.http import HttpRequest, HttpResponse
from django.views.csrf import csrf_failure as django_csrf_failure

from portal.pages import message
from portal.views.frame import message_page, private


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return private(message_page(request, message.bad_request(), status=400))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return private(message_page(request, message.refused(), status=403))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return private(message_page(request, message.not_found(), status=404))


def server_error(request: HttpRequest) -> HttpResponse:
    return private(message_page(request, message.server_error(), status=500))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For the setting CSRF_FAILURE_VIEW: Django's own page where there is no shop."""
    if not hasattr(request, "merchant"):
        return django_csrf_failure(request, reason)
    return private(message_page(request, message.refused(), status=403))
