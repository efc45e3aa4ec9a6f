"""API keys: finds the key of the request and opens its merchant's scope around all that follows."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.api.authentication import ApiCaller
from core.api.errors import BodyTooLarge, LengthRequired, MerchantSuspended, Unauthenticated
from core.api.problems import ensure_problem, from_database, from_domain, respond
from core.clock import now
from core.errors import DomainError
from core.ids import hash_token
from core.tenancy import platform_scope, tenant_scope
from merchants.models import ApiKey

API_PREFIX = "/api/"
# Addresses that take a thousand things at once, and larger bodies.
BATCH_SUFFIX = "/batch"
OPEN_PREFIXES = ("/api/docs/", "/api/schema/")
# The time of use is for people, who do not need it more exactly; each write costs the row a version.
LAST_USED_STEP = timedelta(minutes=1)


class ApiKeyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        at_merchant = getattr(request, "merchant", None) is not None
        if at_merchant or not request.path_info.startswith(API_PREFIX):
            return self.get_response(request)
        if request.path_info.startswith(OPEN_PREFIXES):
            return self.get_response(request)
        try:
            refuse_large_body(request)
            key = find_key(request)
        except DomainError as error:
            return respond(from_domain(error))
        except (OperationalError, InterfaceError) as error:
            return respond(from_domain(from_database(error)))
        request.api_caller = ApiCaller(  # type: ignore[attr-defined]
            key_id=key.pk,
            merchant_id=key.merchant_id,
            scopes=frozenset(key.scopes),
            is_secret=key.kind == ApiKey.Kind.SECRET,
        )
        request.merchant = key.merchant  # type: ignore[attr-defined]
        with tenant_scope(key.merchant_id):
            return ensure_problem(self.get_response(request))


def refuse_large_body(request: HttpRequest) -> None:
    """By its announced length, before a byte of it is read. Django reads no further than that length."""
    if "HTTP_TRANSFER_ENCODING" in request.META and "CONTENT_LENGTH" not in request.META:
        raise LengthRequired
    announced = request.META.get("CONTENT_LENGTH") or "0"
    is_batch = request.path_info.endswith(BATCH_SUFFIX)
    limit: int = settings.API_MAX_BATCH_BYTES if is_batch else settings.API_MAX_BODY_BYTES
    if not announced.isdigit() or int(announced) > limit:
        raise BodyTooLarge(limit=limit)


def find_key(request: HttpRequest) -> ApiKey:
    """The live key of the request's Authorization header. Raises Unauthenticated or MerchantSuspended."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated
    with platform_scope("API key look-up"):
        key = ApiKey.objects.select_related("merchant").filter(secret_hash=hash_token(secret.strip())).first()
    if key is None or not key.is_live:
        raise Unauthenticated
    if key.merchant.is_suspended:
        raise MerchantSuspended
    with tenant_scope(key.merchant_id):
        touch(key)
    return key


def touch(key: ApiKey) -> None:
    due = now() - LAST_USED_STEP
    if key.last_used_at is None or key.last_used_at < due:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=due)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now())
