"""Who calls. A middleware of the room that keeps the keys has found the key already; this hands it to DRF."""

import uuid
from dataclasses import dataclass
from typing import cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """A live key, as far as the API needs to know it."""

    key_id: uuid.UUID
    merchant_id: int
    scopes: frozenset[str]
    is_secret: bool


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[None, ApiCaller] | None:
        caller: ApiCaller | None = getattr(request._request, "api_caller", None)
        return None if caller is None else (None, caller)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def caller_of(request: Request) -> ApiCaller:
    """The caller of an authenticated request."""
    return cast("ApiCaller", request.auth)
