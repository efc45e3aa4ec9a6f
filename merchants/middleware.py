"""The address of a merchant opens its scope: /m/<slug>/… on the platform's host, or a verified domain."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix, set_script_prefix

from core.tenancy import platform_scope, tenant_scope
from merchants.models import Merchant, MerchantDomain

PREFIX = "/m/"
# Probes come by any host name, and must be answered when the database is not.
UNADDRESSED = ("/healthz", "/readyz", "/metrics")
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")


class MerchantRequest(HttpRequest):
    """A request at a merchant's address."""

    merchant: Merchant


class MerchantAddressMiddleware:
    """Finds the merchant of the address, sets the script prefix and URL table, and keeps cookies within it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in UNADDRESSED:
            return self.get_response(request)
        if request.path_info.startswith(PREFIX):
            return self._by_prefix(request)
        merchant = self._by_host(request)
        if merchant is not None:
            return self._serve(request, merchant)
        return self.get_response(request)

    def _by_prefix(self, request: HttpRequest) -> HttpResponseBase:
        slug, slash, rest = request.path_info.removeprefix(PREFIX).partition("/")
        merchant = Merchant.objects.filter(slug=slug).first() if _SLUG.fullmatch(slug) else None
        if merchant is None:
            return self.get_response(request)  # the platform's URL table answers 404
        if not slash:
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        prefix = f"{request.META.get('SCRIPT_NAME', '')}{PREFIX}{slug}"
        request.path_info = f"/{rest}"
        request.META["SCRIPT_NAME"] = prefix
        before = get_script_prefix()
        set_script_prefix(f"{prefix}/")
        try:
            response = self._serve(request, merchant)
        finally:
            set_script_prefix(before)
        for cookie in response.cookies.values():
            if cookie["path"] == "/":
                cookie["path"] = f"{prefix}/"
        return response

    def _by_host(self, request: HttpRequest) -> Merchant | None:
        host = request.get_host().partition(":")[0].lower()
        if settings.PUBLIC_URL.partition("://")[2].partition(":")[0] == host:
            return None
        with platform_scope("address look-up"):
            domain = MerchantDomain.objects.select_related("merchant").filter(host=host).first()
        return domain.merchant if domain is not None and domain.verified_at else None

    def _serve(self, request: HttpRequest, merchant: Merchant) -> HttpResponseBase:
        request.merchant = merchant  # type: ignore[attr-defined]
        request.urlconf = settings.MERCHANT_URLCONF
        # Templates render inside: a TemplateResponse is rendered by the handler within get_response.
        with tenant_scope(merchant.pk):
            return self.get_response(request)


def merchant_of(request: HttpRequest) -> Merchant:
    """The merchant of the request's address. Raises Http404 elsewhere."""
    merchant: Merchant | None = getattr(request, "merchant", None)
    if merchant is None:
        raise Http404
    return merchant


__all__ = ["MerchantAddressMiddleware", "MerchantRequest", "merchant_of"]
